"""A site in process, and a served one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from matchline.chance import SeededChance
from matchline.clock import ManualClock
from matchline.wiring import open_engine, read_document
from tests.acceptance.command import CONFIGURATION, Server
from tests.http.api import SHARED

from .site import LINES, WHOLE, Site

WITH_CODES = f"""
[resources.SHARED]
_allocation_strategy = "ROUND_ROBIN"
_booking_expiration_timeout = 600
numbers = ["{SHARED}"]
"""


FAST_AGI = """
[adapter.asterisk]
_type = "asterisk-agi"
listen = "127.0.0.1:0"
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def store_url() -> str:
    return "memory://"


@pytest.fixture
async def site(store_url: str) -> AsyncIterator[Site]:
    clock = ManualClock()
    document, faults = read_document(WHOLE)
    assert not faults
    async with open_engine(store_url, clock, SeededChance(1)) as engine:
        await engine.keeper.apply(document)
        site = Site(engine, clock)
        async with site.client, site.api.client:
            yield site


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("served"), CONFIGURATION + WITH_CODES + LINES + FAST_AGI)
    try:
        yield served.start()
    finally:
        served.close()
