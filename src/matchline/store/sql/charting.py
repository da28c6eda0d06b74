"""Charts, as every SQL store has them."""

from collections.abc import Iterable

from matchline.clock import Instant
from matchline.kept.charting import Begun, ChartEvent, ChartState, ChartStep, ChartWork, Effect, NewChart
from matchline.store.sql import charts
from matchline.store.sql.outbox import OutboxStore


class ChartingStore(OutboxStore):
    """Needs no more of a store than that it runs steps."""

    async def begin_chart(self, new: NewChart, now: Instant) -> Begun:
        return await self.write(lambda db: charts.begin(db, new, now))

    async def queue_event(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        await self.write(lambda db: charts.queue(db, session_id, event, most, now))

    async def chart_at(self, token: str) -> str:
        return await self.read(lambda db: charts.at(db, token))

    async def chart_state(self, session_id: str) -> ChartState:
        return await self.read(lambda db: charts.state(db, session_id))

    async def response(self, session_id: str, request_id: str) -> bytes | None:
        return await self.read(lambda db: charts.response(db, session_id, request_id))

    async def claim_charts(
        self, owner: str, until: Instant, limit: int, now: Instant
    ) -> tuple[ChartWork, ...]:
        if not await self.read(lambda db: charts.any_to_claim(db, now)):
            return ()
        return await self.write(lambda db: charts.claim(db, owner, until, limit, now))

    async def keep_charts(self, owner: str, session_ids: Iterable[str], until: Instant) -> None:
        await self.write(lambda db: charts.keep(db, owner, session_ids, until))

    async def advance_chart(self, step: ChartStep, now: Instant) -> bool:
        return await self.write(lambda db: charts.advance(db, step, now))

    async def claim_effects(self, until: Instant, limit: int, now: Instant) -> tuple[Effect, ...]:
        if not await self.read(lambda db: charts.any_effect_due(db, now)):
            return ()
        return await self.write(lambda db: charts.claim_effects(db, until, limit, now))

    async def finish_effect(self, effect: Effect, outcome: ChartEvent | None, now: Instant) -> None:
        await self.write(lambda db: charts.finish_effect(db, effect, outcome, now))

    async def postpone_effect(self, effect: Effect, due_at: Instant) -> None:
        await self.write(lambda db: charts.postpone_effect(db, effect, due_at))

    async def free_charts(self) -> None:
        await self.write(charts.free)

    async def trim_charts(self, before: Instant, limit: int) -> int:
        return await self.write(lambda db: charts.trim(db, before, limit))
