"""A server in process whose services' charts run at Orchestration Servers, as a test configures them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from matchline.clock import Clock
from tests.charts.chart_api import Charted, charted, configuration

SERVICE = '\n[service.call-me]\n_type = "ors"\n_service = "http://charts.example/call-me.scxml"\n'


@asynccontextmanager
async def outside(
    folder: Path,
    servers: str,
    *,
    server: str = "",
    service: str = "",
    clock: Clock | None = None,
    store: str = "memory://",
) -> AsyncIterator[Charted]:
    """With one service `call-me`; `servers` is `_ors` of the section `server`."""
    options = f'_ors = "{servers}"\nors_socket_timeout = 1\n{server}'
    text = configuration(folder, {}, options, more=SERVICE + service)
    async with charted(text, store, clock) as api:
        await asyncio.sleep(0)  # what runs in the background begins
        yield api
