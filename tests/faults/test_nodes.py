"""Several nodes over one PostgreSQL under load, while nodes, the database and connections die (rules 11, 16, 17)."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from itertools import cycle
from pathlib import Path

import anyio
import anyio.to_thread
import httpx
import psycopg
import pytest

from matchline.clock import steady
from tests.acceptance.command import LIMIT_SECONDS
from tests.nodes.cluster import Node, nodes
from tests.postgres import PostgresServer, postgres_server
from tests.proxy import Cut, Proxy, proxy_before

from .crowd import CONFIGURATION, Client, Crowd
from .database import check_postgres, select_from
from .ledger import Deed, Ledger
from .test_kill import ask_for_some, every_slot_of_store_is_free_in_time

pytestmark = pytest.mark.anyio

KILLS = 8  # of a node
OUTAGES = 2  # of the database, of each kind
CUTS = 100  # of a connection in a commit, half of them before the server sees it

LOADED_SECONDS = 0.5  # at the most, before the next fault
ANSWERS_AFTER_AN_OUTAGE = 40  # before the next
LOOK_SECONDS = 0.02
PAUSE_SECONDS = 0.1  # of a client that was refused; it does not wait as long as it is told to

# Two are promised; a busy machine adds what it likes. This is the limit of what is no hang.
ANSWERED_IN = 15.0  # seconds


class PatientClient(Client):
    """Asks again while it is told that the store does not answer."""

    refused = 0
    slowest = 0.0  # seconds

    async def _ask(self, deed: Deed) -> tuple[httpx.Response, bool]:
        asked_before = False
        with anyio.fail_after(LIMIT_SECONDS):
            while True:
                begun = steady()
                answer, repeated = await super()._ask(deed)
                self.slowest = max(self.slowest, steady() - begun)
                if answer.status_code != 503:
                    return answer, repeated or asked_before
                assert answer.json()["exception"] == "StoreUnavailable"
                assert answer.headers["retry-after"]
                self.refused += 1
                asked_before = True
                await anyio.sleep(PAUSE_SECONDS)


class Load:
    """A crowd before some nodes, each request at the next."""

    def __init__(self, each: list[Node], client: type[Client]) -> None:
        self.seed = random.SystemRandom().getrandbits(32)
        print(f"seed {self.seed}")
        self.chance = random.Random(self.seed)
        self.ledger = Ledger()
        self.nodes = each
        turns = cycle(each)
        self.crowd = Crowd(lambda: next(turns).client.base_url, self.ledger, self.seed, client)

    def check(self, url: str) -> None:
        """Everything answered is there, by the database and by each node."""
        self.ledger.check(check_postgres(url))
        for node in self.nodes:
            ask_for_some(node.client, self.ledger, self.chance)


@asynccontextmanager
async def loaded(each: list[Node], url: str, client: type[Client]) -> AsyncIterator[Load]:
    """Checked at the end, when everything that has a time is over too."""
    load = Load(each, client)
    async with aclosing(load.crowd):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(load.crowd.work)
            yield load
            tasks.cancel_scope.cancel()
        await anyio.to_thread.run_sync(load.check, url)  # a proxy may run on this loop
    for node in each:
        node.kill()
    load.ledger.check(check_postgres(url))
    with psycopg.connect(url, autocommit=True) as connection:
        await every_slot_of_store_is_free_in_time(url, select_from(connection))


async def wait_until(is_so: Callable[[], bool]) -> None:
    with anyio.fail_after(LIMIT_SECONDS):
        while not is_so():  # noqa: ASYNC110 - the count is not the loop's
            await anyio.sleep(LOOK_SECONDS)


async def test_nodes_that_are_killed_lose_nothing_and_double_nothing(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.empty()
    with nodes(tmp_path, url, 3, CONFIGURATION) as three:
        async with loaded(three, url, Client) as load:
            for _ in range(KILLS):
                await anyio.sleep(load.chance.uniform(0, LOADED_SECONDS))
                victim = load.chance.choice(three)
                victim.kill()
                await anyio.to_thread.run_sync(victim.begin)
                load.ledger.check(check_postgres(url))
    told = load.ledger
    print(f"{KILLS} kills, {told.answers} answered changes, {told.in_flight} of them asked for again")
    assert told.in_flight >= KILLS


@pytest.fixture(scope="module")
def mortal() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


async def test_nodes_outlive_their_database(mortal: PostgresServer, tmp_path: Path) -> None:
    url = mortal.empty()
    ways = {
        "restarted": mortal.stop,
        "stopped at once": lambda: mortal.stop("immediate"),
        "killed": mortal.kill,
    }
    with nodes(tmp_path, url, 2, CONFIGURATION) as two:
        async with loaded(two, url, PatientClient) as load:
            for end in [*ways.values()] * OUTAGES:
                await anyio.sleep(load.chance.uniform(0, LOADED_SECONDS))
                refused = refusals(load)
                await anyio.to_thread.run_sync(end)
                await wait_until(partial(has_been_refused, load, refused + len(load.crowd.clients)))
                await anyio.to_thread.run_sync(mortal.start)
                enough = load.ledger.answers + ANSWERS_AFTER_AN_OUTAGE
                await wait_until(partial(has_answered, load, enough))
                load.ledger.check(check_postgres(url))
    outages = OUTAGES * len(ways)
    slowest = max(client.slowest for client in patient(load))
    print(f"{outages} outages, {load.ledger.answers} answered changes, {refusals(load)} refusals")
    print(f"the slowest answer took {slowest:.2f} s")
    assert slowest < ANSWERED_IN


def has_answered(load: Load, answers: int) -> bool:
    return load.ledger.answers >= answers


def has_been_refused(load: Load, times: int) -> bool:
    return refusals(load) >= times


def has_cut(proxy: Proxy, cuts: int) -> bool:
    return proxy.cuts >= cuts


def patient(load: Load) -> list[PatientClient]:
    return [client for client in load.crowd.clients if isinstance(client, PatientClient)]


def refusals(load: Load) -> int:
    return sum(client.refused for client in patient(load))


async def test_what_became_of_a_commit_whose_connection_was_cut_is_found_out(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.empty()
    async with proxy_before(postgres.socket) as (proxy, port):
        through = url.replace(f"host={postgres.socket.parent}", f"host=127.0.0.1&port={port}")
        two = [Node(tmp_path / name, through, CONFIGURATION) for name in ("one", "other")]
        try:
            for node in two:
                await anyio.to_thread.run_sync(node.begin)
            async with loaded(two, url, PatientClient) as load:
                for n in range(CUTS):
                    proxy.cut_next((Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT)[n % 2])
                    await wait_until(partial(has_cut, proxy, n + 1))
        finally:
            for node in two:
                node.close()
    print(f"{proxy.cuts} cuts, {load.ledger.answers} answered changes, {refusals(load)} refusals")
