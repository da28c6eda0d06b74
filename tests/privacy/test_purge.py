"""What is over leaves nothing behind: the bytes are looked for where they stood (docs/security/privacy.md)."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from matchline.clock import steady
from matchline.kept.person import person
from matchline.store import checkpoint
from matchline.store.postgres import PostgresStore
from matchline.store.sqlite import SqliteStore
from matchline.store.testing import Stage
from matchline.store.testing.stage import SHARED, text_values
from tests.postgres import PostgresServer

pytestmark = pytest.mark.anyio

SESSIONS = 40
DATA = "what nobody else may know, "
LONG = 100  # times the data: more than a page of the file
COMMITS = 200  # in which a log is cut that is due: each begins what is not under way


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def stage(path: Path) -> AsyncIterator[Stage]:
    store = SqliteStore(path)
    await store.open()
    stage = Stage(store)
    await stage.open()
    yield stage
    await store.close()


def phone(n: int) -> str:
    return f"+1415555{n:04}"


async def live_through(stage: Stage) -> None:
    """Sessions with data, some matched, their calls remembered and logged; then their time is over."""
    for n in range(SESSIONS):
        values = text_values(note=DATA * (LONG if n % 2 else 1))
        await stage.claim(f"s{n}", SHARED, phone=phone(n), code=f"77{n:04}", values=values)
        if n % 3:
            await stage.call(
                "200", phone=phone(n), code=f"77{n:04}", call_id=f"secret-call-{n}", noted=phone(n)
            )
    stage.wait(3600)
    assert (await stage.sweep()).total
    assert await stage.store.trim_calls(stage.now)


def traces(content: bytes) -> list[bytes]:
    marks = [DATA.encode(), b"secret-call-", b"+1415555", *(f"77{n:04}".encode() for n in range(SESSIONS))]
    return [mark for mark in marks if mark in content]


async def test_nothing_is_left_in_the_file_or_its_log(
    stage: Stage, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live_through(stage)
    log = path.with_name(f"{path.name}-wal")
    assert traces(path.read_bytes() + log.read_bytes()), "the search finds what is there"
    later = steady() + checkpoint.ERASE_EVERY
    monkeypatch.setattr(checkpoint, "steady", lambda: later)
    before = log.stat().st_size
    for _ in range(COMMITS):
        await stage.store.check()
        if log.stat().st_size < before:
            break
    assert traces(path.read_bytes()) == []
    assert traces(log.read_bytes()) == []


async def test_nothing_is_left_of_a_forgotten_person(stage: Stage, path: Path) -> None:
    await stage.claim("anna", SHARED, phone=phone(1), code="770001", values=text_values(note=DATA * LONG))
    await stage.store.forget(person(phone(1), frozenset({None})), stage.now)
    await stage.store.close()  # copies the log into the file and removes it
    assert traces(path.read_bytes()) == []
    await stage.store.open()


async def test_a_vacuum_leaves_nothing_in_the_tables(postgres: PostgresServer) -> None:
    url = postgres.empty()
    store = PostgresStore(url)
    await store.open()
    stage = Stage(store)
    await stage.open()
    await live_through(stage)
    await store.close()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for table in ("session", "reservation", "record", "binding", "call_log"):
            assert await size(connection, table) > 0, "its rows stood there"
            await connection.execute(f"vacuum {table}".encode())
            assert await size(connection, table) == 0, "no page is left that could hold them"


async def size(connection: psycopg.AsyncConnection[tuple[int]], table: str) -> int:
    """Bytes of the table without its indexes."""
    row = await (await connection.execute("select pg_relation_size(%s::regclass)", (table,))).fetchone()
    assert row
    return row[0]
