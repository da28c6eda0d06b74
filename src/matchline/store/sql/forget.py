"""Removes what is known of a person, some rows a step.

Few indexes lead from a person to what is known of them: every match would pay for more. So whole tables are walked
through, and a step of a walk reads so few rows that it holds up no one. What is found is removed some rows a step; a
session goes with its data and its answers in one.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

from matchline.clock import Instant
from matchline.errors import StoreError
from matchline.guessing import guesser_of_phone
from matchline.kept.person import Forgotten, Person
from matchline.observing.masking import Private
from matchline.store.sql import Database, Parameters, Reader, Row, chart_events, reserve
from matchline.store.sql.outbox import OutboxStore

T = TypeVar("T")

_Counts: TypeAlias = Counter[str]  # by the names of `Forgotten`
_Step: TypeAlias = Callable[[Database], _Counts]

WALKED = 500  # rows that a step reads, in some milliseconds
REMOVED = 50  # rows that a step removes, on PostgreSQL in as many round trips

# What came while tables were walked through is found the second time; after it there is no session from which more
# could come.
_ROUNDS = 2


@dataclass(frozen=True, slots=True, repr=False)
class _Known(Private):
    """Of sessions, also of those that have ended, as far as anything tells whose they are."""

    person: Person
    data: dict[str, str]  # the record of each session

    def is_callers(self, phone: str | None) -> bool:
        return phone in self.person.phones

    def is_repeat(self, kind: str, key: str) -> bool:
        """What a caller told ends in the caller's number, whose session it ever was."""
        return kind == "repeat" and any(key.endswith(f"/{phone}") for phone in self.person.phones)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Through a table by its key; after the columns of that, a row has those that tell whose it is."""

    statement: str
    start: Parameters  # what is below each column of every key

    def key(self, row: Row) -> Parameters:
        return dict(zip(self.start, row, strict=False))


_SESSIONS = _Walk("walk_sessions", {"id": ""})
_RESERVATIONS = _Walk("walk_reservations", {"id": 0})
_BINDINGS = _Walk("walk_bindings", {"number_id": 0, "kind": "", "key": "", "session_id": ""})
_CALLS = _Walk("walk_calls", {"id": 0})
_EVENTS = _Walk("walk_events", {"id": 0})


@dataclass(frozen=True, slots=True)
class _Trace:
    """What sessions and calls leave behind, and the statement that removes a row of it."""

    kind: str  # its name in `Forgotten`
    walk: _Walk
    is_meant: Callable[[_Known, Row], bool]
    remove: str


# Whatever else tells of a session or a caller needs a line here, and a name in `Forgotten`.
_TRACES = (
    _Trace(
        "calls", _CALLS, lambda known, row: row[1] in known.data or known.is_callers(row[2]), "forget_call"
    ),
    _Trace("events", _EVENTS, lambda known, row: row[1] in known.data, "forget_event"),
    _Trace(
        "bindings",
        _BINDINGS,
        lambda known, row: row[3] in known.data or known.is_repeat(row[1], row[2]),
        "forget_binding",
    ),
)


async def forget(store: OutboxStore, person: Person, now: Instant) -> Forgotten:
    forgetting = _Forgetting(store, store.write, person, now)
    for _ in range(_ROUNDS):
        await forgetting.run()
    return Forgotten(**forgetting.removed)


async def rehearse(store: OutboxStore, person: Person, now: Instant) -> Forgotten:
    """Each step is done and undone."""

    async def change(step: _Step) -> _Counts:
        try:
            return await store.write(partial(_undone, step))
        except _Undone as undone:
            return undone.counts

    forgetting = _Forgetting(store, change, person, now)
    await forgetting.run()
    return Forgotten(**forgetting.removed)


class _Forgetting:
    def __init__(
        self, store: OutboxStore, change: Callable[[_Step], Awaitable[_Counts]], person: Person, now: Instant
    ) -> None:
        self._store = store
        self._change = change
        self._now = now
        self._known = _Known(person, {})
        self.removed: _Counts = Counter()

    async def run(self) -> None:
        """Sessions go last, and then their reservations, so that whoever begins again finds all that is left."""
        await self._learn()
        for trace in _TRACES:
            await self._each(await self._found(trace.walk, trace.is_meant), partial(_remove, trace))
        reservations = await self._found(_RESERVATIONS, lambda known, row: row[1] in known.data)
        await self._each(sorted(self._known.data.items()), partial(_end, now=self._now))
        await self._each(reservations, _scrub)
        await self._each(sorted(self._known.person.phones), _restore_budget)

    async def _learn(self) -> None:
        """Which sessions are the person's."""
        person, data = self._known.person, self._known.data
        async for _, session_id, data_id, phone in self._rows(_RESERVATIONS):
            if phone in person.phones:
                data[session_id] = data_id
        async for _, _, _, session_id, data_id, phone in self._rows(_BINDINGS):
            if phone in person.phones:
                data[session_id] = data_id
        is_ruled_out = person.rules_out()
        async for session_id, data_id, phone_text in self._rows(_SESSIONS):
            if phone_text and not is_ruled_out(phone_text) and person.is_meant(phone_text):
                data[session_id] = data_id

    async def _found(self, walk: _Walk, is_meant: Callable[[_Known, Row], bool]) -> list[Parameters]:
        return [walk.key(row) async for row in self._rows(walk) if is_meant(self._known, row)]

    async def _rows(self, walk: _Walk) -> AsyncIterator[Row]:
        after: Parameters | None = walk.start
        while after is not None:
            step = partial(_read, walk.statement, {**after, "limit": WALKED})
            rows = await self._store.read(step)
            for row in rows:
                yield row
            after = walk.key(rows[-1]) if len(rows) == WALKED else None
            await asyncio.sleep(0)  # an embedded store reads without waiting

    async def _each(self, found: Sequence[T], forget_one: Callable[[Database, T], Mapping[str, int]]) -> None:
        for first in range(0, len(found), REMOVED):
            self.removed += await self._change(partial(_all, forget_one, found[first : first + REMOVED]))


