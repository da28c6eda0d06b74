"""Schema versions: which stores this program may open, and how an older one is brought up to date.

A migration has two phases. *pre* only adds: nodes of the version before go on working, also those started anew.
*post* removes what they needed, once there are none left. They are files `sql/migrations/DIALECT/NNNN.PHASE.sql`,
NNNN being the version to which they lead, DIALECT `sqlite` or `postgres`.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from matchline.errors import Unavailable
from matchline.store.lock import StoreLock
from matchline.store.sql import SCHEMA_VERSION

_FILE = re.compile(r"(\d{4})\.(pre|post)\.sql")
_SQLITE = "sqlite:///"


class Phase(StrEnum):
    PRE = "pre"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Migration:
    version: int  # to which it leads
    phase: Phase
    text: str

    def __str__(self) -> str:
        return f"{self.version:04}.{self.phase}"


@dataclass(frozen=True, slots=True)
class Versions:
    """Of a store: up to where its migrations are complete, and up to where their first phase is."""

    complete: int
    prepared: int

    def after(self, phase: Phase) -> int:
        return self.prepared if phase is Phase.PRE else self.complete


class Versioned(Protocol):
    """A store's schema, as far as migrations are concerned."""

    def versions(self) -> Versions: ...

    def apply(self, migration: Migration) -> None:
        """Run it and note that it ran, in one transaction."""
        ...


# What a migration notes in the table meta, by its phase.
NOTED = {Phase.PRE: "prepared", Phase.POST: "schema"}

READ_VERSIONS = "select name, value from meta where name in ('schema', 'prepared')"


def versions_of(rows: Sequence[tuple[str, int]]) -> Versions:
    noted = dict(rows)
    return Versions(noted["schema"], max(noted["schema"], noted.get("prepared", 0)))


def refusal(found: Versions) -> str | None:
    """Why this program must not work on a store of these versions; None when it may."""
    told = f"its schema is version {found.complete}, this program's is {SCHEMA_VERSION}"
    if found.complete > SCHEMA_VERSION:
        return f"{told}: a newer program made it, use that one"
    if found.prepared < SCHEMA_VERSION:
        return f"{told}: run 'matchline store migrate' first"
    return None


def shipped(dialect: str) -> tuple[Migration, ...]:
    """The migrations of this program."""
    folder = files("matchline.store.sql").joinpath("migrations", dialect)
    if not folder.is_dir():
        return ()
    named = ((_FILE.fullmatch(file.name), file) for file in folder.iterdir())
    return tuple(
        Migration(int(name[1]), Phase(name[2]), file.read_text(encoding="utf-8"))
        for name, file in named
        if name
    )


def migrate(url: str, phase: Phase, migrations: Sequence[Migration] | None = None) -> list[Migration]:
    """Run the migrations of this phase that have not run on the store; those that ran.

    Raises ValueError for a URL without a schema, Unavailable when the store cannot be changed, or when the second
    phase is asked for before the first.
    """
    dialect = "sqlite" if url.startswith(_SQLITE) else "postgres"
    with _versioned(url) as store:
        found = store.versions()
        known = shipped(dialect) if migrations is None else migrations
        wanted = sorted(
            (each for each in known if each.phase is phase and each.version > found.after(phase)),
            key=lambda each: each.version,
        )
        if phase is Phase.POST and any(each.version > found.prepared for each in wanted):
            raise Unavailable(
                "the first phase has not run: run 'matchline store migrate' without --post first"
            )
        for migration in wanted:
            store.apply(migration)
    return wanted


@contextmanager
def _versioned(url: str) -> Iterator[Versioned]:
    if url.startswith(_SQLITE):
        with _sqlite_file(Path(url.removeprefix(_SQLITE))) as file:
            yield file
    elif url.startswith(("postgresql://", "postgres://")):
        from matchline.store.postgres.schema import database_at

        with database_at(url) as database:
            yield database
    else:
        raise ValueError(f"{url} has no schema to be migrated")


class _SqliteFile:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def versions(self) -> Versions:
        return versions_of(self._connection.execute(READ_VERSIONS).fetchall())

    def apply(self, migration: Migration) -> None:
        self._connection.executescript(f"begin immediate;\n{migration.text};")
        note = "insert or replace into meta (name, value) values (?, ?)"
        self._connection.execute(note, (NOTED[migration.phase], migration.version))
        self._connection.execute("commit")


@contextmanager
def _sqlite_file(path: Path) -> Iterator[Versioned]:
    """Of a file that no server uses."""
    lock = StoreLock(path)
    try:
        lock.acquire()
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            yield _SqliteFile(connection)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"cannot migrate {path}: {error}") from error
    finally:
        lock.release()
