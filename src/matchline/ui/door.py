"""The door: who is let in, by which credentials.

A login becomes a visit, kept in the store so that every node knows it; the browser holds its secret in a cookie.
A browser without one gets a secret too, so that its forms are as well guarded.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from matchline.clock import SECOND
from matchline.engine import Engine
from matchline.engine.keys import digest
from matchline.errors import NotAllowed, Unavailable
from matchline.kept.attendance import LONGEST, Role
from matchline.principal import Principal, Scope
from matchline.ui.visitor import COOKIE, PATH, Visitor

NOBODY = Visitor("nobody", None, "")

_SECRET = re.compile(r"[0-9a-f]{64}")  # 256 bits


class Door:
    def __init__(self, engine: Engine, let_in: Principal | None) -> None:
        """`let_in`: who asks where the way in proves enough."""
        self._engine = engine
        self._let_in = let_in

    async def visitor(self, request: Request) -> Visitor:
        """Who asks. Raises NotAllowed, Unavailable."""
        secret = _secret(request)
        is_open = not self._engine.keeper.current.access.is_closed
        if self._let_in or is_open:
            if not self._let_in and not _is_asked_by_address(request):
                raise NotAllowed("a server without a password, unless it is asked by its address")
            name = self._let_in.name if self._let_in else "everyone"
            return Visitor(name, Role.ADMINISTRATOR, secret or self._new_secret())
        holder = self._holder(request)
        if holder:
            return Visitor(holder.name, Role.ADMINISTRATOR, "", holder)
        visit = await self._engine.visits.find(secret) if secret else None
        if visit:
            return Visitor(visit.name, visit.role, secret, is_logged_in=True)
        return Visitor("nobody", None, secret or self._new_secret())

    async def is_still(self, visitor: Visitor, request: Request) -> bool:
        """Whether who asked may as much now."""
        try:
            return (await self.visitor(request)).told == visitor.told
        except (NotAllowed, Unavailable):
            return False

    def _holder(self, request: Request) -> Principal | None:
        """Of an administrator's API key."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        found = self._engine.keeper.current.access.keys.get(digest(key.strip()))
        if kind.lower() != "bearer" or found is None or Scope.ADMIN not in found.scopes:
            return None
        self._engine.keys.used(found.id)
        return found

    def _new_secret(self) -> str:
        return self._engine.chance.secret().hex()


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Not `Strict`: who follows a link to the UI from elsewhere is still logged in; what changes is a POST."""
    response.set_cookie(
        COOKIE,
        secret,
        LONGEST // SECOND,
        path=PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _secret(request: Request) -> str:
    """Empty for one that this server did not make."""
    given = request.cookies.get(COOKIE, "")
    return given if _SECRET.fullmatch(given) else ""


def _is_asked_by_address(request: Request) -> bool:
    """A page elsewhere can let its own name lead to this machine, but not an address (DNS rebinding)."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if host == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
