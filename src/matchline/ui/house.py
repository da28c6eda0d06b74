"""The house: finds the room that a request is for, who asks, and whether they may; the rest of the API is behind it.

Every page leaves with a strict content security policy. Whatever changes something is a POST that proves that it
comes from a page of this server: by where the browser says that it comes from, and by the token of the form.
"""

import hmac
import logging
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.routing import Route as Pattern
from starlette.types import ASGIApp

import matchline.ui
from matchline.engine import Engine
from matchline.engine.policy import Limits
from matchline.engine.service import Service
from matchline.errors import (
    Fault,
    InternalError,
    MethodNotAllowed,
    NotAllowed,
    StoreUnavailable,
    Unavailable,
    UnknownRoute,
)
from matchline.http.answers import fault_answer
from matchline.http.body import read_data
from matchline.http.letting_in import while_let_in
from matchline.observing.context import tell
from matchline.principal import Principal
from matchline.ui import rendering, static_files
from matchline.ui.asked import FLASH_COOKIE, Asked
from matchline.ui.door import NOBODY, Door, set_cookie
from matchline.ui.room import Room, Route
from matchline.ui.visitor import COOKIE, LOGIN, PATH, Visitor

# `same-origin`: so that browsers tell where forms come from, and nobody else where links come from.
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "same-origin",
}

_MEBIBYTE = 1 << 20

# Of forms: a pool's numbers are pasted or uploaded at once. The server's own limits are for its clients.
FORM_LIMITS = Limits(8 * _MEBIBYTE, 4 * _MEBIBYTE, 5000, 4 * _MEBIBYTE, None)
OUTSIDE_LIMITS = Limits(1 << 14, 1 << 12, 10, 0, None)  # of the forms of those who are not let in yet

log = logging.getLogger(__name__)


def rooms() -> tuple[Room, ...]:
    """Every room, in the order of the navigation."""
    modules = (
        import_module(f"{matchline.ui.__name__}.{found.name}")
        for found in iter_modules(matchline.ui.__path__)
    )
    found = [module.room for module in modules if hasattr(module, "room")]
    return tuple(sorted(found, key=lambda room: (room.place, room.title)))


class House:
    def __init__(
        self,
        engine: Engine,
        services: Mapping[str, Service],
        api: ASGIApp,
        let_in: Principal | None = None,
    ) -> None:
        """`api`: the API behind its authentication, for pages that try it."""
        self._engine = engine
        self._services = services
        self._api = api
        self._door = Door(engine, let_in)
        self._rooms = rooms()
        self._routes = [
            (Pattern(route.path, _elsewhere, methods=[route.method]), route)
            for room in self._rooms
            for route in room.routes
        ]

    async def respond(self, request: Request) -> Response:
        response = await self._answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"]
        if path.startswith(static_files.PATH):
            return _static(path)
        try:
            visitor = await self._door.visitor(request)
            if visitor.holder:
                self._engine.guard.admit_key(visitor.holder.id)
        except (Fault, Unavailable) as error:
            return self._fault(self._asked(request, NOBODY), error)
        asked = self._asked(request, visitor)
        response = while_let_in(await self._safely(asked), partial(self._door.is_still, visitor, request))
        if FLASH_COOKIE in request.cookies and response.media_type == "text/html":
            response.delete_cookie(FLASH_COOKIE, path=PATH)
        if visitor.secret and request.cookies.get(COOKIE) != visitor.secret and not _sets_cookie(response):
            set_cookie(request, response, visitor.secret)
        return response

    async def _safely(self, asked: Asked) -> Response:
        try:
            return await self._routed(asked)
        except (Fault, Unavailable) as error:
            return self._fault(asked, error)
        except ClientDisconnect:
            return Response(status_code=400)  # no one reads it
        except Exception:
            log.exception("a page failed")
            return self._fault(asked, InternalError())

    async def _routed(self, asked: Asked) -> Response:
        if asked.path in (PATH, f"{PATH}/"):
            return asked.away(self._rooms[0].path)
        route = self._route(asked.request)
        tell(f"{route.method} {route.path}", asked.visitor.told)
        if route.role is not None and not asked.visitor.may(route.role):
            return self._turned_away(asked)
        if route.method == "POST":
            await _read_form(asked, OUTSIDE_LIMITS if route.role is None else FORM_LIMITS)
        return await route.handler(asked)

    def _route(self, request: Request) -> Route:
        """Raises UnknownRoute, MethodNotAllowed."""
        other = False
        for pattern, route in self._routes:
            match, found = pattern.matches(request.scope)
            if match is Match.FULL:
                request.scope["path_params"] = found["path_params"]
                return route
            other = other or match is Match.PARTIAL
        if other:
            raise MethodNotAllowed(request.method)
        raise UnknownRoute

    def _turned_away(self, asked: Asked) -> Response:
        """Who is not logged in goes to the door; who is may not enter."""
        if asked.visitor.role is not None:
            raise NotAllowed("this: an administrator may")
        url = asked.request.url
        wanted = url.path + (f"?{url.query}" if url.query else "") if asked.request.method == "GET" else PATH
        return asked.away(f"{LOGIN}?to={quote(wanted, safe='')}")

    def _asked(self, request: Request, visitor: Visitor) -> Asked:
        return Asked(request, self._engine, self._services, self._api, visitor, self._render)

    def _render(self, asked: Asked, template: str, values: Mapping[str, object]) -> str:
        flash = unquote(asked.request.cookies.get(FLASH_COOKIE, ""))
        common = {"asked": asked, "rooms": self._rooms, "flash": flash, "static": static_files.address}
        return rendering.rendered(template, {**common, **values})

    def _fault(self, asked: Asked, error: Fault | Unavailable) -> Response:
        fault = error if isinstance(error, Fault) else StoreUnavailable()
        response = asked.page("fault.html", fault.status, fault=fault, kind=type(fault).__name__)
        if fault.retry_after is not None:
            response.headers["retry-after"] = str(fault.retry_after)
        return response


async def _read_form(asked: Asked, limits: Limits) -> None:
    """Raises NotAllowed for a form that is not from a page of this server, and whatever is wrong with its fields."""
    request, visitor = asked.request, asked.visitor
    if not _is_own_page(request):
        raise NotAllowed("forms of other sites")
    fields = await read_data(request, limits)
    asked.form = {name: value.body.decode() for name, value in fields.items() if not value.is_file}
    asked.files = {name: value for name, value in fields.items() if value.is_file}
    token = asked.form.get("token", "").encode()
    if visitor.holder is None and not hmac.compare_digest(token, visitor.token.encode()):
        raise NotAllowed("this form, which is from an earlier login: load the page anew")


def _is_own_page(request: Request) -> bool:
    """Whether the request comes from a page of this server, as far as the browser tells."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _static(path: str) -> Response:
    try:
        return static_files.static_answer(path)
    except UnknownRoute as fault:
        return fault_answer(fault)


def _sets_cookie(response: Response) -> bool:
    return any(value.startswith(f"{COOKIE}=") for value in response.headers.getlist("set-cookie"))


async def _elsewhere(request: Request) -> Response:  # noqa: ARG001 - a pattern's endpoint; it is never asked
    raise UnknownRoute
