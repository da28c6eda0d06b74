"""The part of the store's contract that is about what people look at and do by hand.

Each step looks at a bounded number of rows, the newest first.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from matchline.clock import Instant
from matchline.kept.audit import AuditEntry
from matchline.kept.live import LOOKED_AT, EventPage, NumberUse, SessionCount, SessionPage, SessionsWanted


class Overview(ABC):
    @abstractmethod
    async def browse(self, wanted: SessionsWanted, now: Instant) -> SessionPage:
        """Live sessions, in the reverse order of their ids. Changes nothing."""

    @abstractmethod
    async def count_sessions(
        self, before: str | None, now: Instant, look_at: int = LOOKED_AT
    ) -> SessionCount:
        """Live sessions of each service, of those whose ids sort before this one."""

    @abstractmethod
    async def session_events(
        self, session_id: str, before: int | None = None, look_at: int = LOOKED_AT
    ) -> EventPage:
        """The events of a session, live or not, of those whose places are below this."""

    @abstractmethod
    async def number_uses(
        self, number_ids: Sequence[int], now: Instant, look_at: int = LOOKED_AT
    ) -> Mapping[int, NumberUse]:
        """What the first of these access numbers do: at least one, and as many as `look_at` reservations allow.

        Those that are gone are left out.
        """

    @abstractmethod
    async def release(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        """Give the slot back; the session stays. Raises NotFound; Conflict without a held reservation."""

    @abstractmethod
    async def end_by_hand(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        """As `end`, with an entry of the audit trail. Raises NotFound."""
