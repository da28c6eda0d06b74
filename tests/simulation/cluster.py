"""A PostgreSQL as the place of the store: each node has connections of its own."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from unittest.mock import patch

import psycopg

from matchline.store import Store
from matchline.store.postgres import PostgresStore, transactions
from tests.postgres import PostgresServer

from .loop import Job, stepped_loop

T = TypeVar("T")

UNHURRIED = 3600  # seconds for a step: the simulation lets it wait as long as it likes


class SteppedThreads:
    """Stands in for the threads of a store's connections: each step is a job that the simulation lets run."""

    def __init__(self, most: int, name: str) -> None:
        """However many steps are under way, they take turns."""

    def run(self, function: Callable[[], T]) -> "asyncio.Future[T]":
        loop = stepped_loop()
        job = Job(function, loop.create_future())
        loop.jobs.append(job)
        return job.done

    def close(self) -> None:
        """No job is left."""


class PostgresSite:
    """An empty schema. The nodes die together and leave their connections; the database lives on."""

    queues_writes = False

    LASTING = frozenset({"meta", "option", "number", "codes_in_use", "audit"})

    def __init__(self, server: PostgresServer) -> None:
        self._url = server.empty()
        self._stores: list[PostgresStore] = []

    async def open(self, nodes: int) -> Sequence[Store]:
        self._stores = [PostgresStore(self._url) for _ in range(nodes)]
        for store in self._stores:
            await store.open()
        return self._stores

    async def close(self) -> None:
        for store in self._stores:
            await store.close()

    def abandon(self) -> None:
        for store in self._stores:
            store._transactions._disconnect()

    crash = abandon

    def interrupt_after(self, moments: int, *, for_good: bool) -> None:
        """The contract tests cut its connections."""

    def stop_interrupting(self) -> None:
        """It was not interrupted."""

    def rows(self) -> dict[str, int]:
        with psycopg.connect(self._url) as connection:
            names = connection.execute(
                "select table_name from information_schema.tables where table_schema = current_schema()"
            ).fetchall()
            return {name: self._count(connection, name) for (name,) in names if name not in self.LASTING}

    @staticmethod
    def _count(connection: psycopg.Connection[tuple[str]], table: str) -> int:
        row = connection.execute(f'select count(*) from "{table}"'.encode()).fetchone()  # noqa: S608 - ours
        assert row, "an aggregate has a row"
        return int(row[0])


@contextmanager
def postgres_site(server: PostgresServer) -> Iterator[PostgresSite]:
    with (
        patch.object(transactions, "_STEP_LIMIT", UNHURRIED),
        patch.object(transactions, "Threads", SteppedThreads),
    ):
        yield PostgresSite(server)
