"""What a node does with a configuration that another node changed, when it cannot take it over."""

import logging

import anyio
import anyio.lowlevel
import pytest

from matchline.chance import SeededChance
from matchline.clock import ManualClock
from matchline.engine import Engine, follow
from matchline.model import Change
from matchline.store.memory import MemoryStore
from matchline.wiring import DECLARED

pytestmark = pytest.mark.anyio

LIMIT_SECONDS = 30


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class SharedStore(MemoryStore):
    """As if there were other nodes."""

    async def configuration_changed(self, version: int) -> None:
        while (await self.stored()).version == version:
            await anyio.lowlevel.checkpoint()


async def test_what_is_not_valid_here_is_told_once_and_not_in_force_until_it_is_mended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(follow, "RETRY_SECONDS", 0)
    store, clock = SharedStore(), ManualClock()
    engine = Engine(store, clock, SeededChance(1), DECLARED)

    async def other_sets(text: str, attempts: int) -> None:
        before = await store.stored()
        change = Change(options=(("server", "max_ttl", text),))
        await store.change(change, before.version, clock.now())
        for _ in range(attempts):
            await anyio.sleep(0.001)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(engine.follower.run)
        with caplog.at_level(logging.ERROR):
            await other_sets("nonsense", attempts=30)
        assert engine.keeper.current.server.max_ttl == 86_400
        await other_sets("60", attempts=0)
        with anyio.fail_after(LIMIT_SECONDS):
            while engine.keeper.current.server.max_ttl != 60:
                await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    told = [record.message for record in caplog.records if "is not in force here" in record.message]
    assert len(told) == 1
    assert "max_ttl" in told[0]
