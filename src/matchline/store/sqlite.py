"""The embedded store: one SQLite file and one process, durable before each answer by group commit."""

import re
import sqlite3
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from pathlib import Path

from matchline.clock import Instant, SystemClock
from matchline.errors import Unavailable
from matchline.kept.events import SILENCE, Recording
from matchline.model import Claim, Granted, Swept, Wish
from matchline.store import SWEEP_LIMIT
from matchline.store.checkpoint import Checkpoints
from matchline.store.group_commit import GroupCommit, Step, T
from matchline.store.lock import StoreLock
from matchline.store.migrations import READ_VERSIONS, refusal, versions_of
from matchline.store.rewriting import Rewriting
from matchline.store.sql import (
    SCHEMA_VERSION,
    Database,
    Parameters,
    Reader,
    Row,
    reserve,
    schema,
    statements,
    sweep,
)
from matchline.store.sql.serving import ServingStore

PAGE_CACHE_KIB = 65_536  # memory for the database's pages; it does not grow with the live sessions

# A match changes a few rows in each of some ten places; smaller pages make for a shorter log and a quicker commit.
PAGE_SIZE = 1024  # bytes; SQLite's default is 4096

# Operators look into the file with tools of their own; their locks are short.
_BUSY_MILLISECONDS = 1000


class SqliteDatabase:
    """The named statements on one SQLite connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._cursor = connection.cursor()
        self._execute = self._cursor.execute
        self._statements = {name: _by_place(text) for name, text in statements().items()}
        self.recording = SILENCE

    def row(self, name: str, parameters: Parameters) -> Row | None:
        rows = self.rows(name, parameters)
        return rows[0] if rows else None

    def rows(self, name: str, parameters: Parameters) -> list[Row]:
        text, values = self._statements[name]
        return self._execute(text, values(parameters)).fetchall()

    def run(self, name: str, parameters: Parameters) -> None:
        text, values = self._statements[name]
        self._execute(text, values(parameters))

    def insert(self, name: str, parameters: Parameters) -> int:
        self.run(name, parameters)
        row_id = self._cursor.lastrowid
        assert row_id, "the statement adds a row to a table with ids"
        return row_id

    def later(self, name: str, parameters: Parameters) -> Callable[[], Row | None]:
        row = self.row(name, parameters)
        return lambda: row

    # One writer: nobody is to be kept off, and no round trip to be saved.

    locked = row
    claimed = row

    def lock(self, name: str, parameters: Parameters) -> None: ...

    def foresee(self, name: str, parameters: Parameters) -> None: ...

    def finish(self) -> None: ...


_NAMED = re.compile(r":([a-z]\w*)")

_Values = Callable[[Parameters], tuple[object, ...]]


def _by_place(text: str) -> tuple[str, _Values]:
    """A statement whose parameters are numbered: looked up by their names they cost a third of a short statement."""
    names = tuple(dict.fromkeys(_NAMED.findall(text)))
    numbered = _NAMED.sub(lambda found: f"?{names.index(found[1]) + 1}", text)
    if len(names) > 1:
        return numbered, itemgetter(*names)
    return numbered, lambda parameters: tuple(parameters[name] for name in names)


class SqliteStore(ServingStore):
    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._lock = StoreLock(self._path)
        self._connections: list[sqlite3.Connection] = []

    async def open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            _refuse_read_only(self._path)
            writer = self._connect()
            _create_schema(writer)
            self._reader = self._connect()
            self._checkpoints = Checkpoints(writer, self._connect(), Rewriting(writer, SystemClock()))
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            raise Unavailable(f"cannot open {self._path}: {error}") from error
        self._writable = SqliteDatabase(writer)
        self._lane = GroupCommit(writer, self._writable, self._checkpoints.after_commit)
        self._readable = SqliteDatabase(self._reader)

    async def close(self) -> None:
        await self._lane.close()
        self._checkpoints.close()
        self._disconnect()

    def announce(self, url: str) -> None:
        self._lock.announce(url)

    def _disconnect(self) -> None:
        while self._connections:
            self._connections.pop().close()
        self._lock.release()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=_BUSY_MILLISECONDS / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=len(statements()) + 16,
        )
        self._connections.append(connection)
        for pragma in (
            f"page_size = {PAGE_SIZE}",  # counts for a new file only, before it gets its log
            "journal_mode = wal",
            "synchronous = full",
            "secure_delete = on",  # what is removed is zeroed where it stood (docs/security/privacy.md)
            "wal_autocheckpoint = 0",  # `checkpoint.py` does it
            f"cache_size = -{PAGE_CACHE_KIB}",
            "temp_store = memory",
        ):
            connection.execute(f"pragma {pragma}")
        return connection

    def _read(self, step: Step[T]) -> T:
        """A step that changes nothing sees what is committed, in one snapshot, and waits for no one."""
        try:
            self._reader.execute("begin")
            try:
                return step(self._readable)
            finally:
                self._reader.execute("commit")
        except sqlite3.Error as error:
            raise Unavailable(str(error)) from error

    async def write(self, step: Callable[[Database], T]) -> T:
        return await self._lane.run(step)

    async def read(self, step: Callable[[Reader], T]) -> T:
        return self._read(step)

    def observe_commits(self, observe: Callable[[int, float], None]) -> None:
        self._lane.observe = observe

    def record_events(self, recording: Recording) -> None:
        self._writable.recording = recording

    async def claim(self, claim: Claim, now: Instant) -> Granted:
        return await self._lane.run(lambda db: reserve.claim(db, claim, now))

    async def reclaim(self, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
        return await self._lane.run(lambda db: reserve.reclaim(db, session_id, wish, phone_text, now))

    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        return await self._lane.run(partial(sweep.sweep, now=now, limit=limit))


def _refuse_read_only(path: Path) -> None:
    """SQLite would open it for reading only, and never try again. Raises OSError."""
    if path.exists():
        with path.open("r+b"):
            pass


def _create_schema(connection: sqlite3.Connection) -> None:
    """An empty file gets the tables; a file of another schema is refused."""
    connection.execute("begin immediate")
    found = connection.execute("select name from sqlite_master where name = 'meta'").fetchone()
    if found is None:
        connection.execute("commit")
        connection.executescript(f"begin immediate; {schema()}")
        connection.execute(
            "insert into meta (name, value) values ('schema', ?), ('version', 0)", (SCHEMA_VERSION,)
        )
    refused = refusal(versions_of(connection.execute(READ_VERSIONS).fetchall()))
    connection.execute("commit")
    if refused:
        raise sqlite3.DatabaseError(refused)
