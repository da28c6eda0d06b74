"""How stored values are answered: a string as text, a file as its bytes, and where this server is."""

from starlette.requests import Request
from starlette.responses import Response

from matchline.engine import Engine
from matchline.http.answers import text_answer
from matchline.http.head import header
from matchline.model import Value
from matchline.wire import file_url


def base_url(engine: Engine, request: Request) -> str:
    """Where clients reach this server, for absolute URLs."""
    public = engine.keeper.current.server.public_url
    return public or f"{request.scope['scheme']}://{header(request, b'host') or 'localhost'}"


def value_answer(base_url: str, record_id: str, key: str, value: Value) -> Response:
    """A string as text; a file as its address."""
    if value.is_file:
        return text_answer(file_url(base_url, record_id, key))
    return Response(value.body, media_type="text/plain")


def binary_answer(value: Value) -> Response:
    """The bytes as they were sent, so that no browser shows or runs them."""
    return Response(
        value.body,
        headers={
            "content-type": value.content_type or "text/plain; charset=utf-8",
            "content-disposition": "attachment",
            "x-content-type-options": "nosniff",
        },
    )
