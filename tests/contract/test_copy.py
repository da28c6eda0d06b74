"""A copied store goes on as if nothing had happened, from whichever database to whichever."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.postgres import PostgresServer

from matchline.errors import Unavailable
from matchline.store import open_store
from matchline.store.copy import copy_store
from matchline.wiring import in_process_client, open_engine, sample_document

pytestmark = pytest.mark.anyio

SERVICE = "/genesys/1/service"
IDEMPOTENT = {"idempotency-key": "once"}
CALLED = {"_phone_number": "+14155550177", "_call_id": "call-1", "_return_user_data": "true"}

Make = Callable[[str], str]


@pytest.fixture
def make_url(tmp_path: Path, postgres: PostgresServer) -> Make:
    """An empty store's URL, by kind and name."""
    made: dict[str, str] = {}

    def make(name: str) -> str:
        if name not in made:
            made[name] = (
                postgres.empty() if name.startswith("postgres") else f"sqlite:///{tmp_path}/{name}.db"
            )
        return made[name]

    return make


PATHS = [
    ("sqlite", "postgres"),
    ("sqlite", "sqlite-2"),
    ("postgres", "sqlite"),
    ("postgres", "postgres-2"),
]


async def ask(client: httpx.AsyncClient, service: str, form: dict[str, str], **headers: str) -> Any:
    answer = await client.post(f"{SERVICE}/{service}", data=form, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def fill(url: str) -> list[Any]:
    """A session with its number, one with a code, one that was matched: the answers."""
    async with open_engine(url) as engine, in_process_client(engine) as client:
        await engine.keeper.apply(sample_document())
        alone = await ask(
            client,
            "request-interaction",
            {"customer": "Ada ü", "_booking_expiration_timeout": "1800"},
            **IDEMPOTENT,
        )
        shared = await ask(
            client,
            "request-interaction",
            {"_resource_group": "SHARED", "_provide_code": "true", "_booking_expiration_timeout": "1800"},
        )
        matched = await ask(client, "request-interaction", {"n": "1", "_ttl": "600"})
        await ask(client, "match-interaction", {**CALLED, "_access_number": matched["_access_number"]})
    return [alone, shared, matched]


async def go_on(url: str, answers: list[Any]) -> None:
    """Everything that was answered on the source is so on the copy."""
    alone, shared, matched = answers
    async with open_engine(url) as engine, in_process_client(engine) as client:
        assert engine.keeper.current.sections["server"] == {"default_region": "US"}
        again = await ask(
            client,
            "request-interaction",
            {"customer": "Ada ü", "_booking_expiration_timeout": "1800"},
            **IDEMPOTENT,
        )
        assert again == alone, "the same key gets the same answer"
        other = await ask(client, "request-interaction", {})
        assert other["_access_number"] != alone["_access_number"], "a held number is held"
        wanted = {"_access_number": alone["_access_number"], "_return_user_data": "true"}
        found = await ask(client, "match-interaction", wanted)
        assert (found["_id"], found["user_data"]) == (alone["_id"], {"customer": "Ada ü"})
        by_code = {name: shared[name] for name in ("_access_number", "_access_code")}
        assert (await ask(client, "match-interaction", by_code))["_id"] == shared["_id"]
        call = await ask(client, "match-interaction", {**CALLED, "_access_number": matched["_access_number"]})
        assert (call["_id"], call["user_data"]) == (matched["_id"], {"n": "1"})


@pytest.mark.parametrize(("source", "target"), PATHS)
async def test_what_lives_on_the_source_goes_on_on_the_copy(source: str, target: str, make_url: Make) -> None:
    answers = await fill(make_url(source))
    counts = await asyncio.to_thread(copy_store, make_url(source), make_url(target))
    assert counts["session"] == 3
    await go_on(make_url(target), answers)


@pytest.mark.parametrize(("source", "target"), PATHS)
async def test_ids_that_were_given_out_are_not_given_out_again(
    source: str, target: str, make_url: Make
) -> None:
    async with open_engine(make_url(source)) as engine:
        await engine.keeper.apply(sample_document())
        before = {number.id for number in engine.keeper.current.numbers}
        await engine.keeper.remove_numbers("SHARED", ["+1 800 555 0191"])  # the last one
        await engine.sweeper.sweep()
    await asyncio.to_thread(copy_store, make_url(source), make_url(target))
    async with open_engine(make_url(target)) as engine:
        await engine.keeper.add_numbers("SHARED", ["+1 800 555 0155"])
        after = {number.id for number in engine.keeper.current.numbers}
        assert max(after) > max(before)


@pytest.mark.parametrize("target", ["sqlite-2", "postgres"])
async def test_a_store_that_is_not_empty_is_left_alone(target: str, make_url: Make) -> None:
    await fill(make_url("sqlite"))
    answers = await fill(make_url(target))
    with pytest.raises(ValueError, match="is not empty"):
        await asyncio.to_thread(copy_store, make_url("sqlite"), make_url(target))
    await go_on(make_url(target), answers)


@pytest.mark.parametrize("used", ["sqlite", "postgres"])
async def test_a_store_in_use_is_neither_source_nor_target(used: str, make_url: Make) -> None:
    async with open_engine(make_url(used)):
        for source, target in ((used, "sqlite-2"), ("sqlite-3", used)):
            store = open_store(make_url("sqlite-3"))
            await store.open()
            await store.close()
            with pytest.raises(Unavailable, match=r"another process|others are connected"):
                await asyncio.to_thread(copy_store, make_url(source), make_url(target))


async def test_a_copy_that_fails_leaves_the_target_empty(make_url: Make, tmp_path: Path) -> None:
    await fill(make_url("sqlite"))
    with closing(sqlite3.connect(tmp_path / "sqlite.db")) as damaging:
        damaging.execute(
            "update session set phone_text = 'a' || char(0) || 'b'"
        )  # PostgreSQL has no NUL in a text
        damaging.commit()
    with pytest.raises(Unavailable, match="NUL"):
        await asyncio.to_thread(copy_store, make_url("sqlite"), make_url("postgres"))
    store = open_store(make_url("postgres"))
    await store.open()
    stored = await store.stored()
    await store.close()
    assert (stored.version, stored.sections, stored.numbers) == (0, {}, ())


@pytest.mark.parametrize(("source", "target"), [("sqlite", "sqlite-2"), ("sqlite-2", "sqlite")])
async def test_a_half_migrated_store_is_neither_source_nor_target(
    source: str, target: str, make_url: Make, tmp_path: Path
) -> None:
    for name in (source, target):
        store = open_store(make_url(name))
        await store.open()
        await store.close()
    with closing(sqlite3.connect(tmp_path / "sqlite.db")) as migrating:
        migrating.execute("update meta set value = value - 1 where name = 'schema'")
        migrating.execute("insert into meta select 'prepared', value + 1 from meta where name = 'schema'")
        migrating.commit()
    with pytest.raises(ValueError, match="is half migrated"):
        await asyncio.to_thread(copy_store, make_url(source), make_url(target))


def test_what_cannot_be_copied_is_said_in_a_sentence(make_url: Make) -> None:
    with pytest.raises(ValueError, match="there is no store"):
        copy_store(make_url("sqlite"), make_url("sqlite-2"))
    with pytest.raises(ValueError, match="onto itself"):
        copy_store(make_url("sqlite"), make_url("sqlite"))
    with pytest.raises(ValueError, match="belongs to one process"):
        copy_store("memory://", make_url("sqlite"))
