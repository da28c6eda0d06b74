"""The store on PostgreSQL when the network or the server fails: what was answered holds, and nothing hangs."""

import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import anyio
import anyio.lowlevel
import psycopg
import pytest
from tests.postgres import PostgresServer, postgres_server
from tests.proxy import Cut

from matchline.clock import steady
from matchline.errors import Unavailable
from matchline.store.postgres import PostgresStore, connecting
from matchline.store.testing import Stage
from matchline.store.testing.crowds import at_once, only
from matchline.store.testing.stage import OWN, data_in, data_of, text_values, whose

from .conftest import ProxiedStage

pytestmark = pytest.mark.anyio

LIMIT = 2.5  # seconds: the two that are promised, and what a busy machine adds
POLL = 0.05  # seconds between looks at a server that recovers
RECOVERY_LIMIT = 30  # seconds; reached only when it does not recover


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def is_refused_in_time(stage: Stage) -> None:
    begun = steady()
    with pytest.raises(Unavailable):
        await stage.store.check()
    assert steady() - begun < LIMIT


async def recovers(stage: Stage) -> None:
    with anyio.fail_after(RECOVERY_LIMIT):
        while True:
            try:
                await stage.store.check()
            except Unavailable:
                await anyio.lowlevel.checkpoint()
            else:
                return


@pytest.mark.parametrize("cut", [Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT])
async def test_a_claim_cut_in_its_commit_is_found_out(proxied: ProxiedStage, cut: Cut) -> None:
    await proxied.store.check()
    proxied.proxy.cut_next(cut)
    granted = await proxied.claim("anna")
    assert proxied.proxy.cuts == 1
    assert (await proxied.session("anna")).held
    assert granted.number == "100"
    pool = await proxied.store.pool(OWN, proxied.now)
    assert (pool.reserved, pool.free) == (1, 1)


@pytest.mark.parametrize("cut", [Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT])
async def test_a_match_cut_in_its_commit_is_answered_with_its_data(proxied: ProxiedStage, cut: Cut) -> None:
    await proxied.claim("anna")
    proxied.proxy.cut_next(cut)
    verdict = await proxied.call("100", with_values=True)
    assert proxied.proxy.cuts == 1
    assert data_in(verdict) == [text_values(name="anna")]
    assert whose(await proxied.call("100")) == []


async def test_a_match_that_deletes_is_answered_with_its_data_all_the_same(proxied: ProxiedStage) -> None:
    await proxied.claim("anna")
    proxied.proxy.cut_next(Cut.AFTER_COMMIT)
    verdict = await proxied.call("100", with_values=True, delete=True)
    assert proxied.proxy.cuts == 1
    assert data_in(verdict) == [text_values(name="anna")]
    assert await proxied.record_is_gone(data_of("anna"))


async def test_a_commit_whose_outcome_cannot_be_found_out_is_unavailable(proxied: ProxiedStage) -> None:
    await proxied.claim("anna")
    proxied.proxy.cut_next(Cut.AFTER_COMMIT, then_silent=True)
    begun = steady()
    with pytest.raises(Unavailable):
        await proxied.claim("ben")
    assert steady() - begun < LIMIT
    proxied.proxy.silent = False
    proxied.proxy.cut_all()
    await recovers(proxied)
    assert (await proxied.session("ben")).held


