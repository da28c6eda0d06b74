"""A server in process whose services are charts, as a test writes them."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from matchline.chance import SeededChance
from matchline.clock import Clock, SystemClock
from matchline.wiring import open_engine, read_document, running
from tests.http.api import NUMBERS, SHARED, Api, body

HEAD = (
    '<scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:ws="http://www.genesyslab.com/modules/ws"\n'
    '  xmlns:session="www.genesyslab.com/modules/session" version="1.0" datamodel="ecmascript">\n'
)

CONFIGURATION = """
[server]
default_region = "US"
scxml_folder = "{folder}"
{server}

[resources.DNIS]
_booking_expiration_timeout = 30
numbers = {numbers}

[resources.SHARED]
_allocation_strategy = "ROUND_ROBIN"
numbers = ["{shared}"]

[service.match-interaction]
_type = "builtin"
_service = "match-interaction"

[service.request-access]
_type = "builtin"
_service = "request-access"
{services}
"""


def chart(inner: str) -> str:
    return f"{HEAD}{inner}\n</scxml>"


def configuration(
    folder: Path, charts: Mapping[str, str], server: str = "", options: str = "", more: str = ""
) -> str:
    """One service for each document, named like it; `options` are those of each."""
    for name, text in charts.items():
        (folder / f"{name}.scxml").write_text(text)
    services = "".join(
        f'\n[service.{name}]\n_type = "ors"\n_service = "{name}.scxml"\n{options}\n' for name in charts
    )
    return CONFIGURATION.format(
        folder=folder,
        server=server,
        numbers=json.dumps(NUMBERS),
        shared=SHARED,
        services=services + more,
    )


class Charted(Api):
    async def begin(
        self, service: str, fields: Mapping[str, str] | None = None, **how: Any
    ) -> dict[str, Any]:
        return body(await self.ask(service, fields, **how))

    async def request(self, session: Mapping[str, Any], name: str, **fields: str) -> httpx.Response:
        return await self.post(f"/service/{session['_id']}/{name}", data=fields)

    async def answer(self, session: Mapping[str, Any], name: str, **fields: str) -> dict[str, Any]:
        return body(await self.request(session, name, **fields))

    async def look(self, session: Mapping[str, Any]) -> dict[str, Any]:
        return body(await self.get(f"/service/{session['_id']}"))


@asynccontextmanager
async def charted(
    configured: str, store_url: str = "memory://", clock: Clock | None = None
) -> AsyncIterator[Charted]:
    document, faults = read_document(configured)
    assert not faults, faults
    clock = clock or SystemClock()
    async with open_engine(store_url, clock, SeededChance(1)) as engine:
        await engine.keeper.apply(document)
        async with running(engine):
            api = Charted(engine, clock)  # type: ignore[arg-type]
            async with api.client:
                yield api
