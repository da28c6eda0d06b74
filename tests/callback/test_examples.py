"""The example in which an agent calls back: from the request to the end, with a telephony platform that dials."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from matchline.clock import SystemClock
from matchline.wiring import read_document
from tests.callback.office import Office
from tests.charts.chart_api import charted, configuration
from tests.charts.partner import Partner, partner
from tests.http.api import CALLER, body

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "examples" / "scxml"
LOOK_SECONDS = 0.05
LIMIT_SECONDS = 60  # reached only when nothing happens

SERVICE = """
[service.call-back]
_type = "ors"
_service = "example:callback-agent-calls.scxml"
_service_type = "callback"
dial_url = "{url}"
again = "100ms"
"""


@pytest.fixture(name="platform")
async def _platform() -> AsyncIterator[Partner]:
    async with partner() as found:
        yield found


@pytest.fixture(name="api")
async def _api(platform: Partner, tmp_path: Path) -> AsyncIterator[Office]:
    server = f'scxml_workers = 1\nscxml_allow = "{platform.host}"'
    text = configuration(tmp_path, {}, server, more=SERVICE.format(url=f"{platform.url}/json"))
    async with charted(text, clock=SystemClock()) as api:
        found = Office(api.engine, api.clock)
        async with found.client:
            yield found


def after(seconds: int) -> datetime:
    """A whole second, so many and up to one more from now."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds + 1)


async def dialled(platform: Partner, times: int) -> dict[str, str]:
    """What the platform was asked the last of so many times."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while len(platform.seen) < times:  # noqa: ASYNC110 - it comes over a socket
            await asyncio.sleep(LOOK_SECONDS)
    return msgspec.json.decode(platform.seen[times - 1].body, type=dict[str, str])


async def tell(api: Office, address: str, event: str) -> httpx.Response:
    return await api.client.post(urlsplit(address).path, data={"_scxmleventname": event})


async def reached(api: Office, session: dict[str, str], state: str) -> dict[str, str]:
    async with asyncio.timeout(LIMIT_SECONDS):
        while (found := (await api.found(_id=session["_id"]))[0])["_callback_state"] != state:  # noqa: ASYNC110 - it is told by HTTP only
            await asyncio.sleep(LOOK_SECONDS)
    return found


async def test_an_agent_calls_at_the_desired_time(api: Office, platform: Partner) -> None:
    desired = after(2)
    session = await api.booked(desired.isoformat())
    assert await api.state(session) == "SCHEDULED"
    asked = await dialled(platform, 1)
    assert datetime.now(UTC) >= desired
    assert (asked["to"], asked["callback"]) == (CALLER, session["_id"])
    await reached(api, session, "ROUTING")
    body(await tell(api, asked["events"], "call.answered"))
    await reached(api, session, "PROCESSING")
    body(await tell(api, asked["events"], "call.ended"))
    found = await reached(api, session, "COMPLETED")
    assert "_callback_reason" not in found
    assert len(platform.seen) == 1


async def test_who_does_not_answer_is_called_again_and_then_no_more(api: Office, platform: Partner) -> None:
    session = await api.booked()
    for times in (1, 2, 3):
        asked = await dialled(platform, times)
        body(await tell(api, asked["events"], "call.failed"))
    found = await reached(api, session, "COMPLETED")
    assert found["_callback_reason"] == "NO_ANSWER"


async def test_another_time_is_the_one_that_counts(api: Office, platform: Partner) -> None:
    session = await api.booked(after(7200).isoformat())
    body(await api.move(session, after(1).isoformat()))
    await dialled(platform, 1)
    await reached(api, session, "ROUTING")


async def test_who_cancels_is_not_called(api: Office, platform: Partner) -> None:
    session = await api.booked(after(2).isoformat())
    body(await api.cancel(session))
    other = await api.booked(after(2).isoformat())
    assert (await dialled(platform, 1))["callback"] == other["_id"]


def test_the_configuration_of_the_examples_is_in_order() -> None:
    _, faults = read_document((EXAMPLES / "callback.toml").read_text())
    assert faults == ()