async def test_a_commit_before_a_crash_is_not_taken_for_a_later_one_with_its_id(
    proxied: ProxiedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that crashed gives out the ids again that it had not written down."""
    await proxied.claim("anna")
    monkeypatch.setattr(connecting, "_LIFE", "select 'the life after'")
    proxied.proxy.cut_next(Cut.AFTER_COMMIT)
    with pytest.raises(Unavailable):
        await proxied.claim("ben")
    assert proxied.proxy.cuts == 1


def test_a_crash_begins_another_life_of_the_server() -> None:
    """A backend that is killed is one, although the postmaster lives on."""
    with postgres_server() as mortal:
        with suppress(psycopg.OperationalError), psycopg.connect(mortal.url()) as connection:
            before = connection.execute(connecting._LIFE).fetchone()
            assert connection.execute(connecting._LIFE).fetchone() == before
            os.kill(connection.info.backend_pid, signal.SIGKILL)
        deadline = steady() + RECOVERY_LIMIT
        while (now := _life_of(mortal.url())) in (None, before):
            assert steady() < deadline
            time.sleep(POLL)
    assert now != before


def _life_of(url: str) -> tuple[str, ...] | None:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute(connecting._LIFE).fetchone()
    except psycopg.OperationalError:  # it recovers
        return None


async def test_a_database_that_does_not_answer_is_unavailable_in_time(proxied: ProxiedStage) -> None:
    await proxied.store.check()
    proxied.proxy.silent = True
    await is_refused_in_time(proxied)
    proxied.proxy.silent = False
    await recovers(proxied)


async def test_a_crowd_before_a_database_that_does_not_answer_is_refused_in_time(
    proxied: ProxiedStage,
) -> None:
    proxied.proxy.silent = True
    begun = steady()
    answers = await at_once([proxied.store.check() for _ in range(50)])
    assert len(only(Unavailable, answers)) == 50
    assert steady() - begun < LIMIT


async def test_connections_that_were_cut_are_replaced(proxied: ProxiedStage) -> None:
    await at_once([proxied.store.check() for _ in range(20)])
    proxied.proxy.cut_all()
    assert (await proxied.claim("anna")).number == "100"


async def test_a_row_that_somebody_keeps_locked_holds_up_no_one_for_long(
    proxied: ProxiedStage, postgres_url: str
) -> None:
    await proxied.claim("anna")
    async with await psycopg.AsyncConnection.connect(postgres_url) as other:
        await other.execute("select 1 from session where id = 'anna' for update")
        begun = steady()
        with pytest.raises(Unavailable):
            await proxied.renew("anna")
        assert steady() - begun < LIMIT
    await proxied.renew("anna")


async def test_a_claimer_waits_for_one_that_rolls_back(proxied: ProxiedStage, postgres_url: str) -> None:
    """Passing over what is locked would say that nothing is free."""
    await proxied.claim("anna")
    async with await psycopg.AsyncConnection.connect(postgres_url) as other:
        await other.execute("select 1 from number where text = '101' for update")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(proxied.claim, "ben")
            await somebody_waits(postgres_url)
            await other.rollback()
    session = await proxied.session("ben")
    assert session.held
    assert session.held.number == "101"


async def somebody_waits(url: str) -> None:
    """Until a transaction waits for the lock of another."""
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        with anyio.fail_after(RECOVERY_LIMIT):
            while True:
                found = await (await connection.execute(waiting)).fetchone()
                if found and found[0]:
                    return
                await anyio.lowlevel.checkpoint()


async def test_a_crowd_has_eight_connections_and_no_more(proxied: ProxiedStage, postgres_url: str) -> None:
    proxied.proxy.delay = 0.02  # so that all are needed at once
    assert only(Unavailable, await at_once([proxied.store.check() for _ in range(40)])) == []
    count = "select count(*) from pg_stat_activity where application_name = 'matchline'"
    async with await psycopg.AsyncConnection.connect(postgres_url, application_name="test") as connection:
        assert await (await connection.execute(count)).fetchone() == (8,)


# A server of its own, to be stopped


@pytest.fixture(scope="module")
def mortal() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture
async def stage(mortal: PostgresServer) -> AsyncIterator[Stage]:
    store = PostgresStore(mortal.empty())
    await store.open()
    stage = Stage(store)
    await stage.open()
    yield stage
    await store.close()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_server_that_was_away_is_used_again(stage: Stage, mortal: PostgresServer, mode: str) -> None:
    await stage.claim("anna")
    mortal.stop(mode)
    await is_refused_in_time(stage)
    mortal.start()
    await recovers(stage)
    assert whose(await stage.call("100")) == ["anna"]


async def test_a_database_that_is_read_only_is_unavailable_with_its_reason(
    stage: Stage, mortal: PostgresServer
) -> None:
    with psycopg.connect(mortal.url(), autocommit=True) as connection:
        connection.execute("alter system set default_transaction_read_only = on")
        connection.execute("select pg_reload_conf()")
        try:
            await stage.store.close()
            await stage.store.open()
            with pytest.raises(Unavailable, match="read-only"):
                await stage.claim("anna")
        finally:
            connection.execute("alter system reset default_transaction_read_only")
            connection.execute("select pg_reload_conf()")
    await recovers(stage)
    assert (await stage.claim("anna")).number == "100"


async def test_a_server_that_is_not_there_is_told_with_its_reason() -> None:
    with pytest.raises(Unavailable, match="cannot open the database"):
        await PostgresStore("postgresql://127.0.0.1:1/nothing").open()


@pytest.mark.parametrize("url", ["postgresql://x?connections=0", "postgresql://x?nonsense=1"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"a number from 1|no PostgreSQL URL"):
        PostgresStore(url)
