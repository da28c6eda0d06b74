"""Runs steps in transactions: threads with a connection each, races tried again, lost commits found out."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event
from typing import TypeVar

import psycopg

from matchline.clock import steady
from matchline.errors import StoreError, Unavailable
from matchline.kept.events import SILENCE
from matchline.store.postgres.connecting import Address
from matchline.store.postgres.database import PostgresDatabase, ReadingDatabase
from matchline.store.postgres.pipeline import Lost, Pipeline, Refused
from matchline.store.postgres.threads import Threads

T = TypeVar("T")
WritingStep = Callable[[PostgresDatabase], T]
ReadingStep = Callable[[ReadingDatabase], T]

# Seconds from the call to the answer, whatever happens: the first is the thread's, the second the caller's.
_STEP_LIMIT = 1.7
_ANSWER_LIMIT = 1.9

# Each race that is lost was won by somebody else, so that this many in a row are no accident.
_ATTEMPTS = 20

# Another transaction was in the way: serialization, deadlock, unique index, and the division that fails on purpose.
_RACES = frozenset({"40001", "40P01", "23505", "22012"})

_TOO_LATE = "the database did not answer in time"

_PAUSE = 0.02  # seconds until a server that restarts, or a transaction that ends, is asked again


class _Undone(Exception):
    """The step left nothing behind and may be tried again."""


class Transactions:
    """To be used from one event loop."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._threads = Threads(address.connections, "postgres")
        self._idle: list[Pipeline] = []
        self._closed = False
        self.recording = SILENCE  # what of the events the transactions note

    async def write(self, step: WritingStep[T], *, claims: bool = False) -> T:
        """The step's result, once it is durable.

        Raises what the step raises; Unavailable when it is not stored, or when that cannot be found out.
        """
        return await self._answer(
            lambda deadline: self._repeatedly(partial(self._write, step, claims), deadline)
        )

    async def read(self, step: ReadingStep[T]) -> T:
        return await self._answer(lambda deadline: self._repeatedly(partial(self._read, step), deadline))

    async def close(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._threads.close)
        self._disconnect()

    async def _answer(self, run: Callable[[float], T]) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        deadline = steady() + _STEP_LIMIT
        answer = self._threads.run(partial(run, deadline))
        timer = answer.get_loop().call_later(_ANSWER_LIMIT, _give_up, answer)
        try:
            return await answer
        finally:
            timer.cancel()

    # In a thread

    def _repeatedly(self, attempt: Callable[[Pipeline], T], deadline: float) -> T:
        for _ in range(_ATTEMPTS):
            pipeline = self._borrow(deadline)
            try:
                return attempt(pipeline)
            except _Undone:
                continue
        raise Unavailable(f"{_ATTEMPTS} attempts were lost to other transactions")

    def _write(self, step: WritingStep[T], claims: bool, pipeline: Pipeline) -> T:
        db = PostgresDatabase(pipeline, partial(self._find_out, pipeline), claims=claims)
        db.recording = self.recording
        return self._run(step, db)

    def _read(self, step: ReadingStep[T], pipeline: Pipeline) -> T:
        return self._run(step, ReadingDatabase(pipeline))

    def _run(self, step: Callable[["_Db"], T], db: "_Db") -> T:
        try:
            db.begin()
            result = step(db)
            db.finish()
        except StoreError:
            self._abandon(db)
            raise
        except Refused as refusal:
            if refusal.state not in _RACES:
                db.pipeline.close()
                raise Unavailable(str(refusal)) from refusal
            self._abandon(db)
            raise _Undone from refusal
        except Lost as loss:
            db.pipeline.close()
            self._disconnect()  # what else is idle was as a rule lost with it
            raise _Undone from loss
        except BaseException:
            db.pipeline.close()
            raise
        self._idle.append(db.pipeline)
        return result

    def _abandon(self, db: "_Db") -> None:
        try:
            db.abandon()
        except Lost:
            db.pipeline.close()
        else:
            self._idle.append(db.pipeline)

    def _borrow(self, deadline: float) -> Pipeline:
        """A connection for this thread alone: there are as many threads as there may be connections."""
        if steady() >= deadline:
            raise Unavailable(_TOO_LATE)
        try:
            pipeline = self._idle.pop()
        except IndexError:
            return self._connect(deadline)
        pipeline.deadline = deadline
        return pipeline

    def _connect(self, deadline: float) -> Pipeline:
        try:
            return self._address.pipeline(deadline)
        except (psycopg.Error, Refused) as error:
            raise Unavailable(f"cannot connect: {error}") from error

    def _find_out(self, lost: Pipeline, transaction: str) -> Pipeline:
        """See `Recover`: the server keeps what became of a transaction.

        A server that crashed gives ids that it had not written down to other transactions: that one of this id was
        committed tells nothing then. What was committed before the crash keeps its id.
        """
        while steady() < lost.deadline:
            with suppress(Unavailable, Lost, Refused):
                pipeline = self._connect(lost.deadline)
                is_same_life = pipeline.server_life == lost.server_life
                outcome = _outcome(pipeline, transaction, end_it=is_same_life)
                if outcome == "committed" and is_same_life:
                    return pipeline
                pipeline.close()
                if outcome == "aborted":
                    raise _Undone
                if outcome == "committed":
                    break
            Event().wait(_PAUSE)
        raise Unavailable("the connection was lost during a commit, and its outcome cannot be found out now")

    def _disconnect(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def _give_up(answer: "asyncio.Future[T]") -> None:
    if not answer.done():
        answer.set_exception(Unavailable(_TOO_LATE))


_Db = TypeVar("_Db", PostgresDatabase, ReadingDatabase)


def _outcome(pipeline: Pipeline, transaction: str, *, end_it: bool) -> object:
    """What the server knows of the transaction, which may have to end now if it has not ended."""
    if end_it:
        pipeline.send("end_transaction", {"id": transaction})
    reply = pipeline.send("outcome", {"id": transaction})
    pipeline.read(pipeline.sync())
    return reply.rows()[0][0]
