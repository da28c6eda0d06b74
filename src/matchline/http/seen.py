"""The outermost layer: each request gets an id and is counted, timed and traced.

The id is the client's when it sends a sane one. It stands in the answer's header, in the body of an error and in
every line that is logged meanwhile.
"""

import logging
import re
from collections.abc import Iterable
from itertools import count
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from matchline.clock import steady
from matchline.engine import Engine
from matchline.errors import Fault
from matchline.http.answers import fault_answer
from matchline.http.operation import Handler
from matchline.observing import metrics as m
from matchline.observing.context import UnderWay, enter
from matchline.observing.tracing import Tracer
from matchline.wire import REQUEST_ID, USER

_SANE_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_SANE_USER = re.compile(rb"[A-Za-z0-9._@+-]{1,128}")
_ID_HEADER, _USER_HEADER = REQUEST_ID.lower().encode(), USER.lower().encode()

_BELOW = 1 << 32  # the ids of a process begin with one of as many numbers

_ABORTED = 499  # the client went away before it was answered

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]

log = logging.getLogger(__name__)


class Seen:
    def __init__(self, respond: Handler, engine: Engine) -> None:
        self._respond = respond
        self._metrics = engine.metrics
        self._tracer = engine.tracer
        self._prefix = f"{engine.chance.ticket(_BELOW):08x}"
        self._number = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "nothing else is served"
        if self._tracer:
            await self._traced(self._tracer, scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _traced(self, tracer: Tracer, scope: Scope, receive: Receive, send: Send) -> None:
        with tracer.start_as_current_span("request") as span:
            request, status = await self._counted(scope, receive, send)
            span.set_attribute("operation", request.operation)
            span.set_attribute("http.response.status_code", status)
            span.set_attribute("request_id", request.id)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> tuple[UnderWay, int]:
        started = steady()
        request = self._request(scope["headers"])
        enter(request)
        status = _ABORTED
        try:
            response = await self._respond(Request(scope, receive))
            response.raw_headers.append((_ID_HEADER, request.id.encode()))
            status = response.status_code
            await response(scope, receive, send)
        finally:
            self._note(request, status, steady() - started)
        return request, status

    def refuse(self, fault: Fault, headers: Headers, seconds: float) -> Response:
        """What is answered to a request that never became one, after these seconds; `headers` as far as they came.

        To be called in a context of its own.
        """
        request = self._request(headers)
        enter(request)
        response = fault_answer(fault)
        response.raw_headers.append((_ID_HEADER, request.id.encode()))
        self._note(request, response.status_code, seconds)
        return response

    def _note(self, request: UnderWay, status: int, seconds: float) -> None:
        self._metrics.add(m.REQUESTS, request.operation, str(status))
        self._metrics.observe(m.REQUEST_TIME, seconds, request.operation)
        log.debug("%s %d in %.1f ms", request.operation, status, seconds * 1000)

    def _request(self, headers: Headers) -> UnderWay:
        given = user = b""
        for name, value in headers:
            if name == _ID_HEADER:
                given = value
            elif name == _USER_HEADER:
                user = value
        sane = given and _SANE_ID.fullmatch(given)
        request_id = given.decode() if sane else f"{self._prefix}-{next(self._number)}"
        return UnderWay(request_id, user.decode() if user and _SANE_USER.fullmatch(user) else "")
