"""What web pages load from here: the element `<call-me>`, the very file that its npm package holds."""

import hashlib
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from matchline.http.head import header
from matchline.http.operation import Operation
from matchline.principal import ANYONE

PATH = "/sdk/call-me.js"

# Any page may load a module, as from any public host of scripts; what it may ask is what `cors_origins` says.
_HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=3600",
}


class Sdk:
    async def call_me(self, request: Request) -> Response:
        """The element `<call-me>`, an ES module."""
        module, tag = _call_me()
        headers = {**_HEADERS, "etag": tag}
        if header(request, b"if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(module, headers=headers, media_type="text/javascript")

    def operations(self) -> tuple[Operation, ...]:
        """For browsers; no part of the API."""
        return (Operation("GET", PATH, self.call_me, {}, "text/javascript", scopes=ANYONE),)


@cache
def _call_me() -> tuple[bytes, str]:
    """The module, and what tells its versions apart."""
    module = files("matchline").joinpath("sdk", "call-me.js").read_bytes()
    return module, f'"{hashlib.sha256(module).hexdigest()[:32]}"'
