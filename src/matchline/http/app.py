"""The application: what every request passes on its way to an operation, and the one place where faults become HTTP.

One pass of plain calls: `guard.py` admits the request, `cors.py` looks from where it comes, `authentication.py` finds
out who asks, the resource at the address runs the operation. `seen.py` stands around it.
"""

import logging
from collections.abc import Iterable

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from matchline.engine import Engine
from matchline.errors import (
    Fault,
    InternalError,
    MethodNotAllowed,
    NotAllowed,
    Unavailable,
    UnknownRoute,
)
from matchline.http.answers import fault_answer, refusal
from matchline.http.authentication import Authentication
from matchline.http.cors import Cors
from matchline.http.guard import admit, guard_headers
from matchline.http.head import asking
from matchline.http.letting_in import while_let_in
from matchline.http.operation import Handler, Operation
from matchline.observing.context import tell
from matchline.principal import ANYONE, Principal

log = logging.getLogger(__name__)


class AnyPath(PathConvertor):
    """The rest of an address, line breaks too (Starlette's own ends there): a key may hold any character."""

    regex = "(?s:.*)"


register_url_convertor("path", AnyPath())


class Application:
    def __init__(
        self, engine: Engine, operations: Iterable[Operation], let_in: Principal | None = None
    ) -> None:
        """`let_in`: who asks without credentials where the way in proves enough."""
        operations = tuple(operations)
        self._guard = engine.guard
        self._cors = Cors(engine.keeper)
        self._authentication = Authentication(engine, operations, let_in)
        self._resources = Resources(operations)
        self._apart: list[tuple[str, Handler]] = []

    def set_apart(self, path: str, respond: Handler) -> None:
        """What is below this path finds out itself who asks."""
        self._apart.append((path, respond))

    async def respond(self, request: Request) -> Response:
        response = await _answer(self._admitted, request)
        guard_headers(request, response)
        return response

    async def api(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The API for those who know who asks: the scope's `principal`."""
        response = await _answer(self._known, Request(scope, receive))
        await response(scope, receive, send)

    async def _admitted(self, request: Request) -> Response:
        admit(self._guard, request)
        path = request.scope["path"]
        for apart, respond in self._apart:
            if path.startswith(apart) and path[len(apart) :][:1] in ("", "/"):
                return await respond(request)
        origin = self._cors.allowed_origin(request)
        if origin is None:
            return await self._asked(request)
        return self._cors.preflight(origin, request) or self._cors.told(
            origin, await _answer(self._asked, request)
        )

    async def _asked(self, request: Request) -> Response:
        going_on = self._authentication.going_on(request.scope)
        request.scope["principal"] = await self._authentication.principal(request.scope)
        return while_let_in(await self._known(request), going_on)

    async def _known(self, request: Request) -> Response:
        principal = asking(request)
        if principal.id:
            self._guard.admit_key(principal.id)
        return await self._resources.answer(request)


class Resource:
    """One address with an operation for each method."""

    def __init__(self, path: str, operations: dict[str, Operation]) -> None:
        self.match = compile_path(path)[0].match
        self._operations = operations
        if "GET" in operations:
            operations.setdefault("HEAD", operations["GET"])

    async def answer(self, request: Request) -> Response:
        operation = self._operations.get(request.scope["method"])
        if operation is None:
            response = fault_answer(MethodNotAllowed(request.scope["method"]))
            response.headers["allow"] = ", ".join(sorted(self._operations))
            return response
        principal = asking(request)
        tell(f"{operation.method} {operation.path}", principal.name)
        if operation.scopes is not ANYONE and operation.scopes.isdisjoint(principal.scopes):
            raise NotAllowed("this operation")
        return await operation.handler(request)


class Resources:
    """Operations of one path are one resource; paths are tried in the order in which they are first named."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        self._resources = tuple(Resource(path, methods) for path, methods in by_path.items())

    async def answer(self, request: Request) -> Response:
        for resource in self._resources:
            found = resource.match(request.scope["path"])
            if found:
                request.scope["path_params"] = found.groupdict()
                return await resource.answer(request)
        raise UnknownRoute


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
