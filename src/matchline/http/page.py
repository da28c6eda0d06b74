"""The API's description for people: one page without scripts, made from the OpenAPI document."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, Template
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from matchline.http.answers import json_answer
from matchline.http.operation import Operation
from matchline.options import Schema
from matchline.principal import APPLICATIONS

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


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
        return Response(page, headers={"content-security-policy": _policy(page)}, media_type="text/html")

    async def document(self, request: Request) -> Response:  # noqa: ARG002
        """The API for programs: OpenAPI 3.1."""
        return json_answer(self._description())

    def operations(self) -> tuple[Operation, ...]:
        page: Schema = {"type": "string"}
        return (
            Operation("GET", "/docs", self.page, page, "text/html", scopes=APPLICATIONS),
            Operation("GET", "/openapi.json", self.document, {"type": "object"}, scopes=APPLICATIONS),
        )

    def unlisted(self) -> tuple[Operation, ...]:
        """Where browsers land; no part of the API."""
        return (Operation("GET", "/", self.root, {}, "text/html", scopes=APPLICATIONS),)


def _policy(page: str) -> str:
    """The page is made by this server alone: its own styles, known by their hash, are all that it needs."""
    hashes = [
        base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in _STYLE.findall(page)
    ]
    styles = " ".join(f"'sha256-{each}'" for each in hashes)
    return (
        f"default-src 'none'; style-src {styles}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
