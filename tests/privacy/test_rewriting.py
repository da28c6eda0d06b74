"""Rows that were moved leave nothing either, once the file was written anew (docs/security/privacy.md)."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from matchline.clock import SECOND, ManualClock, steady
from matchline.store import checkpoint, rewriting
from matchline.store.rewriting import EVERY, LATEST, QUIET_SECONDS, QUIET_STEPS, Rewriting
from matchline.store.sqlite import SqliteStore
from matchline.store.testing import Stage
from matchline.store.testing.stage import SHARED, text_values

pytestmark = pytest.mark.anyio

SESSIONS = 1500
LIVING = 500  # of them in the end
COMMITS = 400  # in which a file is written anew and its log cut, when both are due


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def stage(path: Path) -> AsyncIterator[Stage]:
    stage = Stage(SqliteStore(path))
    await stage.store.open()
    await stage.open()
    yield stage
    await stage.store.close()


def phone(n: int) -> str:
    return f"+1415{n:07}"


def data(n: int) -> str:
    return f"<secret {n:05}>"


async def come_and_go(stage: Stage, random: Random) -> set[int]:
    """Sessions begin in any order and two of three end in another; those that are left."""
    order = random.sample(range(SESSIONS), SESSIONS)
    await asyncio.gather(*(begin(stage, n, random.randrange(200)) for n in order))
    random.shuffle(order)
    await asyncio.gather(*(stage.end(name(n)) for n in order[LIVING:]))
    return set(order[:LIVING])


async def begin(stage: Stage, n: int, length: int) -> None:
    values = text_values(note=data(n) + "." * length)
    await stage.claim(name(n), SHARED, phone=phone(n), code=code(n), values=values)


def code(n: int) -> str:
    return f"{n * 7919 % 1_000_000:06}"


def name(n: int) -> str:
    return f"{n * 7919 % 100_003:06}-session"


def traces(path: Path, numbers: Iterable[int]) -> set[int]:
    """Of whom anything is found, in the file and all that is beside it."""
    content = b"".join(each.read_bytes() for each in path.parent.iterdir())
    return {n for n in numbers for mark in (phone(n), data(n), name(n)) if mark.encode() in content}


async def commit_until_the_log_is_cut(stage: Stage, path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    before = log.stat().st_size
    for _ in range(COMMITS):
        await stage.store.check()
        if log.stat().st_size < before:
            return
        before = log.stat().st_size


@pytest.mark.parametrize("seed", [2, 3])
async def test_nothing_is_left_of_rows_that_were_moved(
    stage: Stage, path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    left = await come_and_go(stage, Random(seed))
    gone = set(range(SESSIONS)) - left
    later = steady() + checkpoint.ERASE_EVERY
    monkeypatch.setattr(checkpoint, "steady", lambda: later)
    await commit_until_the_log_is_cut(stage, path)
    assert traces(path, gone), "rows were moved, and left what this is about"
    monkeypatch.setattr(rewriting, "EVERY", 0)
    monkeypatch.setattr(rewriting, "QUIET_SECONDS", 0)
    await commit_until_the_log_is_cut(stage, path)
    assert traces(path, gone) == set()
    assert traces(path, left) == left
    assert (await stage.session(name(next(iter(left))))).phone_text in {phone(n) for n in left}


# When it is done


class Machine:
    """A writer's connection, and the two clocks."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("create table if not exists meta (name text primary key, value integer)")
        self.clock = ManualClock()
        self._steady = 0.0
        monkeypatch.setattr(rewriting, "steady", lambda: self._steady)
        self.rewriting = Rewriting(self.connection, self.clock)

    def begin_anew(self) -> None:
        self.rewriting = Rewriting(self.connection, self.clock)

    def rewrote(self, after: int, steps: int = 1) -> bool:
        """Whether it rewrote the file in the seconds after so many ms, with so many steps in that time."""
        self.clock.advance(after / SECOND)
        self._steady += QUIET_SECONDS
        return self.rewriting.after_commit(steps)


@pytest.fixture
def machine(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(path, monkeypatch)
    with closing(machine.connection):
        yield machine


def test_it_is_done_once_an_hour(machine: Machine) -> None:
    assert not machine.rewrote(EVERY - 1)
    assert machine.rewrote(1)
    assert not machine.rewrote(EVERY - 1)
    assert machine.rewrote(1)


def test_a_busy_store_is_let_alone_for_a_day(machine: Machine) -> None:
    assert not machine.rewrote(EVERY, steps=QUIET_STEPS + 1)
    assert not machine.rewrote(LATEST - EVERY - 1, steps=QUIET_STEPS + 1)
    assert machine.rewrote(1, steps=QUIET_STEPS + 1)


def test_it_is_quiet_only_after_a_while(machine: Machine) -> None:
    machine.clock.advance(EVERY / SECOND)
    assert not machine.rewriting.after_commit(1)
    assert machine.rewrote(0, steps=QUIET_STEPS - 1)


def test_the_hour_goes_on_over_a_restart(machine: Machine) -> None:
    machine.clock.advance((EVERY - 1) / SECOND)
    machine.begin_anew()
    assert machine.rewrote(1)
    machine.begin_anew()
    assert not machine.rewrote(EVERY - 1)


def test_what_is_too_large_is_let_alone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.connection.execute("create table large as select zeroblob(100000)")
    monkeypatch.setattr(rewriting, "LARGEST", 90_000)
    assert not machine.rewrote(LATEST)
    machine.connection.execute("drop table large")  # its pages are free, and count no more
    assert machine.rewrote(EVERY)


def test_what_fails_is_tried_again(machine: Machine) -> None:
    machine.connection.execute("begin")  # nothing can be vacuumed now
    assert not machine.rewrote(EVERY)
    machine.connection.execute("commit")
    assert not machine.rewrote(EVERY - 1)
    assert machine.rewrote(1)
