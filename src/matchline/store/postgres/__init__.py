"""The store on PostgreSQL: any number of processes on any number of machines (`docs/decisions/postgresql.md`)."""

import asyncio
from collections.abc import Callable

import psycopg

from matchline.clock import Instant, Reading
from matchline.errors import Unavailable
from matchline.kept.events import Recording
from matchline.model import Claim, Granted, Swept, Wish
from matchline.store import SWEEP_LIMIT
from matchline.store.postgres.connecting import Address
from matchline.store.postgres.nodes import Others, read_clock
from matchline.store.postgres.schema import make_ready
from matchline.store.postgres.slots import shared_slot
from matchline.store.postgres.transactions import T, Transactions
from matchline.store.sql import Database, Reader, reserve, sweep
from matchline.store.sql.serving import ServingStore
from matchline.store.sql.sweep import Part


class PostgresStore(ServingStore):
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

    async def write(self, step: Callable[[Database], T]) -> T:
        return await self._transactions.write(step)

    async def read(self, step: Callable[[Reader], T]) -> T:
        return await self._transactions.read(step)

    def record_events(self, recording: Recording) -> None:
        self._transactions.recording = recording

    async def configuration_changed(self, version: int) -> None:
        await self._others.configuration_changed(version)

    async def time(self) -> Reading | None:
        return await self._transactions.read(read_clock)

    async def claim(self, claim: Claim, now: Instant) -> Granted:
        return await self._transactions.write(
            lambda db: reserve.claim(db, claim, now, shared_slot), claims=True
        )

    async def reclaim(self, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
        return await self._transactions.write(
            lambda db: reserve.reclaim(db, session_id, wish, phone_text, now, shared_slot), claims=True
        )

    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        """Each kind in a transaction of its own: short, and no two kinds of locks at once."""
        return Swept(*[await self._sweep(part, now, limit) for part in sweep.PARTS])

    async def _sweep(self, part: Part, now: Instant, limit: int) -> int:
        return await self._transactions.write(lambda db: part(db, now, limit))
