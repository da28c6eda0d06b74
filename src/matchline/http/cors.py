"""Cross-origin requests of web pages, as the option `cors_origins` allows: in force at once when it changes."""

from starlette.requests import Request
from starlette.responses import Response

from matchline.engine.configure import Keeper

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_PREFLIGHT_SECONDS = "600"  # a change of the option reaches every browser within this time
_EXPOSED = "Retry-After"


class Cors:
    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def allowed_origin(self, request: Request) -> str | None:
        """From where a page asks that may; None for all else."""
        allowed = self._keeper.current.server.cors_origins
        if not allowed:
            return None
        origin = request.headers.get("origin")
        return origin if origin and ("*" in allowed or origin in allowed) else None

    def preflight(self, origin: str, request: Request) -> Response | None:
        """The answer to a browser that asks whether its page may ask."""
        headers = request.headers
        if request.method != "OPTIONS" or "access-control-request-method" not in headers:
            return None
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

    def told(self, origin: str, response: Response) -> Response:
        """The answer, such that the page may read it."""
        response.headers["access-control-allow-origin"] = origin
        response.headers["access-control-expose-headers"] = _EXPOSED
        response.headers.add_vary_header("Origin")
        return response
