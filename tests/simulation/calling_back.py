"""Callbacks, on their way through the gate."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from matchline.clock import Instant
from matchline.kept.callback import Callback, CallbacksWanted, Rescheduling
from matchline.kept.charting import ChartEvent
from matchline.store import Store


class CallingBackStore(Store):
    """The simulated nodes have no callback services: this is the contract's part, and unused."""

    @abstractmethod
    async def _step(self, name: str, *arguments: object) -> Any: ...

    async def callbacks(self, wanted: CallbacksWanted, now: Instant) -> tuple[Callback, ...]:
        found: tuple[Callback, ...] = await self._step("callbacks", wanted, now)
        return found

    async def bookings(self, calendar: str, start: Instant, end: Instant) -> Mapping[Instant, int]:
        bookings: Mapping[Instant, int] = await self._step("bookings", calendar, start, end)
        return bookings

    async def reschedule(
        self, session_id: str, to: Rescheduling, event: ChartEvent, most: int, now: Instant
    ) -> None:
        await self._step("reschedule", session_id, to, event, most, now)

    async def cancel_callback(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        await self._step("cancel_callback", session_id, event, most, now)
