"""Group commit: many steps, one transaction, one sync to disk, and no answer before it.

The event loop queues steps; one thread runs what is waiting, each step within a savepoint, commits once, and then
all of them are answered. A slow disk makes batches larger and never stops the loop
(`docs/decisions/group-commit.md` has the measurement).
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from matchline.errors import Unavailable
from matchline.store.sql import Database

T = TypeVar("T")
Step = Callable[[Database], T]

# Bounds how long the first of a batch waits for the last: about 10 ms of steps.
MAX_BATCH = 128


@dataclass(slots=True)
class _Waiting:
    step: Step[Any]
    answer: "asyncio.Future[Any]"
    result: object = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.answer.done():  # the caller went away; the step stands all the same
            return
        if self.error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(self.error)


class GroupCommit:
    """Runs steps on the one connection that writes. To be used from one event loop only."""

    def __init__(
        self, connection: sqlite3.Connection, database: Database, after_commit: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._database = database
        self._after_commit = after_commit
        self._waiting: deque[_Waiting] = deque()
        self._busy = False
        self._closed = False
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")

    async def run(self, step: Step[T]) -> T:
        """The step's result, once it is durable.

        Raises what the step raises; Unavailable when it is not stored.
        """
        if self._closed:
            raise Unavailable("the store is closed")
        loop = asyncio.get_running_loop()
        entry = _Waiting(step, loop.create_future())
        self._waiting.append(entry)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._hand_over, loop)
        result: T = await entry.answer
        return result

    async def close(self) -> None:
        self._closed = True
        while self._busy:  # noqa: ASYNC110 - once in the life of a process
            await asyncio.sleep(0.001)
        self._writer.shutdown()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
        writing = loop.run_in_executor(self._writer, self._write, batch)
        writing.add_done_callback(lambda done: self._answer(batch, done.exception(), loop))

    def _answer(
        self, batch: list[_Waiting], error: BaseException | None, loop: asyncio.AbstractEventLoop
    ) -> None:
        for entry in batch:
            if error is not None:
                entry.error = Unavailable(str(error))
            entry.settle()
        if self._waiting:
            self._hand_over(loop)
        else:
            self._busy = False

    # In the thread

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            self._connection.execute("begin immediate")
            for entry in batch:
                self._run_step(entry)
            self._connection.execute("commit")
        except sqlite3.Error:
            self._roll_back()
            raise
        self._after_commit()

    def _run_step(self, entry: _Waiting) -> None:
        self._connection.execute("savepoint step")
        try:
            entry.result = entry.step(self._database)
        except Exception as error:  # noqa: BLE001 - it is the caller's to raise
            self._connection.execute("rollback to step")
            entry.error = Unavailable(str(error)) if isinstance(error, sqlite3.Error) else error
        self._connection.execute("release step")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):  # SQLite has rolled it back itself
                self._connection.execute("rollback")
