"""What every request passes before it is looked at, and the headers that every answer carries."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matchline.engine.guard import Guard
from matchline.errors import Fault
from matchline.http.answers import fault_answer

# No answer is a page for others to embed, and what is answered may be somebody's data.
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)

# A year, so that a browser that was here once never asks in the clear again.
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


_NAMES = frozenset(name for name, _ in SECURITY_HEADERS)

Headers = tuple[tuple[bytes, bytes], ...]


def _missing(given: Iterable[tuple[bytes, bytes]], wanted: Headers) -> Headers:
    """Those of the wanted headers that an answer does not set itself, which few do."""
    own = [name for name, _ in given if name in _NAMES]
    return tuple(each for each in wanted if each[0] not in own) if own else wanted


class Guarded:
    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted: Headers = SECURITY_HEADERS
        if scope.get("scheme") == "https":
            wanted = (*SECURITY_HEADERS, STRICT_TRANSPORT)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_missing(message["headers"], wanted)]
            await send(message)

        client, server = scope.get("client"), scope.get("server")
        try:
            self._guard.admit(
                client[0] if client else "", scope["path"], (server[1] if server else None) or 0
            )
        except Fault as fault:
            await fault_answer(fault)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


class KeysLimited:
    """Within the authentication: how often whoever has the same credentials may ask."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal = scope.get("principal")
        if principal is not None and principal.id:
            try:
                self._guard.admit_key(principal.id)
            except Fault as fault:
                await fault_answer(fault)(scope, receive, send)
                return
        await self._app(scope, receive, send)
