"""The part of the store's contract that is about callbacks.

A callback begins with its session and its chart (`begin_chart`), changes with the chart's steps, and goes with its
session. Those of one slot of a calendar are counted in the step that adds one, so that no slot is overbooked.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from matchline.clock import Instant
from matchline.kept.callback import Callback, CallbacksWanted, Rescheduling
from matchline.kept.charting import ChartEvent


class CallbackStore(ABC):
    @abstractmethod
    async def callbacks(self, wanted: CallbacksWanted, now: Instant) -> tuple[Callback, ...]:
        """Those of live sessions, the newest first."""

    @abstractmethod
    async def bookings(self, calendar: str, start: Instant, end: Instant) -> Mapping[Instant, int]:
        """How many callbacks take up a place, by the times that they are desired at, in [start, end)."""

    @abstractmethod
    async def reschedule(
        self, session_id: str, to: Rescheduling, event: ChartEvent, most: int, now: Instant
    ) -> None:
        """Give a scheduled callback another time, and tell its chart.

        Raises NotFound, Conflict when it is no longer scheduled, SlotFull, Exhausted when as many events wait as
        may.
        """

    @abstractmethod
    async def cancel_callback(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        """Complete a callback and tell its chart. Raises NotFound, Conflict when it is completed, Exhausted."""
