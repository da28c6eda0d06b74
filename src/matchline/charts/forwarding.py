"""Tells charts that run elsewhere what happens to their sessions here: each event in its order, at least once.

When a session has gone its chart is ended, however the session went: that is an effect which the session leaves, and
no step of a session waits for it.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from matchline.charts.fetching import text_of
from matchline.charts.notifying import FIRST_BACK_OFF, Again
from matchline.clock import SECOND
from matchline.engine import Engine
from matchline.engine.charts import Incoming
from matchline.engine.orchestration import BEGAN, GONE, Call, Kind, Place, key_of
from matchline.faults.charts import OrchestrationFailed, OrchestrationUnanswered, OrchestrationUnavailable
from matchline.kept.charting import ChartStep, ChartWork, Effect, Queued

LOST = "its server knows the session no more"

END_SECONDS = 20.0  # for one attempt to end a chart, at all servers together
LONGEST_BACK_OFF = 300 * SECOND
MOST_ATTEMPTS = 300  # to end a chart: a day, with the pauses between them

_UNTOLD = (OrchestrationUnavailable, OrchestrationUnanswered, OrchestrationFailed)

log = logging.getLogger(__name__)

Event = tuple[Queued, Incoming]


class Forwarding:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def forward(self, work: ChartWork) -> None:
        """As far as the server takes events. What it does not take waits until the lease on the chart is over."""
        events = [(each, msgspec.json.decode(each.body, type=Incoming)) for each in work.queued]
        steps = _Steps(self._engine, work)
        place = msgspec.json.decode(work.snapshot, type=Place) if work.snapshot else None
        if place is None:
            began = next((each for each in events if each[1].name == BEGAN), None)
            if began is None:
                if not events:
                    await steps.rest()
                return  # it is being begun
            events.remove(began)
            place = msgspec.json.decode(began[1].data or "", type=Place)
            if not await steps.take(began[0], place, more=bool(events)):
                return
        await self._tell_all(work, place, events, steps)

    async def _tell_all(self, work: ChartWork, place: Place, events: list[Event], steps: "_Steps") -> None:
        for n, (event, incoming) in enumerate(events, 1):
            status = await self._told(work, place, event, incoming)
            if status is None or status >= 500:
                return
            if status in GONE:
                await steps.lose(event, place)
                return
            if not await steps.take(event, place, more=n < len(events)):
                return

    async def _told(self, work: ChartWork, place: Place, event: Queued, incoming: Incoming) -> int | None:
        """What the server that has the session answered; None: nothing."""
        key = key_of(work.session_id, str(event.place))
        call = Call(Kind.EVENT, place.path("event", incoming.name), _fields(incoming), key)
        return await self._sent(call, work.service, place)

    async def end(self, effect: Effect) -> None:
        """End the chart of a session that has gone. Raises Again while its server could not be told."""
        place = msgspec.json.decode(effect.body, type=Place)
        call = Call(Kind.TERMINATE, place.path("terminate"), {}, key_of(effect.key, "terminate"))
        status = None
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                status = await self._sent(call, place.service, place)
        if status is not None and (status < 300 or status in GONE):
            return
        if effect.attempts + 1 < MOST_ATTEMPTS:
            raise Again(min(FIRST_BACK_OFF << effect.attempts, LONGEST_BACK_OFF))
        log.warning("the chart of a session of %s that ended could not be ended: %s", place.service, status)

    async def _sent(self, call: Call, service: str, place: Place) -> int | None:
        desk = self._engine.orchestration
        try:
            return (await desk.client.send(call, desk.policy(service), place.server)).status
        except _UNTOLD:
            return None


class _Steps:
    """What is stored while a chart's events are told, one step after the other."""

    def __init__(self, engine: Engine, work: ChartWork) -> None:
        self._engine = engine
        self._next = ChartStep(work.session_id, work.owner, work.version, b"", "")

    async def rest(self) -> None:
        await self._store(self._next)

    async def take(self, event: Queued, place: Place, *, more: bool) -> bool:
        """False: another node has the chart."""
        return await self._store(self._at(event, place, more=more))

    async def lose(self, event: Queued, place: Place) -> None:
        lost = self._at(event, place, more=False)
        await self._store(msgspec.structs.replace(lost, ended=True, stopped=LOST))

    def _at(self, event: Queued, place: Place, *, more: bool) -> ChartStep:
        where = msgspec.json.encode(place)
        return msgspec.structs.replace(
            self._next, snapshot=where, active=where.decode(), taken=(event.place,), more=more
        )

    async def _store(self, step: ChartStep) -> bool:
        self._next = msgspec.structs.replace(self._next, version=self._next.version + 1)
        return await self._engine.store.advance_chart(step, self._engine.clock.now())


def _fields(incoming: Incoming) -> Mapping[str, str]:
    data = msgspec.json.decode(incoming.data or "null")
    return {name: text_of(value) for name, value in data.items()} if isinstance(data, dict) else {}
