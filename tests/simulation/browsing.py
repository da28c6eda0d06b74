"""What people look at and do by hand, on its way through the gate."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from matchline.clock import Instant
from matchline.kept.audit import AuditEntry
from matchline.kept.history import PoolSample
from matchline.kept.live import LOOKED_AT, EventPage, NumberUse, SessionCount, SessionPage, SessionsWanted
from matchline.store import SWEEP_LIMIT, Store


class BrowsingStore(Store):
    @abstractmethod
    async def _step(self, name: str, *arguments: object) -> Any: ...

    async def browse(self, wanted: SessionsWanted, now: Instant) -> SessionPage:
        page: SessionPage = await self._step("browse", wanted, now)
        return page

    async def count_sessions(
        self, before: str | None, now: Instant, look_at: int = LOOKED_AT
    ) -> SessionCount:
        counted: SessionCount = await self._step("count_sessions", before, now, look_at)
        return counted

    async def session_events(
        self, session_id: str, before: int | None = None, look_at: int = LOOKED_AT
    ) -> EventPage:
        page: EventPage = await self._step("session_events", session_id, before, look_at)
        return page

    async def number_uses(
        self, number_ids: Sequence[int], now: Instant, look_at: int = LOOKED_AT
    ) -> Mapping[int, NumberUse]:
        uses: Mapping[int, NumberUse] = await self._step("number_uses", number_ids, now, look_at)
        return uses

    async def release(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        await self._step("release", session_id, entry, now)

    async def end_by_hand(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        await self._step("end_by_hand", session_id, entry, now)

    async def add_samples(self, samples: Sequence[PoolSample]) -> None:
        await self._step("add_samples", samples)

    async def samples(self, group: str, since: Instant) -> tuple[PoolSample, ...]:
        found: tuple[PoolSample, ...] = await self._step("samples", group, since)
        return found

    async def trim_samples(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        trimmed: int = await self._step("trim_samples", before, limit)
        return trimmed

    async def open_on_shared(self, group: str) -> int:
        count: int = await self._step("open_on_shared", group)
        return count
