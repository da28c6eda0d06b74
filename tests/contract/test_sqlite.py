"""The embedded store keeps the contract, and what it acknowledged (rule 17)."""

import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from matchline.errors import Unavailable
from matchline.model import Idempotency
from matchline.store import Store, open_store
from matchline.store.sqlite import SqliteStore
from matchline.store.testing import Stage, StoreContract
from matchline.store.testing.stage import OWN, SHARED, data_in, data_of, text_values, whose

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


class TestSqliteStore(StoreContract):
    @pytest.fixture
    async def store(self, path: Path) -> AsyncIterator[Store]:
        store = SqliteStore(path)
        await store.open()
        yield store
        await store.close()


class Reopened(Stage):
    """A stage whose store is closed and opened anew on the same file."""

    async def reopen(self, path: Path) -> None:
        await self.store.close()
        self.store = SqliteStore(path)
        await self.store.open()


@pytest.fixture
async def stage(path: Path) -> AsyncIterator[Reopened]:
    store = SqliteStore(path)
    await store.open()
    stage = Reopened(store)
    await stage.open()
    yield stage
    await stage.store.close()


async def test_everything_acknowledged_is_there_after_a_restart(stage: Reopened, path: Path) -> None:
    await stage.change(options=(("server", "realm", "Zürich"),))
    same = Idempotency("k", "digest")
    granted = await stage.claim("anna", phone="+4930", code="0042", same_as=same, with_pool=True)
    await stage.claim("ben", SHARED, code="1111")
    await stage.store.put_record("r", "owner", text_values(a="\0"), 60_000, stage.now)
    stored, session = await stage.store.stored(), await stage.session("anna")
    await stage.reopen(path)
    assert await stage.store.stored() == stored
    assert await stage.session("anna") == session
    assert await stage.claim("carl", same_as=same) == granted
    assert (await stage.store.record("r", "owner", stage.now)).values == text_values(a="\0")
    assert whose(await stage.call("100", phone="+4930")) == ["anna"]
    assert whose(await stage.call("200", code="1111")) == ["ben"]


async def test_a_call_is_bound_to_its_session_after_a_restart(stage: Reopened, path: Path) -> None:
    await stage.claim("anna")
    await stage.call("100", call_id="c", delete=True)
    await stage.reopen(path)
    call = await stage.call("100", call_id="c", with_values=True)
    assert data_in(call) == [text_values(name="anna")]
    assert await stage.record_is_gone(data_of("anna"))


async def test_slots_rest_and_take_turns_after_a_restart(stage: Reopened, path: Path) -> None:
    await stage.claim("anna", timeout=20)
    await stage.claim("ben", timeout=10)
    stage.wait(20)
    await stage.reopen(path)
    assert (await stage.claim("carl")).number == "101"


async def test_numbers_that_went_are_not_confused_with_new_ones_after_a_restart(
    stage: Reopened, path: Path
) -> None:
    await stage.change(added=((OWN, "102"),))
    gone = await stage.ids("102")
    await stage.change(removed=("102",))
    await stage.reopen(path)
    await stage.change(added=((OWN, "103"),))
    assert await stage.ids("103") != gone


async def test_a_second_store_on_the_same_file_is_refused(stage: Reopened, path: Path) -> None:
    second = SqliteStore(path)
    with pytest.raises(Unavailable, match="another process is using this store"):
        await second.open()
    assert (await stage.claim("anna")).number == "100"


async def test_a_second_process_on_the_same_file_is_refused(stage: Reopened, path: Path) -> None:
    program = (
        "import asyncio, sys; from matchline.store.sqlite import SqliteStore;"
        "asyncio.run(SqliteStore(sys.argv[1]).open())"
    )
    second = await anyio.run_process([sys.executable, "-c", program, str(path)], check=False)
    assert second.returncode != 0
    assert b"another process is using this store" in second.stderr


async def test_a_refused_store_can_be_opened_when_the_first_is_closed(stage: Reopened, path: Path) -> None:
    second = SqliteStore(path)
    with pytest.raises(Unavailable):
        await second.open()
    await stage.store.close()
    await second.open()
    await second.close()
    await stage.reopen(path)


async def test_a_file_with_another_schema_is_refused_with_a_sentence(stage: Reopened, path: Path) -> None:
    await stage.store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("update meta set value = 99 where name = 'schema'")
    connection.close()
    with pytest.raises(Unavailable, match="its schema is version 99, this program's is 1"):
        await SqliteStore(path).open()
    with sqlite3.connect(path) as connection:
        connection.execute("update meta set value = 1 where name = 'schema'")
    connection.close()
    await stage.store.open()


@pytest.fixture
def diary(path: Path) -> Path:
    path.write_text("Dear diary, " * 100)
    return path


async def test_a_file_that_is_no_store_is_refused(diary: Path) -> None:
    with pytest.raises(Unavailable, match="file is not a database"):
        await SqliteStore(diary).open()


async def test_a_store_below_a_file_is_refused(diary: Path) -> None:
    with pytest.raises(Unavailable, match="cannot open"):
        await SqliteStore(diary / "store.db").open()


async def test_a_closed_store_is_unavailable(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    await store.close()
    with pytest.raises(Unavailable):
        await store.check()
    with pytest.raises(Unavailable):
        await store.stored()


async def test_the_url_names_the_file(stage: Reopened, path: Path) -> None:
    await stage.claim("anna")
    await stage.store.close()
    stage.store = open_store(f"sqlite:///{path}")
    await stage.store.open()
    assert not await stage.session_is_gone("anna")
