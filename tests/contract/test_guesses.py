"""Wrong, expired and used codes are told apart by nobody, not even by how much work they make (rule 6)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matchline.store.sqlite import SqliteStore
from matchline.store.testing.guessing import HOLDER, RIGHT, STRANGER, WRONG, guess, spend_all
from matchline.store.testing.stage import SHARED, Stage, whose
from matchline.verdict import Verdict

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Watched:
    """A stage on SQLite, and the statements that it runs, each without its values."""

    def __init__(self, stage: Stage, store: SqliteStore) -> None:
        self.stage = stage
        self._ran: list[str] = []
        for connection in store._connections:
            connection.set_trace_callback(self._ran.append)

    async def guess(self, code: str, phone: str | None) -> tuple[Verdict, list[str]]:
        """The verdict, and which statements it took in which order."""
        await self.stage.ids("200")
        self._ran.clear()
        verdict = await guess(self.stage, code, phone)
        return verdict, [statement.split("(")[0].split("where")[0] for statement in self._ran]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    store = SqliteStore(tmp_path / "store.db")
    await store.open()
    stage = Stage(store)
    await stage.open()
    yield Watched(stage, store)
    await store.close()


@pytest.mark.parametrize("phone", [STRANGER, None])
@pytest.mark.parametrize("without_budget", [False, True])
async def test_wrong_expired_and_used_codes_take_the_same_answer_and_the_same_work(
    watched: Watched, phone: str | None, without_budget: bool
) -> None:
    stage = watched.stage
    await stage.claim("used", SHARED, code="1111", timeout=600)
    assert whose(await guess(stage, "1111", HOLDER)) == ["used"]
    await stage.claim("expired", SHARED, code="2222", timeout=5)
    await stage.claim("waiting", SHARED, code=RIGHT, timeout=600)
    stage.wait(5)
    if without_budget:
        await spend_all(stage, phone)
    wrong = await watched.guess("9999", phone)
    assert wrong == await watched.guess("1111", phone) == await watched.guess("2222", phone)
    assert (wrong[0] == WRONG) is not without_budget
    if without_budget:
        assert wrong == await watched.guess(RIGHT, phone), "nor is the right one told apart"
