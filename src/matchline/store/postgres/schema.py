"""The tables in PostgreSQL: made where there are none, checked where there are, migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from matchline.errors import Unavailable
from matchline.store.migrations import NOTED, READ_VERSIONS, Migration, Versions, refusal, versions_of
from matchline.store.postgres.connecting import Address
from matchline.store.sql import SCHEMA_VERSION, schema

# One node at a time makes or changes tables. A number that nothing else of this program locks.
_ALONE = "select pg_advisory_xact_lock(5712)"


def make_ready(address: Address) -> None:
    """An empty database gets the tables. Raises psycopg.Error; Unavailable when it holds another schema."""
    with address.connect() as connection:
        with connection.transaction():
            connection.execute(_ALONE)
            if not _is_there(connection):
                connection.execute(schema(dialect="postgres").encode())
                connection.execute(
                    "insert into meta (name, value) values ('schema', %s), ('version', 0)", (SCHEMA_VERSION,)
                )
        refused = refusal(_versions(connection))
    if refused:
        raise Unavailable(f"cannot open the database: {refused}")


@contextmanager
def database_at(url: str) -> Iterator["_Database"]:
    """For migrations. Raises ValueError, Unavailable."""
    try:
        with Address(url).connect() as connection:
            if not _is_there(connection):
                raise Unavailable("there is no store in this database")
            yield _Database(connection)
    except psycopg.Error as error:
        raise Unavailable(f"cannot migrate the database: {error}") from error


class _Database:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def versions(self) -> Versions:
        return _versions(self._connection)

    def apply(self, migration: Migration) -> None:
        with self._connection.transaction():
            self._connection.execute(_ALONE)
            if self.versions().after(migration.phase) >= migration.version:
                return  # somebody else was quicker
            self._connection.execute(migration.text.encode())
            self._connection.execute(
                "insert into meta (name, value) values (%s, %s)"
                " on conflict (name) do update set value = excluded.value",
                (NOTED[migration.phase], migration.version),
            )


def _is_there(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("select to_regclass('meta')").fetchone()
    return row is not None and row[0] is not None


def _versions(connection: psycopg.Connection[Any]) -> Versions:
    return versions_of(connection.execute(READ_VERSIONS).fetchall())
