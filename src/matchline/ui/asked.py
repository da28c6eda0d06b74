"""What a page's handler is given: the request, who asks, and the ways to answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from matchline.engine import Engine
from matchline.engine.service import Service
from matchline.model import Value
from matchline.observing.masking import Private
from matchline.ui.visitor import Visitor

FLASH_COOKIE = "matchline_flash"  # a message for the page that follows, as a browser carries it there
FLASH_SECONDS = 60

Render = Callable[["Asked", str, Mapping[str, object]], str]


@dataclass(slots=True, repr=False)
class Asked(Private):
    request: Request
    engine: Engine
    services: Mapping[str, Service]  # the built-ins by their names
    api: ASGIApp  # the API behind its authentication
    visitor: Visitor
    render: Render
    form: Mapping[str, str] = field(default_factory=dict)  # of a POST
    files: Mapping[str, Value] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return str(self.request.scope["path"])

    def parameter(self, name: str) -> str:
        """Of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """Of the address; empty when it has none."""
        return self.request.query_params.get(name, "").strip()

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A template of `templates/`, which sees `asked` and these values."""
        return Response(self.render(self, template, values), status, media_type="text/html")

    def away(self, path: str, message: str = "") -> Response:
        """Send the browser to another page, which shows the message once."""
        response = RedirectResponse(path, 303)
        if message:
            response.set_cookie(
                FLASH_COOKIE, quote(message), FLASH_SECONDS, path="/ui", httponly=True, samesite="lax"
            )
        return response
