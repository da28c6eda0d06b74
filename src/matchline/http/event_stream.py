"""Events as they happen: a stream that goes on after the last event that its client knows (server-sent events)."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from matchline.clock import steady
from matchline.engine import Engine
from matchline.errors import BadParameter, Unavailable
from matchline.faults.refusals import TooManyConnections
from matchline.http.head import header
from matchline.http.monitoring import AFTER, MOST_AT_ONCE, number
from matchline.http.operation import Operation
from matchline.kept.events import Told
from matchline.wire import BASE_PATH, event_json

LOOK_SECONDS = 0.25  # between looks for new events
COMMENT_SECONDS = 15.0  # what is silent for longer is cut by some proxies
MOST_STREAMS = 64  # of one process: each looks into the store four times a second
_BEGIN = b": events\n\n"


class EventStream:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._streams = 0

    async def stream(self, request: Request) -> Response:
        """Events as they happen."""
        given = header(request, b"last-event-id")
        place = AFTER.parse(given) if given else number(request, AFTER)
        assert isinstance(place, int)
        if self._streams >= MOST_STREAMS:
            raise TooManyConnections
        return StreamingResponse(self._events(place), media_type="text/event-stream")

    async def _events(self, place: int) -> AsyncIterator[bytes]:
        """Until the client goes, this node is about to stop or the store does not answer: clients come back."""
        self._streams += 1
        try:
            yield _BEGIN
            told_at = steady()
            while not self._engine.node.draining:
                found = await self._engine.store.events(place, MOST_AT_ONCE)
                for told in found:
                    place = told.place
                    yield _entry(told)
                if found:
                    told_at = steady()
                    continue
                if steady() - told_at > COMMENT_SECONDS:
                    told_at = steady()
                    yield _BEGIN
                await asyncio.sleep(LOOK_SECONDS)
        except Unavailable:
            return
        finally:
            self._streams -= 1

    def operations(self) -> tuple[Operation, ...]:
        path = f"{BASE_PATH}/admin/events/stream"
        stream = Operation("GET", path, self.stream, {}, "text/event-stream", faults=(BadParameter,))
        return (stream,)


def _entry(told: Told) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (told.place, told.event.type.encode(), event_json(told))
