"""The store on PostgreSQL: any number of processes on any number of machines (`docs/decisions/postgresql.md`)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

import psycopg

from matchline.clock import Instant, Reading
from matchline.errors import Unavailable
from matchline.events import Recording
from matchline.model import (
    Change,
    Claim,
    Granted,
    Pool,
    Record,
    Session,
    Stored,
    Swept,
    Value,
    Values,
    Wish,
)
from matchline.principal import EVERYONE, Principal
from matchline.store import SWEEP_LIMIT
from matchline.store.postgres.connecting import Address
from matchline.store.postgres.nodes import Others, read_clock
from matchline.store.postgres.schema import make_ready
from matchline.store.postgres.slots import shared_slot
from matchline.store.postgres.transactions import T, Transactions
from matchline.store.sql import (
    Database,
    Reader,
    configuration,
    keys,
    match,
    records,
    reserve,
    sessions,
    slots,
    sweep,
)
from matchline.store.sql.browsing import BrowseStore
from matchline.store.sql.sweep import Part
from matchline.verdict import Query, Verdict


class PostgresStore(BrowseStore):
    def __init__(self, url: str) -> None:
        """Raises ValueError with a sentence."""
        self._address = Address(url)

    async def open(self) -> None:
        try:
            await asyncio.to_thread(make_ready, self._address)
        except psycopg.Error as error:
            raise Unavailable(f"cannot open the database: {error}") from error
        self._transactions = Transactions(self._address)
        self._others = Others(self._address, self._transactions)

    async def close(self) -> None:
        await self._others.close()
        await self._transactions.close()

    def announce(self, url: str) -> None:
        """Nothing: other processes open the store themselves."""

    async def check(self) -> None:
        await self._transactions.write(lambda db: db.run("touch", {}))

    async def write(self, step: Callable[[Database], T]) -> T:
        return await self._transactions.write(step)

    async def read(self, step: Callable[[Reader], T]) -> T:
        return await self._transactions.read(step)

    def record_events(self, recording: Recording) -> None:
        self._transactions.recording = recording

    async def stored(self) -> Stored:
        return await self._transactions.read(configuration.stored)

    async def change(self, change: Change, version: int, now: Instant) -> Stored:
        return await self._transactions.write(lambda db: configuration.change(db, change, version, now))

    async def configuration_changed(self, version: int) -> None:
        await self._others.configuration_changed(version)

    async def time(self) -> Reading | None:
        return await self._transactions.read(read_clock)

    async def key_uses(self) -> Mapping[str, Instant]:
        return await self._transactions.read(keys.uses)

    async def note_key_uses(self, key_ids: Iterable[str], now: Instant) -> None:
        await self._transactions.write(lambda db: keys.note_uses(db, key_ids, now))

    async def claim(self, claim: Claim, now: Instant) -> Granted:
        return await self._transactions.write(
            lambda db: reserve.claim(db, claim, now, shared_slot), claims=True
        )

    async def reclaim(self, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
        return await self._transactions.write(
            lambda db: reserve.reclaim(db, session_id, wish, phone_text, now, shared_slot), claims=True
        )

    async def renew(self, session_id: str, now: Instant) -> Granted:
        return await self._transactions.write(lambda db: reserve.renew(db, session_id, now))

    async def end(self, session_id: str, now: Instant) -> None:
        await self._transactions.write(lambda db: reserve.end(db, session_id, now))

    async def session(self, session_id: str, now: Instant) -> Session:
        return await self._transactions.read(lambda db: sessions.session(db, session_id, now))

    async def match(self, query: Query, now: Instant) -> Verdict:
        return await self._transactions.write(lambda db: match.match(db, query, now))

    async def pool(self, group: str, now: Instant) -> Pool:
        return await self._transactions.read(lambda db: slots.pool(db, group, now))

    async def put_record(
        self,
        record_id: str,
        owner: str | None,
        values: Values,
        ttl: int,
        now: Instant,
        by: Principal = EVERYONE,
    ) -> None:
        await self._transactions.write(lambda db: records.put(db, record_id, owner, values, ttl, now, by))

    async def merge_record(
        self, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
    ) -> None:
        await self._transactions.write(lambda db: records.merge(db, record_id, values, ttl, max_fields, now))

    async def record(self, record_id: str, owner: str | None, now: Instant) -> Record:
        return await self._transactions.read(lambda db: records.get(db, record_id, owner, now))

    async def value(self, record_id: str, key: str, now: Instant) -> Value | None:
        return await self._transactions.read(lambda db: records.get_value(db, record_id, key, now))

    async def delete_value(self, record_id: str, key: str, now: Instant) -> None:
        await self._transactions.write(lambda db: records.delete_value(db, record_id, key, now))

    async def delete_record(self, record_id: str, owner: str | None, now: Instant) -> None:
        await self._transactions.write(lambda db: records.delete(db, record_id, owner, now))

    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        """Each kind in a transaction of its own: short, and no two kinds of locks at once."""
        return Swept(*[await self._sweep(part, now, limit) for part in sweep.PARTS])

    async def _sweep(self, part: Part, now: Instant, limit: int) -> int:
        return await self._transactions.write(lambda db: part(db, now, limit))
