"""Several stores over one database: they hear of each other's changes, share a clock, and sweep beside each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import psycopg
import pytest

from matchline.clock import SECOND, SystemClock, steady
from matchline.errors import Unavailable
from matchline.model import Change, Swept
from matchline.store import Store
from matchline.store.postgres import PostgresStore, nodes
from matchline.store.testing import Stage
from matchline.store.testing.crowds import all_of, at_once
from matchline.store.testing.stage import OWN, SHARED

from .conftest import ProxiedStage

pytestmark = pytest.mark.anyio

IN_FORCE = 1.0  # seconds, which is what is promised
LIMIT_SECONDS = 30  # of every wait; reached only when it is in vain

LISTENERS = "select pid from pg_stat_activity where query = 'listen matchline_configuration'"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def stage(postgres_url: str) -> AsyncIterator[Stage]:
    async with opened(postgres_url) as store:
        stage = Stage(store)
        await stage.open()
        yield stage


@pytest.fixture
async def other(postgres_url: str, stage: Stage) -> AsyncIterator[Store]:
    """Another node's."""
    async with opened(postgres_url) as store:
        yield store


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(url)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def listening(url: str) -> None:
    """Until somebody listens."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        with anyio.fail_after(LIMIT_SECONDS):
            while not await (await connection.execute(LISTENERS)).fetchone():
                await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def told_in_time(store: Store) -> AsyncIterator[None]:
    """What is done here is heard of over the other store."""
    version = (await store.stored()).version
    heard: list[float] = []

    async def wait() -> None:
        with anyio.fail_after(LIMIT_SECONDS):
            await store.configuration_changed(version)
        heard.append(steady())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        yield
        done = steady()
    assert heard[0] - done < IN_FORCE


@pytest.fixture
def unpolled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a notification can tell of a change in time."""
    monkeypatch.setattr(nodes, "_POLL", 100 * IN_FORCE)


@pytest.mark.usefixtures("unpolled")
async def test_a_change_is_heard_of(stage: Stage, other: Store, postgres_url: str) -> None:
    async with told_in_time(other):
        await listening(postgres_url)
        await stage.change(options=(("server", "default_region", "US"),))


async def test_a_change_that_was_made_before_is_heard_of_at_once(stage: Stage, other: Store) -> None:
    version = (await other.stored()).version
    await stage.change(options=(("server", "default_region", "US"),))
    with anyio.fail_after(IN_FORCE):
        await other.configuration_changed(version)


@pytest.mark.usefixtures("unpolled")
async def test_a_sweep_that_removes_a_drained_number_is_heard_of(
    stage: Stage, other: Store, postgres_url: str
) -> None:
    await stage.claim("anna", timeout=5)
    await stage.change(removed=("100",))
    stage.wait(5)
    async with told_in_time(other):
        await listening(postgres_url)
        assert (await stage.sweep()).numbers == 1


async def test_a_change_is_heard_of_when_the_connection_was_ended(
    stage: Stage, other: Store, postgres_url: str
) -> None:
    async with told_in_time(other):
        await listening(postgres_url)
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection:
            for (listener,) in await (await connection.execute(LISTENERS)).fetchall():
                await connection.execute("select pg_terminate_backend(%s)", (listener,))
        await stage.change(options=(("server", "default_region", "US"),))
    async with told_in_time(other):
        await listening(postgres_url)
        await stage.change(options=(("server", "default_region", "DE"),))


async def test_changes_are_heard_of_again_after_the_database_was_silent(
    proxied: ProxiedStage, postgres_url: str
) -> None:
    async with told_in_time(proxied.store):
        await listening(postgres_url)
        proxied.proxy.silent = True
        with pytest.raises(Unavailable):
            await proxied.store.check()
        proxied.proxy.silent = False
        proxied.proxy.cut_all()
        async with opened(postgres_url) as other:
            version = (await other.stored()).version
            await other.change(Change(options=(("server", "default_region", "US"),)), version, proxied.now)


async def test_the_time_is_the_database_servers(stage: Stage) -> None:
    reading = await stage.store.time()
    assert reading
    assert reading.uncertainty < SECOND
    assert abs(reading.instant - SystemClock().now()) < 10 * SECOND, "both run on this machine"


async def test_two_that_sweep_at_once_share_the_work(stage: Stage, other: Store) -> None:
    names = [f"s{n:03}" for n in range(300)]
    for name in names:
        await stage.claim(name, SHARED, code=f"{name[1:]}0", phone=f"+4930{name[1:]}", ttl=30)
    stage.wait(60)
    swept: list[Swept] = []
    while not swept or any(each.total for each in swept[-4:]):
        swept += all_of(
            Swept, await at_once([store.sweep(stage.now, 20) for store in (stage.store, other) * 2])
        )
    assert sum(each.sessions for each in swept) == len(names)
    assert sum(each.reservations for each in swept) == len(names)
    assert sum(each.records for each in swept) == len(names)


async def test_a_sweep_passes_over_what_another_works_on(
    stage: Stage, other: Store, postgres_url: str
) -> None:
    await stage.claim("anna", SHARED, code="1111", ttl=30)
    await stage.claim("ben", OWN, ttl=30)
    stage.wait(60)
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        await connection.execute("select 1 from session where id = 'anna' for update")
        await connection.execute("select 1 from reservation where code = '1111' for update")
        swept = await other.sweep(stage.now)
        assert (swept.sessions, swept.reservations) == (1, 1)
    assert (await other.sweep(stage.now)).sessions == 1
