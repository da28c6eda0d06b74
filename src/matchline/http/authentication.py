"""Who asks? Every request's credentials are checked here, before anything else of the API sees it.

Without configured credentials everyone is let in; with the first one, nobody without, except that the password of one
service, or of the storage, closes that part and the administration alone. What a principal may do is decided further
in: by the operation's scopes (`app.py`), and by the engine, which knows who made what.
"""

import base64
import hmac
from collections.abc import Iterable

from starlette.types import Scope

from matchline.clock import SECOND
from matchline.engine import Engine
from matchline.engine.access import Access, Part
from matchline.engine.keys import PREFIX, digest
from matchline.errors import NotAuthenticated, UnknownSession
from matchline.http.letting_in import IsLetIn
from matchline.http.operation import Operation
from matchline.http.tokens import Tokens
from matchline.principal import ANYONE, COMMANDS, EVERYONE, NOBODY, PLATFORM, Means, Principal
from matchline.wire import BASE_PATH, CHART_EVENTS_PATH

_SERVICE = f"{BASE_PATH}/service/"
_STORAGE = f"{BASE_PATH}/storage/"


class Authentication:
    def __init__(
        self, engine: Engine, operations: Iterable[Operation], let_in: Principal | None = None
    ) -> None:
        """`let_in`: who asks without credentials where the way in proves enough."""
        self._engine = engine
        self._open = frozenset((each.method, each.path) for each in operations if each.scopes is ANYONE)
        self._let_in = let_in
        self._tokens = Tokens()

    async def principal(self, scope: Scope) -> Principal:
        """Raises NotAuthenticated."""
        access = self._engine.keeper.current.access
        if self._let_in or not access.is_closed:
            return self._let_in or EVERYONE
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if (method, scope["path"]) in self._open:
            return NOBODY
        if scope["path"].startswith(CHART_EVENTS_PATH):
            return NOBODY  # the token in the address is looked at there
        if self._engine.guard.awaits_signature(scope["path"]):
            return PLATFORM
        if await self._is_open_part(access, scope["path"]):
            return EVERYONE
        kind, _, credentials = _authorization(scope).partition(" ")
        found = None
        if kind.lower() == "bearer":
            found = await self._bearer(access, credentials.strip())
        elif kind.lower() == "basic":
            found = await self._visitor(await self._part(access, scope["path"]), credentials)
        if found is None:
            part = await self._part(access, scope["path"]) if kind else access.server
            raise NotAuthenticated(_challenge(access, part))
        return found

    def going_on(self, scope: Scope) -> IsLetIn:
        """Of a request that is about to be let in: whether its credentials would let in the same principal now.

        They are looked at again once the configuration has changed. A token ends by itself.
        """
        access = self._engine.keeper.current.access

        async def is_let_in() -> bool:
            found: Principal = scope["principal"]
            if self._engine.keeper.current.access is access and found.means is not Means.TOKEN:
                return True
            try:
                return await self.principal(scope) == found
            except NotAuthenticated:
                return False

        return is_let_in

    async def _is_open_part(self, access: Access, path: str) -> bool:
        """Administration is no part: it is closed as soon as anything is."""
        if not access.guards_parts_only or not path.startswith((_SERVICE, _STORAGE)):
            return False
        return (await self._part(access, path)).login is None

    async def _bearer(self, access: Access, secret: str) -> Principal | None:
        if secret.startswith(PREFIX):
            found = access.keys.get(digest(secret))
            if found:
                self._engine.keys.used(found.id)
            return found
        if access.tokens is None:
            return None
        return await self._tokens.principal(access.tokens, secret, self._engine.clock.now() / SECOND)

    async def _visitor(self, part: Part, credentials: str) -> Principal | None:
        given = _user_and_password(credentials)
        if given is None:
            return None
        username, password = given
        if hmac.compare_digest(password.encode(), self._engine.keys.local.encode()):
            return COMMANDS
        if part.login is None:
            return None
        is_user = part.login.is_user(username)
        is_right = await self._engine.passwords.check(part.login.sealed, password)
        return part.login.principal if is_user and is_right else None

    async def _part(self, access: Access, path: str) -> Part:
        """Whose password opens this address. A session belongs to its service's part."""
        if path.startswith(_STORAGE):
            return access.storage
        if not path.startswith(_SERVICE) or not access.services:
            return access.server
        name = path.removeprefix(_SERVICE).partition("/")[0]
        if name not in self._engine.keeper.current.services:
            try:
                name = (await self._engine.reservations.session(name, EVERYONE)).service
            except UnknownSession:
                return access.server
        return access.services.get(name, access.server)


def _authorization(scope: Scope) -> str:
    """The header, if it is sent once."""
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    return str(found[0].decode("latin-1")) if len(found) == 1 else ""


def _user_and_password(credentials: str) -> tuple[str, str] | None:
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return None
    username, colon, password = text.partition(":")
    return (username, password) if colon else None


def _challenge(access: Access, part: Part) -> str:
    """Basic first: browsers take the first that they know."""
    kinds = []
    if part.login or (part is access.server and access.has_passwords):
        kinds.append(f'Basic realm="{part.realm}", charset="UTF-8"')
    if access.keys or access.tokens:
        kinds.append(f'Bearer realm="{part.realm}"')
    return ", ".join(kinds)
