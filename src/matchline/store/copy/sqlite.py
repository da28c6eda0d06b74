"""The end of a copy that is an embedded store."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from matchline.errors import Unavailable
from matchline.store.lock import StoreLock
from matchline.store.sql import Row


class SqliteEnd:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(self) -> Mapping[str, frozenset[str]]:
        found = self._connection.execute(
            "select t.name, c.name from sqlite_master t, pragma_table_info(t.name) c "
            "where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\'"
        ).fetchall()
        tables = {table for table, _ in found}
        return {name: frozenset(column for table, column in found if table == name) for name in tables}

    def count(self, table: str) -> int:
        return int(self._connection.execute(f'select count(*) from "{table}"').fetchone()[0])  # noqa: S608

    def rows(self, table: str, columns: tuple[str, ...]) -> Generator[Row]:
        yield from self._connection.execute(f'select {_names(columns)} from "{table}"')  # noqa: S608

    def insert(self, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        places = ", ".join("?" * len(columns))
        self._connection.executemany(f'insert into "{table}" ({_names(columns)}) values ({places})', rows)  # noqa: S608

    def delete(self, table: str) -> None:
        self._connection.execute(f'delete from "{table}"')  # noqa: S608

    def last_ids(self) -> Mapping[str, int]:
        return dict(self._connection.execute("select name, seq from sqlite_sequence").fetchall())

    def set_last_id(self, table: str, last_id: int) -> None:
        self._connection.execute("delete from sqlite_sequence where name = ?", (table,))
        self._connection.execute("insert into sqlite_sequence (name, seq) values (?, ?)", (table, last_id))


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


@contextmanager
def sqlite_end(path: Path) -> Iterator[SqliteEnd]:
    """Raises Unavailable."""
    lock = StoreLock(path)
    lock.acquire()
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("pragma synchronous = full")
            connection.execute("begin immediate")
            yield SqliteEnd(connection)
            connection.execute("commit")
    except sqlite3.Error as error:
        raise Unavailable(f"{path}: {error}") from error
    finally:
        lock.release()
