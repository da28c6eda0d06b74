"""Where the store lives, and how its process dies."""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Protocol

from matchline.store import Store
from matchline.store.sqlite import SqliteStore

from .writer import stepped_writer


class Site(Protocol):
    """A place of a store. Another kind of store is simulated by another site."""

    queues_writes: bool  # one writer takes one batch after another

    async def open(self, nodes: int) -> Sequence[Store]:
        """Each node's store, as it is found."""
        ...

    async def close(self) -> None: ...

    def abandon(self) -> None:
        """Let go of the store, whatever it is at."""
        ...

    def crash(self) -> None:
        """The process is no more: what it had not made durable is gone."""
        ...

    def interrupt_after(self, moments: int, *, for_good: bool) -> None:
        """The database fails, once or from then on: so many moments, about ten a statement, into what it does."""
        ...

    def stop_interrupting(self) -> None: ...

    def rows(self) -> dict[str, int]:
        """How many rows each table has that must be empty when everything is over."""
        ...


class SqliteSite:
    """One file. It dies as by `kill -9`: the next process finds the bytes that were written until then."""

    queues_writes = True

    LASTING = frozenset({"meta", "option", "number", "codes_in_use", "sqlite_sequence", "audit"})

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._life = 0

    @property
    def _path(self) -> Path:
        return self._folder / f"store-{self._life}.db"

    async def open(self, nodes: int) -> Sequence[Store]:
        self._store = SqliteStore(self._path)
        with stepped_writer():
            await self._store.open()
        return [self._store] * nodes

    async def close(self) -> None:
        await self._store.close()

    def crash(self) -> None:
        dead = self._path
        self._life += 1
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{dead}{suffix}", f"{self._path}{suffix}")
        self.abandon()
        for suffix in ("", "-wal", "-shm", ".lock"):
            Path(f"{dead}{suffix}").unlink(missing_ok=True)

    def abandon(self) -> None:
        self._store._checkpoints.close()
        self._store._disconnect()

    def interrupt_after(self, moments: int, *, for_good: bool) -> None:
        passed = count()
        fails = moments.__le__ if for_good else moments.__eq__
        self._writer.set_progress_handler(lambda: fails(next(passed)), 1)

    def stop_interrupting(self) -> None:
        self._writer.set_progress_handler(None, 0)

    def rows(self) -> dict[str, int]:
        with closing(sqlite3.connect(self._path)) as connection:
            names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
            return {
                name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]  # noqa: S608 - ours
                for (name,) in names
                if name not in self.LASTING
            }

    @property
    def _writer(self) -> sqlite3.Connection:
        return self._store._lane._connection
