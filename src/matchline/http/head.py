"""A request's head, read without making an object of all of it."""

from starlette.requests import Request

from matchline.principal import Principal


def header(request: Request, name: bytes) -> str | None:
    """The first header of this name, which is in lower case; None when there is none."""
    for each, value in request.scope["headers"]:
        if each == name:
            return str(value.decode("latin-1"))
    return None


def asking(request: Request) -> Principal:
    """Who asks, as `authentication.py` found out."""
    found = request.scope["principal"]
    assert isinstance(found, Principal)
    return found
