"""The API's description for people: one page without scripts, made from the OpenAPI document."""

from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, Template
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from matchline.http.answers import json_answer
from matchline.http.operation import Operation
from matchline.options import Schema

# The page is made by this server alone and needs nothing from anywhere.
_HEADERS = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}


@cache
def _template() -> Template:
    """Compiled when the page is first asked for: most processes never are."""
    loader = PackageLoader("matchline.http")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("api.html")


class ApiPage:
    def __init__(self, description: Callable[[], Schema]) -> None:
        self._description = description

    async def root(self, request: Request) -> Response:  # noqa: ARG002
        """Send browsers to the page."""
        return RedirectResponse("/docs")

    async def page(self, request: Request) -> Response:  # noqa: ARG002
        """The API for people."""
        page = _template().render(api=self._description())
        return Response(page, headers=_HEADERS, media_type="text/html")

    async def document(self, request: Request) -> Response:  # noqa: ARG002
        """The API for programs: OpenAPI 3.1."""
        return json_answer(self._description())

    def operations(self) -> tuple[Operation, ...]:
        page: Schema = {"type": "string"}
        return (
            Operation("GET", "/docs", self.page, page, "text/html"),
            Operation("GET", "/openapi.json", self.document, {"type": "object"}),
        )

    def unlisted(self) -> tuple[Operation, ...]:
        """Where browsers land; no part of the API."""
        return (Operation("GET", "/", self.root, {}, "text/html"),)
