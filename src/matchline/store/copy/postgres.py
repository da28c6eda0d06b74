"""The end of a copy that is a PostgreSQL database."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from matchline.errors import Unavailable
from matchline.store.postgres.connecting import Address
from matchline.store.sql import Row

BATCH = 1000  # rows that are fetched at once
LOOKS = 20  # in two seconds: a connection that was closed stays in the list for a moment

# Nobody may see half a store, and nobody may change the one that is read: nodes that are connected would.
_OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and coalesce(backend_type, 'client backend') = 'client backend'
  and application_name <> current_setting('application_name')
"""
_OUR_NAME = "set application_name = 'matchline store copy'"  # both ends may be in one database

_COLUMNS = """
select c.table_name, c.column_name, c.is_identity = 'YES'
from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
"""


class PostgresEnd:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._columns = connection.execute(_COLUMNS).fetchall()

    def columns(self) -> Mapping[str, frozenset[str]]:
        tables = {table for table, _, _ in self._columns}
        return {
            name: frozenset(column for table, column, _ in self._columns if table == name) for name in tables
        }

    def count(self, table: str) -> int:
        return int(self._one(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))[0])

    def rows(self, table: str, columns: tuple[str, ...]) -> Generator[Row]:
        with self._connection.cursor(f"rows of {table}") as cursor:  # named: it stays on the server
            cursor.itersize = BATCH
            query = sql.SQL("select {} from {}").format(_names(columns), sql.Identifier(table))
            yield from cursor.execute(query)

    def insert(self, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        query = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), _names(columns))
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            for row in rows:
                copy.write_row(row)

    def delete(self, table: str) -> None:
        self._connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))

    def last_ids(self) -> Mapping[str, int]:
        return {table: self._last_id(table) for table, _, identity in self._columns if identity}

    def _last_id(self, table: str) -> int:
        sequence = sql.SQL(self._sequence(table))
        last, given = self._one(sql.SQL("select last_value, is_called from {}").format(sequence))
        return int(last) if given else 0

    def set_last_id(self, table: str, last_id: int) -> None:
        """One that gave out no id yet gives out 1 next."""
        parameters = (self._sequence(table), max(last_id, 1), last_id > 0)
        self._connection.execute("select setval(%s, %s, %s)", parameters)

    def _sequence(self, table: str) -> str:
        """The name of what gives a table its ids, quoted where it must be."""
        column = next(column for name, column, identity in self._columns if name == table and identity)
        return str(self._one("select pg_get_serial_sequence(%s, %s)", (f'"{table}"', column))[0])

    def _one(self, query: str | sql.Composed, parameters: tuple[object, ...] = ()) -> Row:
        row: Row | None = self._connection.execute(query, parameters).fetchone()
        assert row is not None, "each of these queries answers a row"
        return row


def _names(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


@contextmanager
def postgres_end(url: str) -> Iterator[PostgresEnd]:
    """Raises Unavailable."""
    try:
        with Address(url).connect() as connection, connection.transaction():
            connection.execute(_OUR_NAME)
            _keep_others_off(connection)
            yield PostgresEnd(connection)
    except psycopg.Error as error:
        raise Unavailable(f"the database: {error}") from error


def _keep_others_off(connection: psycopg.Connection[Any]) -> None:
    """A server that starts meanwhile waits for the end. Raises Unavailable when one is there."""
    connection.execute("lock table meta in access exclusive mode nowait")
    for _ in range(LOOKS):
        others = connection.execute(_OTHERS).fetchone()
        if others is not None and not others[0]:
            return
        connection.execute("select pg_sleep(0.1), pg_stat_clear_snapshot()")
    raise Unavailable("others are connected to the database: stop the servers that use it")
