"""The store's own steps on a connection of our own: to fill a store fast, and to time a step without its commit.

Besides the server it is the one place that knows how the SQLite store is made.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.configured import CODE_LENGTH, Kind, number_text
from bench.requests import USER_DATA, Reserved
from bench.scripts import new_phone
from matchline.chance import Chance, SystemChance
from matchline.codes import CodeSpace
from matchline.model import Claim, CodeWish, NewSession, Terms, Value, Wish
from matchline.store import SWEEP_LIMIT
from matchline.store.sql import match, reserve, sweep
from matchline.store.sqlite import PAGE_CACHE_KIB, SqliteDatabase
from matchline.verdict import Asked, Matched, Query

_DAY = 86_400_000  # ms: nothing expires while we measure
_TERMS = Terms(timeout=_DAY)
_VALUES = {key: Value.text(text) for key, text in USER_DATA.items()}
_CODES = CodeSpace()
_CANDIDATES = 16  # enough while at most a fifth of the codes is taken
_FILL_CACHE_KIB = 3_000_000

_AS_SERVED = ("journal_mode = wal", "synchronous = full", f"cache_size = -{PAGE_CACHE_KIB}")
_TO_FILL = ("journal_mode = off", "synchronous = off", f"cache_size = -{_FILL_CACHE_KIB}")


class Steps:
    """One connection to a store that has one group."""

    def __init__(self, connection: sqlite3.Connection, kind: Kind) -> None:
        self._connection = connection
        self._database = SqliteDatabase(connection)
        self._kind = kind
        self._chance: Chance = SystemChance()
        self._ids = self._read_ids()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._connection.execute("begin immediate")
        yield
        self._connection.execute("commit")

    def claim(self) -> Reserved:
        now = _now()
        phone = new_phone()
        session = NewSession(
            self._chance.new_id(now), "request-interaction", self._chance.new_id(now), phone, _DAY
        )
        claim = Claim(session, _VALUES, self._wish(phone))
        granted = reserve.claim(self._database, claim, now)
        return Reserved(granted.session_id, granted.number, phone, granted.code)

    def match(self, session: Reserved) -> float:
        """How long the step took, in seconds."""
        query = Query(
            (Asked(self._ids[session.number], session.phone),),
            session.code,
            with_values=True,
            ttl_after_match=_DAY,
            call_memory=_DAY,
        )
        now = _now()
        started = time.perf_counter()
        verdict = match.match(self._database, query, now)
        elapsed = time.perf_counter() - started
        assert isinstance(verdict, Matched), verdict
        assert [found.session_id for found in verdict.matches] == [session.id], "another session's call"
        return elapsed

    def sweep(self) -> float:
        """How long it takes to find that nothing is over, in seconds."""
        while True:
            started = time.perf_counter()
            swept = sweep.sweep(self._database, _now(), SWEEP_LIMIT)
            if not swept.total:
                return time.perf_counter() - started

    def widen(self, count: int) -> None:
        """An exclusive group gets numbers until it has this many."""
        missing = range(len(self._ids), count)
        rows = [(str(self._kind), number_text(800, place), place) for place in missing]
        self._connection.executemany("insert into number (grp, text, turn) values (?, ?, ?)", rows)
        self._ids = self._read_ids()

    def _read_ids(self) -> dict[str, int]:
        numbers = self._connection.execute("select text, id from number where grp = ?", (str(self._kind),))
        return dict(numbers.fetchall())

    def _wish(self, phone: str) -> Wish:
        code = None
        if self._kind is Kind.CODE:
            drawn = _CODES.draw(CODE_LENGTH, _CANDIDATES, self._chance)
            code = CodeWish(drawn, _CODES.size(CODE_LENGTH) // 2, _CODES.leads)
        return Wish(str(self._kind), self._kind.strategy, _TERMS, phone, code)


@contextmanager
def steps_as_served(path: Path, kind: Kind) -> Iterator[Steps]:
    """With the settings of the product."""
    with closing(_connect(path, _AS_SERVED)) as connection:
        yield Steps(connection, kind)


@contextmanager
def steps_to_fill(path: Path, kind: Kind) -> Iterator[Steps]:
    """Without a journal: everything in memory, written once, in one transaction."""
    with closing(_connect(path, _TO_FILL)) as connection:
        steps = Steps(connection, kind)
        with steps.transaction():
            yield steps


def _connect(path: Path, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=200)
    for pragma in (*pragmas, "temp_store = memory"):
        connection.execute(f"pragma {pragma}")
    return connection


def _now() -> int:
    return time.time_ns() // 1_000_000
