"""Callbacks, as every SQL store has them."""

from collections.abc import Mapping

from matchline.clock import Instant
from matchline.kept.callback import Callback, CallbacksWanted, Rescheduling
from matchline.kept.charting import ChartEvent
from matchline.store.sql import Database, callbacks, charts
from matchline.store.sql.charting import ChartingStore


class CallingBackStore(ChartingStore):
    """Needs no more of a store than that it runs steps. Once the chart is told nobody else changes its callback."""

    async def callbacks(self, wanted: CallbacksWanted, now: Instant) -> tuple[Callback, ...]:
        return await self.read(lambda db: callbacks.find(db, wanted, now))

    async def bookings(self, calendar: str, start: Instant, end: Instant) -> Mapping[Instant, int]:
        return await self.read(lambda db: callbacks.bookings(db, calendar, start, end))

    async def reschedule(
        self, session_id: str, to: Rescheduling, event: ChartEvent, most: int, now: Instant
    ) -> None:
        def step(db: Database) -> None:
            callbacks.book(db, session_id, to.booking)
            charts.queue(db, session_id, event, most, now)
            callbacks.reschedule(db, session_id, to, now)

        await self.write(step)

    async def cancel_callback(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        def step(db: Database) -> None:
            charts.queue(db, session_id, event, most, now)
            callbacks.cancel(db, session_id, now)

        await self.write(step)
