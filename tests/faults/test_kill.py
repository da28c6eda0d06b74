"""A loaded server is killed at random instants and started again, 200 times: nothing answered is lost (rule 17)."""

import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from matchline.clock import SystemClock
from matchline.wiring import application, open_engine
from tests.acceptance.command import Server

from .crowd import API, CONFIGURATION, EXCLUSIVE_NUMBERS, LIFE_SECONDS, Crowd
from .database import Select, assert_nothing_lives, check_file, whole_pair
from .forked import ForkedServer, Nursery
from .ledger import ABSENT, OWNER, Ledger, Seen

pytestmark = pytest.mark.anyio

KILLS = 200
COLD_EVERY = 10  # kills: then the command is started from nothing, and else in a fork that has it loaded
LONGEST_LIFE_SECONDS = 0.2  # from a restart to the next kill; a request takes some milliseconds
ASKED_AFTER_A_RESTART = 8  # things that are looked at over the API besides all of them in the file
ENOUGH_ANSWERS = 5 * KILLS  # fewer would mean that the servers were killed idle


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


class Mortal:
    """A store whose server is killed and started anew, under another address each time."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        self._cold = Server(folder, CONFIGURATION)
        self._forked = ForkedServer(folder, CONFIGURATION, nursery)
        self._deaths = 0
        self.server = self._cold.start()
        self.path = folder / "matchline.db"

    def url(self) -> httpx.URL:
        return self.server.client.base_url

    def die_and_rise(self) -> None:
        """To the clients this is an instant: they do not run meanwhile."""
        self.server.kill()
        self._deaths += 1
        self.server = self._forked if self._deaths % COLD_EVERY else self._cold
        self.server.start()

    def close(self) -> None:
        self._cold.close()
        self._forked.close()


@pytest.fixture
def mortal(tmp_path: Path, nursery: Nursery) -> Iterator[Mortal]:
    mortal = Mortal(tmp_path, nursery)
    yield mortal
    mortal.close()


async def test_a_server_that_is_killed_at_any_instant_loses_nothing_and_halves_nothing(
    mortal: Mortal,
) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    chance, ledger = random.Random(seed), Ledger()
    async with aclosing(Crowd(mortal.url, ledger, seed)) as crowd, anyio.create_task_group() as tasks:
        tasks.start_soon(crowd.work)
        for _ in range(KILLS):
            await anyio.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
            mortal.die_and_rise()
            ledger.check(check_file(mortal.path))
            ask_for_some(mortal.server.client, ledger, chance)
        tasks.cancel_scope.cancel()
    print(f"{KILLS} kills, {ledger.answers} answered changes, {ledger.in_flight} of them asked for again")
    assert ledger.answers > ENOUGH_ANSWERS
    assert ledger.in_flight > KILLS / 2, "most deaths caught a request on its way"
    mortal.server.kill()
    ledger.check(check_file(mortal.path))
    await every_slot_is_free_in_time(mortal.path)


def ask_for_some(client: httpx.Client, ledger: Ledger, chance: random.Random) -> None:
    """The API shows what the file holds."""
    things = sorted(ledger.things())
    for thing in chance.sample(things, min(ASKED_AFTER_A_RESTART, len(things))):
        kind, _, name = thing.partition(" ")
        if kind == "record":
            ledger.check_one(thing, seen_pair(client, f"{API}/storage/custom/{name}"))
        elif kind == "options":
            ledger.check_one(thing, seen_pair(client, f"{API}/admin/options/service.noted"))
        elif thing in ledger.grants:
            ledger.check_one(thing, seen_session(client, ledger.grants[thing].session, name))


def seen_pair(client: httpx.Client, path: str) -> Seen:
    answer = client.get(path, headers={"gms_user": OWNER})
    if answer.status_code == 404:
        return Seen(ABSENT)
    return Seen(whole_pair(answer.json().get("left"), answer.json().get("right")))


def seen_session(client: httpx.Client, session: str, mark: str) -> Seen:
    answer = client.get(f"{API}/service/{session}")
    if answer.status_code == 404:
        return Seen(ABSENT)
    assert client.get(f"{API}/service/{session}/storage").json() == {"mark": mark, "twin": mark}
    state: str = answer.json()["_state"]
    return Seen(state)


class LaterClock(SystemClock):
    """The time when everything that was begun is over."""

    def now(self) -> int:
        return super().now() + 2 * LIFE_SECONDS * 1000


async def every_slot_is_free_in_time(path: Path) -> None:
    def select(query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(query, parameters).fetchall()

    await every_slot_of_store_is_free_in_time(f"sqlite:///{path}", select)


async def every_slot_of_store_is_free_in_time(url: str, select: Select) -> None:
    async with open_engine(url, LaterClock()) as engine:
        pool = await engine.reservations.pool("OWN")
        assert (pool.total, pool.free) == (EXCLUSIVE_NUMBERS, EXCLUSIVE_NUMBERS)
        await engine.sweeper.sweep()
        assert_nothing_lives(select)
        transport = httpx.ASGITransport(application(engine))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            path_ = f"{API}/service/request-interaction"
            answers = [
                await client.post(path_, data={"_resource_group": "OWN"}) for _ in range(EXCLUSIVE_NUMBERS)
            ]
        assert len({answer.json()["_access_number"] for answer in answers}) == EXCLUSIVE_NUMBERS
