"""Cross-origin requests of web pages, as the option `cors_origins` allows: in force at once when it changes."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matchline.engine.configure import Keeper

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_PREFLIGHT_SECONDS = "600"  # a change of the option reaches every browser within this time
_EXPOSED = "Retry-After"


class Cors:
    def __init__(self, app: ASGIApp, keeper: Keeper) -> None:
        self._app = app
        self._keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = self._allowed_origin(scope) if scope["type"] == "http" else None
        if origin is None:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(origin, headers)(scope, receive, send)
            return

        async def with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered["access-control-allow-origin"] = origin
                answered["access-control-expose-headers"] = _EXPOSED
                answered.add_vary_header("Origin")
            await send(message)

        await self._app(scope, receive, with_origin)

    def _allowed_origin(self, scope: Scope) -> str | None:
        allowed = self._keeper.current.server.cors_origins
        if not allowed:
            return None
        origin = Headers(scope=scope).get("origin")
        return origin if origin and ("*" in allowed or origin in allowed) else None


def _preflight(origin: str, headers: Headers) -> Response:
    return Response(
        status_code=204,
        headers={
            "access-control-allow-origin": origin,
            "access-control-allow-methods": _METHODS,
            "access-control-allow-headers": headers.get("access-control-request-headers", ""),
            "access-control-max-age": _PREFLIGHT_SECONDS,
            "vary": "Origin",
        },
    )
