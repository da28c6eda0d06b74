"""The audit trail and the outbox of a simulated node's store: the steps go through the gate like all others."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from matchline.clock import Instant
from matchline.kept.audit import Audited, AuditEntry
from matchline.kept.events import Attempt, Event, Outbox, Pruned, Recording, Told
from matchline.store import SWEEP_LIMIT, Store


class GatedOutbox(Store):
    @abstractmethod
    async def _step(self, name: str, *arguments: object) -> Any: ...

    def record_events(self, recording: Recording) -> None:
        """The simulation records none."""
        assert not recording.types

    async def audit(self, before: int, limit: int) -> tuple[Audited, ...]:
        entries: tuple[Audited, ...] = await self._step("audit", before, limit)
        return entries

    async def add_audit_entry(self, entry: AuditEntry, now: Instant) -> None:
        await self._step("add_audit_entry", entry, now)

    async def add_events(self, events: Sequence[Event], now: Instant) -> None:
        await self._step("add_events", events, now)

    async def events(self, after: int, limit: int) -> tuple[Told, ...]:
        told: tuple[Told, ...] = await self._step("events", after, limit)
        return told

    async def due_events(self, limit: int, now: Instant) -> tuple[Told, ...]:
        told: tuple[Told, ...] = await self._step("due_events", limit, now)
        return told

    async def note_attempts(self, attempts: Sequence[Attempt]) -> None:
        await self._step("note_attempts", attempts)

    async def outbox(self) -> Outbox:
        outbox: Outbox = await self._step("outbox")
        return outbox

    async def prune_events(self, now: Instant, limit: int = SWEEP_LIMIT) -> Pruned:
        pruned: Pruned = await self._step("prune_events", now, limit)
        return pruned

    async def take_lease(self, name: str, owner: str, until: Instant, now: Instant) -> bool:
        return bool(await self._step("take_lease", name, owner, until, now))
