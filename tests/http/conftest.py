"""A small configuration on each embedded store, asked in process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matchline.chance import SeededChance
from matchline.clock import ManualClock
from matchline.wiring import open_engine, read_document

from .api import CONFIGURATION, Api


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["memory", "sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
async def api(store_url: str) -> AsyncIterator[Api]:
    clock = ManualClock()
    document, faults = read_document(CONFIGURATION)
    assert not faults
    async with open_engine(store_url, clock, SeededChance(1)) as engine:
        await engine.keeper.apply(document)
        api = Api(engine, clock)
        async with api.client:
            yield api
