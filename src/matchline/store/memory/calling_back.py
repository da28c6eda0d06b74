"""Callbacks, as the store in memory has them."""

from collections.abc import Mapping

from matchline.clock import Instant
from matchline.kept.callback import Callback, CallbacksWanted, Rescheduling
from matchline.kept.charting import ChartEvent
from matchline.store import Store
from matchline.store.memory import callbacks, charts
from matchline.store.memory.tables import Tables


class MemoryCallbacks(Store):
    _tables: Tables

    async def callbacks(self, wanted: CallbacksWanted, now: Instant) -> tuple[Callback, ...]:
        return callbacks.find(self._tables, wanted, now)

    async def bookings(self, calendar: str, start: Instant, end: Instant) -> Mapping[Instant, int]:
        return callbacks.bookings(self._tables, calendar, start, end)

    async def reschedule(
        self, session_id: str, to: Rescheduling, event: ChartEvent, most: int, now: Instant
    ) -> None:
        callbacks.book(self._tables, session_id, to.booking)
        callbacks.demand_changeable(self._tables, session_id, now, scheduled=True)
        charts.queue(self._tables, session_id, event, most, now)
        callbacks.reschedule(self._tables, session_id, to, now)

    async def cancel_callback(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        callbacks.demand_changeable(self._tables, session_id, now, scheduled=False)
        charts.queue(self._tables, session_id, event, most, now)
        callbacks.cancel(self._tables, session_id, now)
