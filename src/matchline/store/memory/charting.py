"""Charts, as the store in memory has them."""

from collections.abc import Iterable

from matchline.clock import Instant
from matchline.kept.charting import Begun, ChartEvent, ChartState, ChartStep, ChartWork, Effect, NewChart
from matchline.store import Store
from matchline.store.memory import charts
from matchline.store.memory.tables import Tables


class MemoryCharts(Store):
    _tables: Tables

    async def begin_chart(self, new: NewChart, now: Instant) -> Begun:
        return charts.begin(self._tables, new, now)

    async def queue_event(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        charts.queue(self._tables, session_id, event, most, now)

    async def chart_at(self, token: str) -> str:
        return charts.at(self._tables, token)

    async def chart_state(self, session_id: str) -> ChartState:
        return charts.state(self._tables, session_id)

    async def response(self, session_id: str, request_id: str) -> bytes | None:
        return charts.response(self._tables, session_id, request_id)

    async def claim_charts(
        self, owner: str, until: Instant, limit: int, now: Instant
    ) -> tuple[ChartWork, ...]:
        return charts.claim(self._tables, owner, until, limit, now)

    async def keep_charts(self, owner: str, session_ids: Iterable[str], until: Instant) -> None:
        charts.keep(self._tables, owner, session_ids, until)

    async def advance_chart(self, step: ChartStep, now: Instant) -> bool:
        return charts.advance(self._tables, step, now)

    async def claim_effects(self, until: Instant, limit: int, now: Instant) -> tuple[Effect, ...]:
        return charts.claim_effects(self._tables, until, limit, now)

    async def finish_effect(self, effect: Effect, outcome: ChartEvent | None, now: Instant) -> None:
        charts.finish_effect(self._tables, effect, outcome, now)

    async def postpone_effect(self, effect: Effect, due_at: Instant) -> None:
        charts.postpone_effect(self._tables, effect, due_at)

    async def free_charts(self) -> None:
        charts.free(self._tables)

    async def trim_charts(self, before: Instant, limit: int) -> int:
        return charts.trim(self._tables, before, limit)
