"""The store on PostgreSQL keeps the contract."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from matchline.errors import Exhausted
from matchline.model import Granted
from matchline.store import SWEEP_LIMIT, Store
from matchline.store.postgres import PostgresStore
from matchline.store.postgres.database import prepared
from matchline.store.sql import sweep
from matchline.store.testing import Stage, StoreContract
from matchline.store.testing.crowds import at_once, only
from matchline.store.testing.stage import OWN, whose
from matchline.verdict import Matched, NoneMatches

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class TestPostgresStore(StoreContract):
    @pytest.fixture
    async def store(self, postgres_url: str) -> AsyncIterator[Store]:
        store = PostgresStore(postgres_url)
        await store.open()
        yield store
        await store.close()


HOT = ("reservation", "session", "record", "binding", "idempotency")  # tables that grow with the load
PLANNED = ("select", "update", "delete", "insert", "with")


async def test_no_statement_scans_a_table_that_grows(postgres_url: str) -> None:
    """Rule 5, also while the tables are empty and without statistics."""
    store = PostgresStore(postgres_url)
    await store.open()
    await store.close()
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        await connection.execute("set enable_seqscan = off")
        for name, statement in prepared().items():
            planned = statement.text.startswith(tuple(word.encode() for word in PLANNED))
            if planned:
                explained = await connection.execute(b"explain (generic_plan) " + statement.text)
                plan = "\n".join(row[0] for row in await explained.fetchall())
                assert not [table for table in HOT if f"Seq Scan on {table}" in plan], f"{name}:\n{plan}"


async def test_no_reservation_outlives_its_session(postgres_url: str) -> None:
    """The kinds are swept one transaction after the other: a call that was overtaken finds no half of a session."""
    store = PostgresStore(postgres_url)
    await store.open()
    stage = Stage(store)
    await stage.open()
    await stage.claim("anna", timeout=30, ttl=30)
    earlier, call = stage.now, await stage.query("100")
    stage.wait(30)
    assert await store.write(lambda db: sweep.PARTS[0](db, stage.now, SWEEP_LIMIT)) == 1
    assert await stage.session_is_gone("anna")
    assert await store.match(call, earlier) == NoneMatches()
    await store.close()


async def test_two_nodes_hand_out_each_slot_once_and_match_each_others_sessions(postgres_url: str) -> None:
    nodes = [Stage(PostgresStore(postgres_url)) for _ in range(2)]
    for node in nodes:
        await node.store.open()
    await nodes[0].change(added=tuple((OWN, f"n{n}") for n in range(40)))
    answers = await at_once([nodes[n % 2].claim(f"s{n}") for n in range(50)])
    granted = only(Granted, answers)
    assert len({each.number for each in granted}) == len(granted) == 40
    assert len(only(Exhausted, answers)) == 10
    calls = [(each, node.call(each.number)) for each in granted for node in nodes]
    verdicts = await at_once([call for _, call in calls])
    matched = [
        (each.session_id, whose(verdict))
        for (each, _), verdict in zip(calls, verdicts, strict=True)
        if isinstance(verdict, Matched)
    ]
    assert sorted(matched) == sorted((each.session_id, [each.session_id]) for each in granted)
    for node in nodes:
        await node.store.close()
