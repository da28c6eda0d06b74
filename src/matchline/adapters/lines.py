"""Where platforms that speak HTTP send the events of their calls: `/adapters/{line}`."""

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from matchline.adapters import Adapter
from matchline.adapters.asking import count, take
from matchline.adapters.dialogue import Queue, Reason, Step
from matchline.adapters.talk import Event, Talk
from matchline.engine import Engine
from matchline.engine.line import Line
from matchline.errors import NotAllowed, NotGenuine, TooLarge, UnknownRoute
from matchline.http.body import read_body
from matchline.http.guard import address_of
from matchline.http.head import asking
from matchline.http.operation import ANY_TYPE, BYTES, Body, Operation
from matchline.http.stored import base_url
from matchline.observing.metrics import LINE_EVENTS
from matchline.principal import IVRS
from matchline.wire import LINES_PATH

LONGEST_EVENT = 1 << 20  # bytes; platforms send a few thousand

log = logging.getLogger(__name__)


class Lines:
    def __init__(self, engine: Engine, adapters: Mapping[str, Adapter]) -> None:
        self._engine = engine
        self._adapters = adapters

    async def hear(self, request: Request) -> Response:
        """An event of a connected telephony platform; the answer is what the platform is to do with the call."""
        line, talk = self._line(request)
        by = asking(request)
        if not by.may_ask(line.service):
            raise NotAllowed("this line")
        event = await self._event(request)
        if not self._is_proven(line, talk, event):
            self._engine.metrics.add(LINE_EVENTS, line.name, "forged")
            self._engine.guard.admit_address(address_of(request))
            raise NotGenuine
        try:
            heard = talk.hear(event)
        except Exception as error:  # noqa: BLE001 - the caller must not be left standing
            log.warning("an event of the line %s cannot be read: %s", line.name, type(error).__name__)
            return self._answer(line, talk, event, Queue(Reason.UNREADABLE))
        if heard is None:
            return self._answer(line, talk, event, None)
        step = await take(self._engine, line, heard, by)
        return _response(talk, line, event, step)

    def _is_proven(self, line: Line, talk: Talk, event: Event) -> bool:
        """Whether the line's secret signed the event, where it has one; else credentials did."""
        if line.secret is None:
            return True
        return talk.is_genuine is not None and talk.is_genuine(line, event, self._engine.clock.now())

    def _answer(self, line: Line, talk: Talk, event: Event, step: Step | None) -> Response:
        count(self._engine, line, step)
        return _response(talk, line, event, step)

    def _line(self, request: Request) -> tuple[Line, Talk]:
        line = self._engine.keeper.current.lines.get(request.path_params["line"])
        talk = self._adapters[line.platform].talk if line else None
        if line is None or talk is None:
            raise UnknownRoute
        return line, talk

    async def _event(self, request: Request) -> Event:
        query = request.scope["query_string"].decode("latin-1")
        address = base_url(self._engine, request) + request.scope["path"]
        return Event(
            f"{address}?{query}" if query else address,
            dict(parse_qsl(query, keep_blank_values=True)),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]},
            await read_body(request, LONGEST_EVENT),
        )

    def operations(self) -> tuple[Operation, ...]:
        path = f"{LINES_PATH}{{line}}"
        body = Body({ANY_TYPE: BYTES})
        faults = (UnknownRoute, NotGenuine, TooLarge)
        return (
            Operation("POST", path, self.hear, BYTES, ANY_TYPE, body, faults=faults, scopes=IVRS),
            Operation("GET", path, self.hear, BYTES, ANY_TYPE, faults=faults, scopes=IVRS),
        )


def _response(talk: Talk, line: Line, event: Event, step: Step | None) -> Response:
    reply = talk.say(line, event, step)
    return Response(reply.body, media_type=reply.media_type)
