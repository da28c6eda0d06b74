"""Schema versions: a store is opened by the programs that understand it, and brought up to date in two phases."""

from pathlib import Path

import pytest

from matchline.errors import Unavailable
from matchline.store import migrations, open_store
from matchline.store.migrations import Migration, Phase, migrate
from matchline.store.testing import Stage

pytestmark = pytest.mark.anyio

# What a version 2 and a version 3 might bring.
MIGRATIONS = (
    Migration(
        2, Phase.PRE, "alter table session add column mood text; create index by_mood on session (mood)"
    ),
    Migration(2, Phase.POST, "drop index by_mood"),
    Migration(3, Phase.PRE, "create table note (text text)"),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["sqlite", "postgres"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a store of version 1 with a session in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    store = open_store(url)
    await store.open()
    stage = Stage(store)
    await stage.open()
    await stage.claim("anna")
    await store.close()
    return url


async def opened_by(monkeypatch: pytest.MonkeyPatch, version: int, url: str) -> None:
    """By the program of that version; raises Unavailable when it may not."""
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", version)
    store = open_store(url)
    await store.open()
    try:
        assert (await Stage(store).session("anna")).held
    finally:
        await store.close()


async def test_an_older_store_waits_for_its_first_phase(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="version 1, this program's is 2: run 'matchline store migrate'"):
        await opened_by(monkeypatch, 2, url)
    await opened_by(monkeypatch, 1, url)


async def test_between_the_phases_both_programs_work(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert migrate(url, Phase.PRE, MIGRATIONS[:2]) == [MIGRATIONS[0]]
    await opened_by(monkeypatch, 1, url)
    await opened_by(monkeypatch, 2, url)


async def test_after_the_second_phase_the_older_program_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(url, Phase.PRE, MIGRATIONS[:2])
    assert migrate(url, Phase.POST, MIGRATIONS[:2]) == [MIGRATIONS[1]]
    await opened_by(monkeypatch, 2, url)
    with pytest.raises(Unavailable, match="version 2, this program's is 1: a newer program made it"):
        await opened_by(monkeypatch, 1, url)


async def test_a_phase_runs_once_and_in_the_order_of_versions(url: str) -> None:
    assert migrate(url, Phase.PRE, tuple(reversed(MIGRATIONS))) == [MIGRATIONS[0], MIGRATIONS[2]]
    assert migrate(url, Phase.PRE, MIGRATIONS) == []


async def test_the_second_phase_waits_for_the_first(url: str) -> None:
    with pytest.raises(Unavailable, match="the first phase has not run"):
        migrate(url, Phase.POST, MIGRATIONS)


async def test_a_migration_that_fails_leaves_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Migration(2, Phase.PRE, "create table note (text text); create table note (text text)")
    with pytest.raises(Unavailable, match="cannot migrate"):
        migrate(url, Phase.PRE, [broken])
    migrate(url, Phase.PRE, [Migration(2, Phase.PRE, "create table note (text text)")])
    await opened_by(monkeypatch, 2, url)


@pytest.mark.parametrize("phase", Phase)
async def test_what_is_shipped_changes_nothing_on_a_new_store(url: str, phase: Phase) -> None:
    assert migrate(url, phase) == []


def test_what_is_nowhere_is_not_migrated(tmp_path: Path, postgres_url: str) -> None:
    with pytest.raises(Unavailable, match="cannot migrate"):
        migrate(f"sqlite:///{tmp_path / 'none.db'}", Phase.PRE)
    with pytest.raises(Unavailable, match="there is no store"):
        migrate(postgres_url, Phase.PRE)
    with pytest.raises(ValueError, match="has no schema"):
        migrate("memory://", Phase.PRE)
