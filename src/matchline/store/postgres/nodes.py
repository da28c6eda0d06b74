"""Other nodes over the same database: their changes of the configuration, and the clock that all of them follow."""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg

from matchline.clock import Reading, steady
from matchline.errors import Unavailable
from matchline.store.postgres.connecting import Address
from matchline.store.postgres.transactions import Transactions
from matchline.store.sql import Reader
from matchline.store.sql.configuration import current_version

_LISTEN = "listen matchline_configuration"

# Seconds. A notification may be lost with its connection, so the version is looked at this often all the same.
_POLL = 0.3

# Seconds until it is tried again to listen: twice as long each time.
_FIRST_PAUSE = 0.3
_LONGEST_PAUSE = 10.0


class Others:
    """Listens on a connection of its own; to be used by one task."""

    def __init__(self, address: Address, transactions: Transactions) -> None:
        self._address = address
        self._transactions = transactions
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._pause = _FIRST_PAUSE
        self._listen_from = 0.0  # by `steady`

    async def configuration_changed(self, version: int) -> None:
        while not await self._is_changed(version):
            await self._listen()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _is_changed(self, version: int) -> bool:
        with suppress(Unavailable):
            return await self._transactions.read(current_version) != version
        return False

    async def _listen(self) -> None:
        """Until somebody tells of a change, or the version is to be looked at."""
        if self._connection is None and steady() >= self._listen_from:
            await self._connect()
        if self._connection is None:
            await asyncio.sleep(_POLL)
            return
        try:
            async for _ in self._connection.notifies(timeout=_POLL, stop_after=1):
                return
        except psycopg.Error:
            await self.close()

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(_POLL):
                self._connection = await psycopg.AsyncConnection.connect(
                    self._address.conninfo, autocommit=True
                )
                await self._connection.execute(_LISTEN)
        except (TimeoutError, psycopg.Error):
            await self.close()
            self._listen_from = steady() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        else:
            self._pause = _FIRST_PAUSE


def read_clock(db: Reader) -> Reading:
    """The database server's."""
    asked = steady()
    row = db.row("read_clock", {})
    assert row, "it always answers"
    return Reading(row[0], asked, steady())