class _Undone(StoreError):
    """Leaves nothing behind, as every step that raises; tells what would have been removed."""

    def __init__(self, counts: _Counts) -> None:
        super().__init__()
        self.counts = counts


# Steps


def _undone(step: _Step, db: Database) -> _Counts:
    raise _Undone(step(db))


def _read(statement: str, parameters: Parameters, db: Reader) -> list[Row]:
    return db.rows(statement, parameters)


def _all(forget_one: Callable[[Database, T], Mapping[str, int]], some: Sequence[T], db: Database) -> _Counts:
    counts: _Counts = Counter()
    for each in some:
        counts.update(forget_one(db, each))
    return counts


def _remove(trace: _Trace, db: Database, key: Parameters) -> Mapping[str, int]:
    return {trace.kind: _gone(db, trace.remove, key)}


def _end(db: Database, known: tuple[str, str], now: Instant) -> Mapping[str, int]:
    session_id, data_id = known
    answers = _gone(db, "forget_answers", {"session_id": session_id})
    ended = reserve.close(db, session_id, now) or _gone(db, "forget_session", {"id": session_id})
    chart_events.remove(db, session_id, now)
    return {"sessions": ended, "answers": answers, "records": _gone(db, "forget_record", {"id": data_id})}


def _scrub(db: Database, key: Parameters) -> Mapping[str, int]:
    """The row stays while its slot rests, and is gone already where that does not."""
    db.run("forget_reservation", key)
    return {"reservations": 1}


def _restore_budget(db: Database, phone: str) -> Mapping[str, int]:
    return {"budgets": _gone(db, "forget_budget", {"guesser": guesser_of_phone(phone)})}


def _gone(db: Database, statement: str, parameters: Parameters) -> int:
    return len(db.rows(statement, parameters))
