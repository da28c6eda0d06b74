"""Copies everything that a store holds into another, empty one, whatever database either is on.

Both stores have the same tables and columns; rows are copied as they are, with the ids that were given out, so that
whatever lives goes on living: reservations, sessions, data, calls that are remembered.
"""

import asyncio
from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Protocol

from matchline.store import open_store
from matchline.store.migrations import NOTED, versions_of
from matchline.store.sql import SCHEMA_VERSION, Row

META = "meta"  # has rows in an empty store too


class End(Protocol):
    """One end of a copy: a store's tables in one transaction, while nobody else has the store."""

    def columns(self) -> Mapping[str, frozenset[str]]:
        """Table → its columns."""
        ...

    def count(self, table: str) -> int: ...

    def rows(self, table: str, columns: tuple[str, ...]) -> Generator[Row]: ...

    def insert(self, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None: ...

    def delete(self, table: str) -> None: ...

    def last_ids(self) -> Mapping[str, int]:
        """The last id that was given out, of each table that gives out ids; 0 when none was."""
        ...

    def set_last_id(self, table: str, last_id: int) -> None: ...


def copy_store(source_url: str, target_url: str) -> Mapping[str, int]:
    """Copy a store; how many rows of each table.

    Raises ValueError when the source does not exist, the target is not empty or one is half migrated; Unavailable
    when one of them is in use or cannot be reached. The target is then as it was before.
    """
    if source_url == target_url:
        raise ValueError("a store cannot be copied onto itself")
    for url in (source_url, target_url):
        if url.startswith("memory://"):
            raise ValueError(f"{url} belongs to one process: there is nothing that could be copied")
    _need_file(source_url)
    for url in (source_url, target_url):
        asyncio.run(_make_ready(url))
    with _end(source_url) as source, _end(target_url) as target:
        for url, end in ((source_url, source), (target_url, target)):
            _need_complete(url, end)
        return _copy(source, target, target_url)


def _need_file(url: str) -> None:
    """Opening a store makes one where there is none."""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise ValueError(f"there is no store at {url}")


async def _make_ready(url: str) -> None:
    """The schema is there and is ours, or Unavailable is raised."""
    store = open_store(url)
    await store.open()
    await store.close()


def _end(url: str) -> AbstractContextManager[End]:
    if url.startswith("sqlite:///"):
        from matchline.store.copy.sqlite import sqlite_end

        return sqlite_end(Path(url.removeprefix("sqlite:///")))
    from matchline.store.copy.postgres import postgres_end

    return postgres_end(url)


def _need_complete(url: str, end: End) -> None:
    """Between the phases of a migration a store has columns of two versions."""
    with closing(end.rows(META, ("name", "value"))) as rows:
        noted = [(str(name), int(value)) for name, value in rows if name in NOTED.values()]
    if versions_of(noted).complete != SCHEMA_VERSION:
        raise ValueError(f"{url} is half migrated: run 'matchline store migrate --post' first")


def _copy(source: End, target: End, target_url: str) -> Mapping[str, int]:
    tables = source.columns()
    assert tables == target.columns(), f"both have the tables of schema {SCHEMA_VERSION}"
    if any(target.count(table) for table in tables if table != META):
        raise ValueError(f"{target_url} is not empty")
    counts = {}
    for table in sorted(tables):
        columns = tuple(sorted(tables[table]))
        if table == META:
            target.delete(table)
        with closing(source.rows(table, columns)) as rows:
            target.insert(table, columns, rows)
        counts[table] = target.count(table)
        assert counts[table] == source.count(table), f"every row of {table} was copied"
    for table, last_id in source.last_ids().items():
        target.set_last_id(table, last_id)
    return counts
