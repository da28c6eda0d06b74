"""The part of the store's contract that is about charts.

A chart is one node's while its lease lasts; what a step makes of it is stored in one step with the events that it
took and the effects and responses that came of it, and only by the node that still has it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from matchline.clock import Instant
from matchline.kept.charting import Begun, ChartEvent, ChartState, ChartStep, ChartWork, Effect, NewChart

QUEUED_AT_ONCE = 50  # events of one chart that come with it


class ChartStore(ABC):
    @abstractmethod
    async def begin_chart(self, new: NewChart, now: Instant) -> Begun:
        """Begin a session that has a chart, without a reservation, and its callback if it is one.

        Idempotency as with `claim`. Raises Conflict, SlotFull.
        """

    @abstractmethod
    async def queue_event(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        """Let an event wait for a session's chart, unless one with this id waits or was answered.

        Raises NotFound without a live session with a chart, Conflict when the chart has ended, Exhausted when as
        many wait as may.
        """

    @abstractmethod
    async def chart_at(self, token: str) -> str:
        """The session whose chart has this token. Raises NotFound."""

    @abstractmethod
    async def chart_state(self, session_id: str) -> ChartState:
        """Raises NotFound."""

    @abstractmethod
    async def response(self, session_id: str, request_id: str) -> bytes | None:
        """What the chart answered to a request, None when it has not."""

    @abstractmethod
    async def claim_charts(
        self, owner: str, until: Instant, limit: int, now: Instant
    ) -> tuple[ChartWork, ...]:
        """Charts for which there is something to do and that nobody has now; they are the owner's until then."""

    @abstractmethod
    async def keep_charts(self, owner: str, session_ids: Iterable[str], until: Instant) -> None:
        """The owner keeps those of these charts that it still has."""

    @abstractmethod
    async def advance_chart(self, step: ChartStep, now: Instant) -> bool:
        """Store a step; False, with nothing stored, when the chart is no longer the owner's or has moved on."""

    @abstractmethod
    async def claim_effects(self, until: Instant, limit: int, now: Instant) -> tuple[Effect, ...]:
        """Effects that are due; nobody else is given them until then."""

    @abstractmethod
    async def finish_effect(self, effect: Effect, outcome: ChartEvent | None, now: Instant) -> None:
        """An effect is done; its outcome waits for the chart, if that still runs."""

    @abstractmethod
    async def postpone_effect(self, effect: Effect, due_at: Instant) -> None:
        """An effect failed, and is tried again then."""

    @abstractmethod
    async def free_charts(self) -> None:
        """No chart and no effect is anybody's: for a store that one process has, when that begins."""

    @abstractmethod
    async def trim_charts(self, before: Instant, limit: int) -> int:
        """Remove responses from before this instant, and documents that no chart uses since; how many."""
