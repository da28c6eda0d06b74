"""What every request passes before it is looked at, and the headers that every answer carries."""

from starlette.requests import Request
from starlette.responses import Response

from matchline.engine.guard import Guard
from matchline.http.head import header

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


def admit(guard: Guard, request: Request) -> None:
    """Raises NotOpenToNetwork, WrongPort, TooManyRequests."""
    server = request.scope.get("server")
    port = (server[1] if server else None) or 0
    guard.admit(address_of(request), request.scope["path"], port, header(request, b"host") or "")


def address_of(request: Request) -> str:
    """Where the client is; nothing of one who comes through a Unix socket."""
    client = request.scope.get("client")
    return client[0] if client else ""


def guard_headers(request: Request, response: Response) -> None:
    """Add those that the answer does not set itself, which few do."""
    headers = response.raw_headers
    own = [name for name, _ in headers if name in _NAMES]
    headers += [each for each in SECURITY_HEADERS if each[0] not in own] if own else SECURITY_HEADERS
    if request.scope.get("scheme") == "https":
        headers.append(STRICT_TRANSPORT)
