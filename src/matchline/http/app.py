"""The application: routes made of operations, and the one place where faults become HTTP."""

import logging
from collections.abc import Iterable

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from matchline.context import tell
from matchline.errors import (
    Fault,
    InternalError,
    MethodNotAllowed,
    NotAllowed,
    Unavailable,
    UnknownRoute,
)
from matchline.http.answers import fault_answer, refusal
from matchline.http.head import asking
from matchline.http.operation import Handler, Operation
from matchline.principal import ANYONE

log = logging.getLogger(__name__)


class AnyPath(PathConvertor):
    """The rest of an address, line breaks too (Starlette's own ends there): a key may hold any character."""

    regex = "(?s:.*)"


register_url_convertor("path", AnyPath())


class Resource:
    """One address with an operation for each method."""

    def __init__(self, operations: dict[str, Operation]) -> None:
        self._operations = operations
        if "GET" in operations:
            operations.setdefault("HEAD", operations["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.get(scope["method"])
        if operation:
            tell(f"{operation.method} {operation.path}", asking(request).name)
        if operation is None:
            response = fault_answer(MethodNotAllowed(scope["method"]))
            response.headers["allow"] = ", ".join(sorted(self._operations))
        elif operation.scopes is not ANYONE and operation.scopes.isdisjoint(asking(request).scopes):
            response = fault_answer(NotAllowed("this operation"))
        else:
            response = await _answer(operation.handler, request)
        await response(scope, receive, send)


async def _answer(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except (Fault, Unavailable) as error:
        return refusal(error)
    except ClientDisconnect:
        return Response(status_code=400)  # no one reads it
    except Exception:
        log.exception("a request failed")
        return fault_answer(InternalError())


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await fault_answer(UnknownRoute())(scope, receive, send)


def router(operations: Iterable[Operation]) -> ASGIApp:
    """Operations of one path are one resource; paths are tried in the order in which they are first named."""
    resources: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        resources.setdefault(operation.path, {})[operation.method] = operation
    routes = [Route(path, Resource(methods)) for path, methods in resources.items()]
    return Router(routes, redirect_slashes=False, default=_not_found)
