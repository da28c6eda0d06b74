"""The store in memory: plain dictionaries and the rules said as plainly as possible.

It is the model that the other stores are compared with, and a server's store for trying things out. It
forgets everything when the process ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from matchline.clock import Instant
from matchline.foretold import Foretold
from matchline.kept.audit import Audited, AuditEntry
from matchline.kept.call_log import CallPage, CallsWanted
from matchline.kept.events import Attempt, Event, Outbox, Pruned, Recording, Told
from matchline.kept.history import PoolSample
from matchline.kept.live import LOOKED_AT, EventPage, NumberUse, SessionCount, SessionPage, SessionsWanted
from matchline.kept.person import Forgotten, Person
from matchline.kept.progress import Progress
from matchline.model import Change, Claim, Granted, Pool, Record, Session, Stored, Swept, Value, Values, Wish
from matchline.principal import EVERYONE, Principal
from matchline.store import SWEEP_LIMIT
from matchline.store.memory import (
    audit,
    browse,
    call_log,
    configuration,
    foretell,
    forget,
    history,
    keys,
    match,
    progress,
    records,
    reserve,
    sessions,
    slots,
    sweep,
)
from matchline.store.memory import events as outbox
from matchline.store.memory.attendance import AttendedStore
from matchline.store.memory.calling_back import MemoryCallbacks
from matchline.store.memory.charting import MemoryCharts
from matchline.verdict import Query, Verdict


class MemoryStore(AttendedStore, MemoryCharts, MemoryCallbacks):
    """Its steps are plain functions over the tables, named like those of the SQL stores."""

    async def open(self) -> None:
        """There is nothing to make ready."""

    async def close(self) -> None:
        """There is nothing to let go."""

    def announce(self, url: str) -> None:
        """No other process can share this store."""

    async def check(self) -> None:
        """Memory is always there."""

    async def stored(self) -> Stored:
        return configuration.stored(self._tables)

    async def change(self, change: Change, version: int, now: Instant) -> Stored:
        return configuration.change(self._tables, change, version, now)

    async def key_uses(self) -> Mapping[str, Instant]:
        return keys.uses(self._tables)

    async def note_key_uses(self, key_ids: Iterable[str], now: Instant) -> None:
        keys.note_uses(self._tables, key_ids, now)

    async def audit(self, before: int, limit: int) -> tuple[Audited, ...]:
        return audit.entries(self._tables, before, limit)

    async def add_audit_entry(self, entry: AuditEntry, now: Instant) -> None:
        audit.add(self._tables, entry, now)

    def record_events(self, recording: Recording) -> None:
        self._tables.recording = recording

    async def add_events(self, events: Sequence[Event], now: Instant) -> None:
        outbox.add(self._tables, events, now)

    async def events(self, after: int, limit: int) -> tuple[Told, ...]:
        return outbox.after(self._tables, after, limit)

    async def due_events(self, limit: int, now: Instant) -> tuple[Told, ...]:
        return outbox.due(self._tables, limit, now)

    async def note_attempts(self, attempts: Sequence[Attempt]) -> None:
        outbox.note_attempts(self._tables, attempts)

    async def outbox(self) -> Outbox:
        return outbox.outbox(self._tables)

    async def prune_events(self, now: Instant, limit: int = SWEEP_LIMIT) -> Pruned:
        return outbox.prune(self._tables, now, limit)

    async def take_lease(self, name: str, owner: str, until: Instant, now: Instant) -> bool:
        return outbox.take_lease(self._tables, name, owner, until, now)

    async def claim(self, claim: Claim, now: Instant) -> Granted:
        return reserve.claim(self._tables, claim, now)

    async def reclaim(self, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
        return reserve.reclaim(self._tables, session_id, wish, phone_text, now)

    async def renew(self, session_id: str, now: Instant) -> Granted:
        return reserve.renew(self._tables, session_id, now)

    async def end(self, session_id: str, now: Instant) -> None:
        reserve.end(self._tables, session_id, now)

    async def session(self, session_id: str, now: Instant) -> Session:
        return sessions.session(self._tables, session_id, now)

    async def progress(self, session_ids: Sequence[str], now: Instant) -> Mapping[str, Progress]:
        return progress.progress(self._tables, session_ids, now)

    async def match(self, query: Query, now: Instant) -> Verdict:
        return match.match(self._tables, query, now)

    async def pool(self, group: str, now: Instant) -> Pool:
        return slots.pool(self._tables, group, now)

    async def put_record(
        self,
        record_id: str,
        owner: str | None,
        values: Values,
        ttl: int,
        now: Instant,
        by: Principal = EVERYONE,
    ) -> None:
        records.put(self._tables, record_id, owner, values, ttl, now, by)

    async def merge_record(
        self, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
    ) -> None:
        records.merge(self._tables, record_id, values, ttl, max_fields, now)

    async def record(self, record_id: str, owner: str | None, now: Instant) -> Record:
        return records.get(self._tables, record_id, owner, now)

    async def value(self, record_id: str, key: str, now: Instant) -> Value | None:
        return records.get_value(self._tables, record_id, key, now)

    async def delete_value(self, record_id: str, key: str, now: Instant) -> None:
        records.delete_value(self._tables, record_id, key, now)

    async def delete_record(self, record_id: str, owner: str | None, now: Instant) -> None:
        records.delete(self._tables, record_id, owner, now)

    async def foretell(self, query: Query, now: Instant) -> Foretold:
        return foretell.foretell(self._tables, query, now)

    async def calls(self, wanted: CallsWanted) -> CallPage:
        return call_log.calls(self._tables, wanted)

    async def trim_calls(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        return call_log.trim(self._tables, before, limit)

    async def forget(self, person: Person, now: Instant) -> Forgotten:
        return forget.forget(self._tables, person, now)

    async def rehearse_forget(self, person: Person, now: Instant) -> Forgotten:
        return forget.forget(deepcopy(self._tables), person, now)

    async def browse(self, wanted: SessionsWanted, now: Instant) -> SessionPage:
        return browse.sessions(self._tables, wanted, now)

    async def count_sessions(
        self, before: str | None, now: Instant, look_at: int = LOOKED_AT
    ) -> SessionCount:
        return browse.count(self._tables, before, look_at, now)

    async def session_events(
        self, session_id: str, before: int | None = None, look_at: int = LOOKED_AT
    ) -> EventPage:
        return browse.session_events(self._tables, session_id, before, look_at)

    async def number_uses(
        self, number_ids: Sequence[int], now: Instant, look_at: int = LOOKED_AT
    ) -> Mapping[int, NumberUse]:
        return browse.number_uses(self._tables, number_ids, look_at, now)

    async def release(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        reserve.release(self._tables, session_id, now)
        audit.add(self._tables, entry, now)

    async def end_by_hand(self, session_id: str, entry: AuditEntry, now: Instant) -> None:
        reserve.end(self._tables, session_id, now)
        audit.add(self._tables, entry, now)

    async def add_samples(self, samples: Sequence[PoolSample]) -> None:
        history.add(self._tables, samples)

    async def samples(self, group: str, since: Instant) -> tuple[PoolSample, ...]:
        return history.samples(self._tables, group, since)

    async def trim_samples(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        return history.trim(self._tables, before, limit)

    async def open_on_shared(self, group: str) -> int:
        return history.open_on_shared(self._tables, group)

    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        return sweep.sweep(self._tables, now, limit)
