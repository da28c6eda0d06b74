"""A request's head, read without making an object of all of it."""

from starlette.requests import Request


def header(request: Request, name: bytes) -> str | None:
    """The first header of this name, which is in lower case; None when there is none."""
    for each, value in request.scope["headers"]:
        if each == name:
            return str(value.decode("latin-1"))
    return None
