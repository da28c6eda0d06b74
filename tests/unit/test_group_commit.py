"""Steps that are committed together fail apart (rule 17)."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matchline.errors import NotFound, Unavailable
from matchline.store.checkpoint import Checkpoints
from matchline.store.group_commit import GroupCommit, Step
from matchline.store.sql import Database
from matchline.store.sqlite import SqliteDatabase, SqliteStore

pytestmark = pytest.mark.anyio

REALM = {"section": "server", "name": "realm"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A file with the tables in it."""
    store = SqliteStore(tmp_path / "store.db")
    await store.open()
    await store.close()
    return tmp_path / "store.db"


class Lane:
    """Group commit on a file, which is read on another connection."""

    def __init__(self, path: Path) -> None:
        self._writer, self._reader, copier = (
            sqlite3.connect(path, isolation_level=None, check_same_thread=False) for _ in range(3)
        )
        self._connections = (self._writer, self._reader, copier)
        self._writer.execute("pragma wal_autocheckpoint = 0")
        self._checkpoints = Checkpoints(self._writer, copier)
        database = SqliteDatabase(self._writer)
        self._group = GroupCommit(self._writer, database, self._checkpoints.after_commit)

    async def together(self, *steps: Step[object]) -> list[object]:
        """What each came to, an exception too."""
        return await asyncio.gather(*map(self._group.run, steps), return_exceptions=True)

    def names(self) -> list[str]:
        return [name for (name,) in self._reader.execute("select name from option order by name")]

    async def close(self) -> None:
        await self._group.close()
        self._checkpoints.close()
        for connection in self._connections:
            connection.close()


@pytest.fixture
async def lane(path: Path) -> AsyncIterator[Lane]:
    lane = Lane(path)
    yield lane
    await lane.close()


def setting(name: str, error: Exception | None = None) -> Step[str]:
    """A step that sets an option, and may fail after that."""

    def step(db: Database) -> str:
        db.run("set_option", {"section": "server", "name": name, "value": "x"})
        if error:
            raise error
        return name

    return step


def refusing(db: Database) -> None:
    """A step that fails before it has written anything."""
    db.row("get_version", {})
    raise NotFound


def faulty(db: Database) -> None:
    db.run("set_option", {**REALM, "value": None})


async def test_a_step_that_fails_before_it_writes_spares_the_others(lane: Lane) -> None:
    first, second, third = await lane.together(setting("a"), refusing, setting("b"))
    assert (first, third) == ("a", "b")
    assert isinstance(second, NotFound)
    assert lane.names() == ["a", "b"]


async def test_what_a_failed_step_wrote_is_taken_back_and_no_more(lane: Lane) -> None:
    first, second, third = await lane.together(setting("a"), setting("b", NotFound()), setting("c"))
    assert (first, third) == ("a", "c")
    assert isinstance(second, NotFound)
    assert lane.names() == ["a", "c"]


async def test_a_fault_of_the_database_is_the_step_s_alone(lane: Lane) -> None:
    first, second, third = await lane.together(setting("a"), faulty, setting("b"))
    assert (first, third) == ("a", "b")
    assert isinstance(second, Unavailable)
    assert lane.names() == ["a", "b"]


async def test_a_batch_that_cannot_be_committed_is_told_to_all(path: Path, lane: Lane) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    lane._writer.execute("pragma busy_timeout = 0")
    answers = await lane.together(setting("a"), setting("b"))
    other.close()
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert lane.names() == []
    assert await lane.together(setting("c")) == ["c"]
