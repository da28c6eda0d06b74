"""Group commit: many steps, one transaction, one sync to disk, and no answer before it.

The event loop runs the waiting steps, each within a savepoint, while a thread commits what the last batch did;
so durability costs one sync per batch and the thread never fights the loop for the interpreter
(`docs/decisions/group-commit.md` has the measurement).
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from matchline.errors import StoreError, Unavailable
from matchline.store.sql import Database

T = TypeVar("T")
Step = Callable[[Database], T]

# Bounds how long one batch keeps the event loop from its connections: about 10 ms of steps.
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

    def __init__(self, connection: sqlite3.Connection, database: Database) -> None:
        self._connection = connection
        self._database = database
        self._waiting: deque[_Waiting] = deque()
        self._busy = False
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="commit")

    async def run(self, step: Step[T]) -> T:
        """The step's result, once it is durable. Raises what the step raises; Unavailable when it is not stored."""
        loop = asyncio.get_running_loop()
        entry = _Waiting(step, loop.create_future())
        self._waiting.append(entry)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._run_batch, loop)
        result: T = await entry.answer
        return result

    async def close(self) -> None:
        while self._busy:
            await asyncio.sleep(0.001)
        self._committer.shutdown()

    def _run_batch(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
        try:
            changes = self._connection.total_changes
            self._connection.execute("begin immediate")
            for entry in batch:
                self._run_step(entry)
            if self._connection.total_changes == changes:
                self._commit()
                self._finish(batch, None, loop)
                return
        except sqlite3.Error as error:
            self._finish(batch, error, loop)
            return
        committing = loop.run_in_executor(self._committer, self._commit)
        committing.add_done_callback(lambda done: self._finish(batch, done.exception(), loop))

    def _run_step(self, entry: _Waiting) -> None:
        self._connection.execute("savepoint step")
        try:
            entry.result = entry.step(self._database)
        except Exception as error:  # noqa: BLE001 - it is the caller's to raise
            self._connection.execute("rollback to step")
            entry.error = _as_store_error(error)
        self._connection.execute("release step")

    def _commit(self) -> None:
        self._connection.execute("commit")

    def _finish(
        self, batch: list[_Waiting], error: BaseException | None, loop: asyncio.AbstractEventLoop
    ) -> None:
        if error is not None:
            self._roll_back()
        for entry in batch:
            if error is not None:
                entry.error = Unavailable(str(error))
            entry.settle()
        if self._waiting:
            loop.call_soon(self._run_batch, loop)
        else:
            self._busy = False

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("rollback")
            except sqlite3.Error:
                return  # SQLite has rolled it back itself


def _as_store_error(error: Exception) -> Exception:
    if isinstance(error, sqlite3.Error) and not isinstance(error, StoreError):
        return Unavailable(str(error))
    return error
