"""What web pages load from here: the element `<call-me>`, the very files that its npm package holds."""

import hashlib
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from matchline.http.head import header
from matchline.http.operation import Operation
from matchline.principal import ANYONE

PATH = "/sdk/"
MODULES = ("call-me.js", "call-me-asking.js", "call-me-panel.js")  # the first imports the others

# Any page may load a module, as from any public host of scripts; what it may ask is what `cors_origins` says.
# Browsers ask each time whether it has changed: modules of two versions do not fit together.
_HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, no-cache",
}


class Sdk:
    async def module(self, request: Request) -> Response:
        """A module of the element `<call-me>`."""
        module, tag = _module(request.scope["path"].removeprefix(PATH))
        headers = {**_HEADERS, "etag": tag}
        if header(request, b"if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(module, headers=headers, media_type="text/javascript")

    def operations(self) -> tuple[Operation, ...]:
        """For browsers; no part of the API."""
        return tuple(
            Operation("GET", PATH + name, self.module, {}, "text/javascript", scopes=ANYONE)
            for name in MODULES
        )


@cache
def _module(name: str) -> tuple[bytes, str]:
    """A module, and what tells its versions apart."""
    module = files("matchline").joinpath("sdk", name).read_bytes()
    return module, f'"{hashlib.sha256(module).hexdigest()[:32]}"'
