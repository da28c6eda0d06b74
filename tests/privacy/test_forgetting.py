"""A person is forgotten in short steps, however much the store holds, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from matchline.errors import Unavailable
from matchline.kept.call_log import CallsWanted
from matchline.kept.person import Forgotten, Person, person
from matchline.store import open_store
from matchline.store.sql import Database, Reader, forget
from matchline.store.sql.inquiries import InquiryStore
from matchline.store.testing import Stage
from matchline.store.testing.stage import SHARED, whose
from tests.postgres import PostgresServer

T = TypeVar("T")

pytestmark = pytest.mark.anyio

ANNA, BEN = "+14155550123", "+14155550199"
SESSIONS = 7  # of each: several steps, and one that is not full
WALKED = 3


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget, "WALKED", WALKED)
    monkeypatch.setattr(forget, "REMOVED", 2)


@pytest.fixture(params=["sqlite", "postgres"])
async def stage(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer
) -> AsyncIterator[Stage]:
    url = f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else postgres.empty()
    stage = Stage(open_store(url))
    await stage.store.open()
    await stage.open()
    yield stage
    await stage.store.close()


def anna() -> Person:
    return person("(415) 555-0123", frozenset({"US"}))


async def live_through(stage: Stage) -> None:
    """Sessions of two persons; half of them were called, by a call that is remembered and logged."""
    for n in range(SESSIONS):
        for name, phone in (("anna", ANNA), ("ben", BEN)):
            await stage.claim(f"{name}{n}", SHARED, phone=phone, code=f"{n}{name == 'anna':d}00")
            if n % 2:
                await stage.call(
                    "200", phone=phone, code=f"{n}{name == 'anna':d}00", call_id=f"{name}{n}", noted="…"
                )


RESERVATIONS_WALK = ("walk_reservations", {"id": 0, "limit": WALKED})  # its first step
BENS = {"ben1", "ben3", "ben5"}  # of whom calls are logged
KNOWN = Forgotten(sessions=SESSIONS, reservations=4, records=SESSIONS, bindings=3, calls=3)


async def test_several_steps_tell_what_one_would(stage: Stage) -> None:
    await live_through(stage)
    assert await stage.store.rehearse_forget(anna(), stage.now) == KNOWN
    assert await stage.store.forget(anna(), stage.now) == KNOWN
    assert await stage.store.forget(anna(), stage.now) == Forgotten()
    left = (await stage.store.calls(CallsWanted())).entries
    assert {entry.session_id for entry in left} == BENS
    assert not await stage.session_is_gone("ben0")


async def test_what_was_broken_off_is_finished_by_asking_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live_through(stage)
    assert isinstance(stage.store, InquiryStore)
    write, counted = stage.store.write, count(1)

    async def failing(step: Callable[[Database], T]) -> T:
        if next(counted) % 4 == 0:
            raise Unavailable("the disk is full")
        return await write(step)

    monkeypatch.setattr(stage.store, "write", failing)
    broken_off = 0
    while True:
        try:
            await stage.store.forget(anna(), stage.now)
            break
        except Unavailable:
            broken_off += 1
            assert broken_off < SESSIONS * SESSIONS, "each time less is left"
    assert broken_off > 1
    monkeypatch.undo()
    assert await stage.store.forget(anna(), stage.now) == Forgotten()
    assert all(await asyncio.gather(*(stage.session_is_gone(f"anna{n}") for n in range(SESSIONS))))
    left = (await stage.store.calls(CallsWanted())).entries
    assert {entry.session_id for entry in left} == BENS


async def test_a_call_that_comes_meanwhile_leaves_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is remembered and logged when the walks through both are over."""
    await live_through(stage)
    assert isinstance(stage.store, InquiryStore)
    read, walks = stage.store.read, count(1)

    async def reading(step: Callable[[Reader], T]) -> T:
        begins = isinstance(step, partial) and step.args == RESERVATIONS_WALK
        if begins and next(walks) == 2:
            verdict = await stage.call("200", phone=ANNA, code="0100", call_id="late", noted="…")
            assert whose(verdict) == ["anna0"]
        return await read(step)

    monkeypatch.setattr(stage.store, "read", reading)
    forgotten = await stage.store.forget(anna(), stage.now)
    assert (forgotten.calls, forgotten.bindings) == (KNOWN.calls + 1, KNOWN.bindings + 1)
    assert {entry.session_id for entry in (await stage.store.calls(CallsWanted())).entries} == BENS
