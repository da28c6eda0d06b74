"""The outermost layer: each request gets an id and is counted, timed and traced.

The id is the client's when it sends a sane one. It stands in the answer's header, in the body of an error and in
every line that is logged meanwhile.
"""

import logging
import re
from itertools import count

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matchline import metrics as m
from matchline.clock import steady
from matchline.context import UnderWay, enter
from matchline.engine import Engine
from matchline.tracing import Tracer
from matchline.wire import REQUEST_ID, USER

_SANE_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_SANE_USER = re.compile(rb"[A-Za-z0-9._@+-]{1,128}")
_ID_HEADER, _USER_HEADER = REQUEST_ID.lower().encode(), USER.lower().encode()

_BELOW = 1 << 32  # the ids of a process begin with one of as many numbers

_ABORTED = 499  # the client went away before it was answered

log = logging.getLogger(__name__)


class Seen:
    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self._app = app
        self._metrics = engine.metrics
        self._tracer = engine.tracer
        self._prefix = f"{engine.chance.ticket(_BELOW):08x}"
        self._number = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._tracer:
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
        request = self._request(scope)
        enter(request)
        own_id = (_ID_HEADER, request.id.encode())
        status = _ABORTED

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], own_id]
            await send(message)

        try:
            await self._app(scope, receive, with_id)
        finally:
            seconds = steady() - started
            self._metrics.add(m.REQUESTS, request.operation, str(status))
            self._metrics.observe(m.REQUEST_TIME, seconds, request.operation)
            log.debug("%s %d in %.1f ms", request.operation, status, seconds * 1000)
        return request, status

    def _request(self, scope: Scope) -> UnderWay:
        given = user = b""
        for name, value in scope["headers"]:
            if name == _ID_HEADER:
                given = value
            elif name == _USER_HEADER:
                user = value
        sane = given and _SANE_ID.fullmatch(given)
        request_id = given.decode() if sane else f"{self._prefix}-{next(self._number)}"
        return UnderWay(request_id, user.decode() if user and _SANE_USER.fullmatch(user) else "")
