"""The store in memory: plain dictionaries and the rules said as plainly as possible.

It is the model that the other stores are compared with, and a server's store for trying things out. It
forgets everything when the process ends.
"""

from matchline.clock import Instant
from matchline.model import Change, Claim, Granted, Pool, Record, Session, Stored, Swept, Value, Values, Wish
from matchline.store import SWEEP_LIMIT, Store
from matchline.store.memory import configuration, match, records, reserve, sessions, slots, sweep
from matchline.store.memory.tables import Tables
from matchline.verdict import Query, Verdict


class MemoryStore(Store):
    """Its steps are plain functions over the tables, named like those of the SQL stores."""

    def __init__(self) -> None:
        self._tables = Tables()

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

    async def match(self, query: Query, now: Instant) -> Verdict:
        return match.match(self._tables, query, now)

    async def pool(self, group: str, now: Instant) -> Pool:
        return slots.pool(self._tables, group, now)

    async def put_record(
        self, record_id: str, owner: str | None, values: Values, ttl: int, now: Instant
    ) -> None:
        records.put(self._tables, record_id, owner, values, ttl, now)

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

    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        return sweep.sweep(self._tables, now, limit)
