"""Group commit: many steps, one transaction, one sync to disk, and no answer before it.

The event loop queues steps; one thread runs what is waiting, each step within a savepoint, commits once, and then
all of them are answered. A slow disk makes batches larger and never stops the loop
(`docs/decisions/group-commit.md` has the measurement).
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from msgspec import Struct

from matchline.clock import steady
from matchline.errors import Unavailable
from matchline.store.sql import Database

T = TypeVar("T")
Step = Callable[[Database], T]

# Bounds how long the first of a batch waits for the last: about 10 ms of steps.
MAX_BATCH = 128


class _Waiting(Struct):
    step: Step[Any]
    answer: asyncio.Future[Any]
    result: object = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.answer.done():  # the caller went away; the step stands all the same
            return
        if self.error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(self.error)


_Batch = list[_Waiting]


class GroupCommit:
    """Runs steps on the one connection that writes. To be used from one event loop only."""

    def __init__(
        self, connection: sqlite3.Connection, database: Database, after_commit: Callable[[int], None]
    ) -> None:
        self._connection = connection
        self._database = database
        self._after_commit = after_commit
        self.observe: Callable[[int, float], None] = lambda _steps, _seconds: None
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._busy = False
        self._closed = False
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        self._writer = Thread(target=self._write_batches, name="writer", daemon=True)
        self._writer.start()

    async def run(self, step: Step[T]) -> T:
        """The step's result, once it is durable.

        Raises what the step raises; Unavailable when it is not stored.
        """
        if self._closed:
            raise Unavailable("the store is closed")
        entry = _Waiting(step, self._loop.create_future())
        self._waiting.append(entry)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._hand_over)
        result: T = await entry.answer
        return result

    async def close(self) -> None:
        self._closed = True
        while self._busy:  # noqa: ASYNC110 - once in the life of a process
            await asyncio.sleep(0.001)
        self._batches.put(None)
        self._writer.join()

    def _hand_over(self) -> None:
        self._batches.put([self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))])

    def _answer(self, batch: _Batch) -> None:
        if self._waiting:
            self._hand_over()
        else:
            self._busy = False
        for entry in batch:
            entry.settle()

    # In the thread

    def _write_batches(self) -> None:
        while (batch := self._batches.get()) is not None:
            started = steady()
            try:
                self._write(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not stored, and each caller is told
                for entry in batch:
                    entry.error = Unavailable(str(error))
            with suppress(RuntimeError):  # the loop was closed: no one waits any more
                self._loop.call_soon_threadsafe(self._answer, batch)
            self.observe(len(batch), steady() - started)
            self._after_commit(len(batch))

    def _write(self, batch: _Batch) -> None:
        try:
            if not self._ran_plainly(batch):
                self._run_apart(batch)
        finally:
            self._roll_back()

    def _ran_plainly(self, batch: _Batch) -> bool:
        """Most batches go well and need no savepoints. What a failed step wrote cannot be taken back then."""
        self._connection.execute("begin immediate")
        for entry in batch:
            before = self._connection.total_changes
            try:
                entry.result = entry.step(self._database)
            except Exception as error:  # noqa: BLE001 - it is the caller's to raise
                if self._connection.total_changes != before or isinstance(error, sqlite3.Error):
                    self._roll_back()
                    return False
                entry.error = error
        self._connection.execute("commit")
        return True

    def _run_apart(self, batch: _Batch) -> None:
        """Each step within a savepoint, so that one that fails leaves nothing behind."""
        self._connection.execute("begin immediate")
        for entry in batch:
            self._connection.execute("savepoint step")
            entry.error = None
            try:
                entry.result = entry.step(self._database)
            except Exception as error:  # noqa: BLE001 - it is the caller's to raise
                self._connection.execute("rollback to step")
                entry.error = Unavailable(str(error)) if isinstance(error, sqlite3.Error) else error
            self._connection.execute("release step")
        self._connection.execute("commit")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):  # SQLite has rolled it back itself
                self._connection.execute("rollback")
