"""Events are configured, read again by a cursor, and streamed."""

import asyncio
import json
from typing import Self

import pytest
from starlette.types import Message

from matchline.errors import InvalidConfiguration
from matchline.wire import BASE_PATH
from matchline.wiring import application
from tests.http.api import BOOKING, COOLDOWN, NUMBERS, SHARED, Api, body, fault
from tests.http.conftest import api, store_url
from tests.http.credentials import Keyring

pytestmark = pytest.mark.anyio

LIMIT_SECONDS = 10.0  # for what takes a quarter of one

__all__ = ["api", "store_url"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def told(api: Api, **asked: str) -> list[dict[str, str]]:
    await api.engine.notes.write()
    return list(body(await api.get("/admin/events", params=asked))["events"])


async def types(api: Api, **asked: str) -> list[str]:
    return [each["type"] for each in await told(api, **asked)]


async def test_nothing_is_recorded_unless_it_is_switched_on(api: Api) -> None:
    await api.reserve()
    assert await told(api) == []
    await api.configure("events", types="*")
    await api.reserve()
    assert await types(api) == ["reserved"]
    await api.configure("events", types=None)
    await api.reserve()
    assert await types(api) == ["reserved"]


async def test_what_waits_is_written_when_the_server_stops(api: Api) -> None:
    await api.configure("events", types="exhausted")
    writing = asyncio.create_task(api.engine.notes.run())
    await asyncio.sleep(0)  # it begins
    for _ in range(len(NUMBERS) + 1):
        await api.ask("request-interaction")
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    events = body(await api.get("/admin/events"))["events"]
    assert [each["type"] for each in events] == ["exhausted"]


async def test_what_settles_nothing_is_told_too(api: Api) -> None:
    await api.configure("events", types="exhausted, ambiguous, code-wrong")
    for _ in range(len(NUMBERS) + 1):
        await api.ask("request-interaction")
    for _ in range(2):
        await api.reserve(_resource_group="SHARED")
    await api.match(SHARED)
    await api.match(SHARED, _access_code="12345")
    exhausted, ambiguous, wrong = await told(api)
    assert (exhausted["type"], exhausted["group"], exhausted["service"]) == (
        "exhausted",
        "DNIS",
        "request-interaction",
    )
    assert int(exhausted["seconds"]) == BOOKING + COOLDOWN
    assert (ambiguous["type"], ambiguous["_access_number"]) == ("ambiguous", SHARED)
    assert (wrong["type"], wrong["group"]) == ("code-wrong", "SHARED")
    assert "_id" not in ambiguous | wrong


async def test_a_cursor_pages_through_them(api: Api) -> None:
    await api.configure("events", types="*")
    session = await api.reserve()
    await api.post(f"/service/{session['_id']}/renew")
    await api.match(session["_access_number"])
    first = await told(api, limit="2")
    assert [each["type"] for each in first] == ["reserved", "renewed"]
    assert await types(api, after=first[-1]["id"]) == ["matched"]
    fault(await api.get("/admin/events", params={"after": "-1"}), 400, "BadParameter")
    fault(await api.get("/admin/events", params={"limit": "0"}), 400, "BadParameter")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"types": "reserved, sold"}, "sold"),
        ({"types": "*", "url": "https://host/", "secret": None}, "secret"),
        ({"url": "https://host/", "secret": "s"}, "types"),
        ({"types": "*", "url": "ftp://host/", "secret": "s"}, "url"),
        ({"keep_hours": "0"}, "keep_hours"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api: Api, options: dict[str, str | None], complaint: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=complaint):
        await api.engine.keeper.set_options("events", options)


class Listener:
    """Reads the stream straight from the application."""

    def __init__(self, api: Api, **headers: str) -> None:
        self._app = application(api.engine)
        self._scope = {
            "type": "http",
            "method": "GET",
            "path": f"{BASE_PATH}/admin/events/stream",
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()],
            "client": ("127.0.0.1", 1),
        }
        self.chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._gone = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await self.task

    async def _listen(self) -> None:
        await self._app(self._scope, self._receive, self._send)

    async def _receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.chunks.put_nowait(message["body"])

    async def event(self) -> tuple[str, str, dict[str, str]]:
        """Id, type and data of the next."""
        while True:
            chunk = (await self.chunks.get()).decode()
            if chunk.startswith("id: "):
                lines = dict(line.split(": ", 1) for line in chunk.strip().splitlines())
                return lines["id"], lines["event"], json.loads(lines["data"])


async def test_events_are_streamed_as_they_happen(api: Api) -> None:
    await api.configure("events", types="*")
    async with Listener(api) as listener:
        session = await api.reserve()
        place, type_, data = await listener.event()
        assert (type_, data["_id"]) == ("reserved", session["_id"])
        await api.delete(f"/service/{session['_id']}")
        assert (await listener.event())[1] == "ended"
    async with Listener(api, last_event_id=place) as again:
        assert (await again.event())[1] == "ended"


async def test_a_stream_tells_no_more_once_its_key_is_revoked(api: Api) -> None:
    await api.configure("events", types="*")
    keys = await Keyring.open(api)
    key_id, shown = await keys.make("admin")
    async with Listener(api, **shown) as listener:
        body(await api.ask("request-interaction", headers=keys.admin))
        assert (await listener.event())[1] == "reserved"
        body(await api.delete(f"/admin/keys/{key_id}", headers=keys.admin))
        body(await api.ask("request-interaction", headers=keys.admin))
        async with asyncio.timeout(LIMIT_SECONDS):
            await listener.task
        assert [listener.chunks.get_nowait()] == [b""], "the end of the answer, and no event"
        assert listener.chunks.empty()


async def test_a_stream_goes_on_when_other_credentials_change(api: Api) -> None:
    await api.configure("events", types="*")
    keys = await Keyring.open(api)
    other_id, _ = await keys.make("admin")
    async with Listener(api, **keys.admin) as listener:
        await listener.chunks.get()
        body(await api.delete(f"/admin/keys/{other_id}", headers=keys.admin))
        body(await api.ask("request-interaction", headers=keys.admin))
        assert (await listener.event())[1] == "reserved"


async def test_a_stream_that_needed_no_credentials_ends_when_there_are_some(api: Api) -> None:
    await api.configure("events", types="*")
    async with Listener(api) as listener:
        await listener.chunks.get()
        keys = await Keyring.open(api)
        body(await api.ask("request-interaction", headers=keys.admin))
        async with asyncio.timeout(LIMIT_SECONDS):
            await listener.task


async def test_a_stream_ends_when_the_node_is_about_to_stop(api: Api) -> None:
    async with Listener(api) as listener:
        await listener.chunks.get()
        api.engine.node.draining = True
        await listener.task
