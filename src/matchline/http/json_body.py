"""Bodies of the administration API: of one type, and of one form."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from matchline.errors import MalformedBody, UnsupportedMediaType
from matchline.http.body import read_body

T = TypeVar("T")

MAX_DOCUMENT = 16 << 20  # bytes: some hundred thousand numbers


def expect(request: Request, media_type: str) -> None:
    """A web page of another origin cannot send these types without being asked first."""
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if given != media_type:
        raise UnsupportedMediaType(f"The body must be {media_type}.")


async def read_json(request: Request, form: type[T]) -> T:
    expect(request, "application/json")
    try:
        return msgspec.json.decode(await read_body(request, MAX_DOCUMENT), type=form)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedBody(f"The body is not what is expected: {error}.") from None
