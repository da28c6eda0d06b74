"""What may be looked at and done by hand in every SQL store: live sessions, their reservations, pools over time."""

from collections.abc import Mapping, Sequence

from matchline.clock import Instant
from matchline.kept.audit import AuditEntry
from matchline.kept.history import PoolSample
from matchline.kept.live import LOOKED_AT, EventPage, NumberUse, SessionCount, SessionPage, SessionsWanted
from matchline.store import SWEEP_LIMIT
from matchline.store.sql import browse, by_hand, history
from matchline.store.sql.inquiries import InquiryStore


class BrowseStore(InquiryStore):
    """Needs no more of a store than that it runs steps."""

    async def browse(self, wanted: SessionsWanted, now: Instant) -> SessionPage:
        return await self.read(lambda db: browse.sessions(db, wanted, now))

    async def count_sessions(
        self, before: str | None, now: Instant, look_at: int = LOOKED_AT
    ) -> SessionCount:
        return await self.read(lambda db: browse.count(db, before, look_at, now))

    async def session_events(
        self, session_id: str, before: int | None = None, look_at: int = LOOKED_AT
    ) -> EventPage:
        await self._give_places()
        return await self.read(lambda db: browse.session_events(db, session_id, before, look_at))

    async def number_uses(
        self, number_ids: Sequence[int], now: Instant, look_at: int = LOOKED_AT
    ) -> Mapping[int, NumberUse]:
        return await self.read(lambda db: browse.number_uses(db, number_ids, look_at, now))

    async def release(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        await self.write(lambda db: by_hand.release(db, session_id, entry, now))

    async def end_by_hand(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        await self.write(lambda db: by_hand.end(db, session_id, entry, now))

    async def add_samples(self, samples: Sequence[PoolSample]) -> None:
        await self.write(lambda db: history.add(db, samples))

    async def samples(self, group: str, since: Instant) -> tuple[PoolSample, ...]:
        return await self.read(lambda db: history.samples(db, group, since))

    async def trim_samples(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        return await self.write(lambda db: history.trim(db, before, limit))

    async def open_on_shared(self, group: str) -> int:
        return await self.read(lambda db: history.open_on_shared(db, group))
