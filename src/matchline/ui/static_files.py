"""The style sheet, the scripts and the pictures of the UI: files of the package, read once."""

import hashlib
from functools import cache
from importlib.resources import files

from starlette.responses import Response

from matchline.errors import UnknownRoute

PATH = "/ui/static/"
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

# Addresses carry a digest of the content, so that what a browser keeps is never out of date.
_KEPT = "public, max-age=31536000, immutable"
_DIGEST_CHARACTERS = 12


def static_answer(path: str) -> Response:
    """Raises UnknownRoute. A page of another version is given the file as it is here, and does not keep it."""
    name = path.rsplit("/", 1)[-1]
    body = _files().get(name)
    if body is None:
        raise UnknownRoute
    kept = _KEPT if path == address(name) else "no-cache"
    return Response(
        body, headers={"cache-control": kept}, media_type=_KINDS[name.rsplit(".", maxsplit=1)[-1]]
    )


@cache
def address(name: str) -> str:
    """Where a page finds a file. Scripts that scripts import go by the bare name, under the same digest."""
    return f"{PATH}{_digest()}/{name}"


@cache
def _digest() -> str:
    """Of all files together: one that changes may be imported by another."""
    content = b"\0".join(part for name, body in sorted(_files().items()) for part in (name.encode(), body))
    return hashlib.sha256(content).hexdigest()[:_DIGEST_CHARACTERS]


@cache
def _files() -> dict[str, bytes]:
    folder = files("matchline.ui").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name.rsplit(".")[-1] in _KINDS}
