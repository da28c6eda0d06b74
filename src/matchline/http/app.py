"""The application: routes made of operations, and the one place where faults become HTTP."""

import logging
from collections.abc import Iterable

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from matchline.errors import (
    Fault,
    InternalError,
    MethodNotAllowed,
    StoreUnavailable,
    Unavailable,
    UnknownRoute,
)
from matchline.http.answers import fault_answer
from matchline.http.operation import Handler, Operation

log = logging.getLogger(__name__)


class AnyPath(PathConvertor):
    """The rest of an address, line breaks too (Starlette's own ends there): a key may hold any character."""

    regex = "(?s:.*)"


register_url_convertor("path", AnyPath())


class Resource:
    """One address with a handler for each method."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self._handlers = handlers
        if "GET" in handlers:
            handlers.setdefault("HEAD", handlers["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        handler = self._handlers.get(scope["method"])
        if handler is None:
            response = fault_answer(MethodNotAllowed(scope["method"]))
            response.headers["allow"] = ", ".join(sorted(self._handlers))
        else:
            response = await _answer(handler, request)
        await response(scope, receive, send)


async def _answer(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except Fault as fault:
        return fault_answer(fault)
    except Unavailable as error:
        log.warning("a request was refused because the store does not answer: %s", error)
        return fault_answer(StoreUnavailable())
    except ClientDisconnect:
        return Response(status_code=400)  # no one reads it
    except Exception:
        log.exception("a request failed")
        return fault_answer(InternalError())


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await fault_answer(UnknownRoute())(scope, receive, send)


def router(operations: Iterable[Operation]) -> ASGIApp:
    """Operations of one path are one resource; paths are tried in the order in which they are first named."""
    resources: dict[str, dict[str, Handler]] = {}
    for operation in operations:
        resources.setdefault(operation.path, {})[operation.method] = operation.handler
    routes = [Route(path, Resource(handlers)) for path, handlers in resources.items()]
    return Router(routes, redirect_slashes=False, default=_not_found)
