"""The audit trail and the outbox of events, as every SQL store has them."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

from matchline.clock import Instant
from matchline.kept.audit import Audited, AuditEntry
from matchline.kept.events import Attempt, Event, Outbox, Pruned, Told
from matchline.store import SWEEP_LIMIT, Store
from matchline.store.sql import Database, Reader, audit
from matchline.store.sql import events as steps

T = TypeVar("T")


class OutboxStore(Store):
    """Needs no more of a store than that it runs steps."""

    @abstractmethod
    async def write(self, step: Callable[[Database], T]) -> T:
        """The step's result, once it is durable."""

    @abstractmethod
    async def read(self, step: Callable[[Reader], T]) -> T: ...

    async def audit(self, before: int, limit: int) -> tuple[Audited, ...]:
        return await self.read(lambda db: audit.entries(db, before, limit))

    async def add_audit_entry(self, entry: AuditEntry, now: Instant) -> None:
        await self.write(lambda db: audit.add(db, entry, now))

    async def add_events(self, events: Sequence[Event], now: Instant) -> None:
        await self.write(lambda db: steps.add(db, events, now))

    async def events(self, after: int, limit: int) -> tuple[Told, ...]:
        await self._give_places()
        return await self.read(lambda db: steps.after(db, after, limit))

    async def due_events(self, limit: int, now: Instant) -> tuple[Told, ...]:
        await self._give_places()
        return await self.read(lambda db: steps.due(db, limit, now))

    async def note_attempts(self, attempts: Sequence[Attempt]) -> None:
        await self.write(lambda db: steps.note_attempts(db, attempts))

    async def outbox(self) -> Outbox:
        return await self.read(steps.outbox)

    async def prune_events(self, now: Instant, limit: int = SWEEP_LIMIT) -> Pruned:
        return await self.write(lambda db: steps.prune(db, now, limit))

    async def take_lease(self, name: str, owner: str, until: Instant, now: Instant) -> bool:
        return await self.write(lambda db: steps.take_lease(db, name, owner, until, now))

    async def _give_places(self) -> None:
        if await self.read(steps.any_without_place):
            await self.write(steps.give_places)
