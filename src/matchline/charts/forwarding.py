"""Tells charts that run elsewhere what happens to their sessions here: each event in its order, at least once."""

import hashlib
from collections.abc import Mapping

import msgspec

from matchline.chart_faults import OrchestrationFailed, OrchestrationUnanswered, OrchestrationUnavailable
from matchline.charting import ChartStep, ChartWork, Queued
from matchline.engine import Engine
from matchline.engine.charts import Incoming
from matchline.engine.orchestration import BEGAN, GONE, Call, Kind, Place

LOST = "its server knows the session no more"

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
        key = hashlib.sha256(f"{work.session_id}\0{event.place}".encode()).hexdigest()
        call = Call(Kind.EVENT, place.path("event", incoming.name), _fields(incoming), key)
        desk = self._engine.orchestration
        try:
            reply = await desk.client.send(call, desk.policy(work.service), place.server)
        except (OrchestrationUnavailable, OrchestrationUnanswered, OrchestrationFailed):
            return None
        return reply.status


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
    if not isinstance(data, dict):
        return {}
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in data.items()
    }
