"""ARI over real connections: what Asterisk may tell at an unfortunate moment, and what it may refuse.

The tests play Asterisk's side; tests/asterisk has a real one.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from matchline.adapters import asterisk_ari
from matchline.chance import SeededChance
from matchline.clock import ManualClock
from matchline.wiring import open_engine, read_document
from tests.http.api import CALLER, CONFIGURATION, SHARED, Api

pytestmark = pytest.mark.anyio

LIMIT_SECONDS = 20  # of every wait: reached only by a server that hangs
COLLECT_SECONDS = 1
CHANNEL = "1700000000.1"

PLAY, PLAY_AGAIN = (f"POST /channels/{CHANNEL}/play/{CHANNEL}-{turn}" for turn in (1, 2))
VARIABLE, CONTINUE = f"POST /channels/{CHANNEL}/variable", f"POST /channels/{CHANNEL}/continue"


@dataclass
class Asterisk:
    """Its ARI: one application at a time, whose requests are done at once unless they are to be refused."""

    url: str = ""
    refused: dict[str, int] = field(default_factory=dict)  # request → status
    waiting: tuple[str, ...] = ()  # channels that have been there before the application
    asked: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    connected: asyncio.Queue[web.WebSocketResponse] = field(default_factory=asyncio.Queue)

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connected.put_nowait(socket)
        async for _ in socket:
            pass
        return socket

    async def application(self, _request: web.Request) -> web.Response:
        return web.json_response({"name": "matchline", "channel_ids": self.waiting})

    async def obey(self, request: web.Request) -> web.Response:
        done = f"{request.method} {request.path.removeprefix('/ari')}"
        body = await request.json() if request.can_read_body else {}
        self.asked.put_nowait((done, body.get("value", "")))
        return web.Response(status=self.refused.get(done, 204))

    async def expect(self, *requests: str) -> str:
        """These are the next; the last one's value."""
        value = ""
        for request in requests:
            told, value = await asyncio.wait_for(self.asked.get(), LIMIT_SECONDS)
            assert told == request
        return value


@dataclass(frozen=True)
class Site:
    asterisk: Asterisk
    api: Api
    socket: web.WebSocketResponse

    async def tell(self, kind: str, **members: object) -> None:
        channel = {"id": CHANNEL, "caller": {"number": CALLER}, "dialplan": {"exten": SHARED}}
        await self.socket.send_str(json.dumps({"type": kind, "channel": channel, **members}))

    async def tell_end(self, turn: int) -> None:
        playback = {"id": f"{CHANNEL}-{turn}", "target_uri": f"channel:{CHANNEL}"}
        await self.socket.send_str(json.dumps({"type": "PlaybackFinished", "playback": playback}))

    async def press(self, digits: str) -> None:
        for digit in digits:
            await self.tell("ChannelDtmfReceived", digit=digit)

    async def reserve_with_code(self) -> tuple[str, str]:
        asked = {"_resource_group": "SHARED", "_provide_code": "true", "_access_code_length": "4"}
        session = await self.api.reserve(**asked)
        return session["_id"], session["_access_code"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="asterisk")
async def _asterisk() -> AsyncIterator[Asterisk]:
    asterisk = Asterisk()
    application = web.Application()
    application.router.add_get("/ari/events", asterisk.events)
    application.router.add_get("/ari/applications/matchline", asterisk.application)
    application.router.add_route("*", "/ari/{rest:.*}", asterisk.obey)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    asterisk.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield asterisk
    await runner.cleanup()


@pytest.fixture(name="site")
async def _site(asterisk: Asterisk) -> AsyncIterator[Site]:
    clock = ManualClock()
    line = f'_type = "asterisk-ari"\nurl = "{asterisk.url}"\nsecret = "change-me"'
    text = f"{CONFIGURATION}\n[adapter.ari]\n{line}\ncollect_seconds = {COLLECT_SECONDS}\n"
    document, faults = read_document(text)
    assert not faults
    async with open_engine("memory://", clock, SeededChance(1)) as engine:
        await engine.keeper.apply(document)
        running = asyncio.create_task(asterisk_ari.run(engine))
        api = Api(engine, clock)
        async with api.client:
            yield Site(asterisk, api, await asyncio.wait_for(asterisk.connected.get(), LIMIT_SECONDS))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def begin(site: Site) -> None:
    """A caller is asked for the code."""
    await site.tell("StasisStart", args=[])
    await site.asterisk.expect(f"POST /channels/{CHANNEL}/answer", PLAY)


async def test_a_code_that_is_keyed_in_stops_the_sound(site: Site) -> None:
    session, code = await site.reserve_with_code()
    await begin(site)

    await site.press(code)

    assert await site.asterisk.expect(f"DELETE /playbacks/{CHANNEL}-1", VARIABLE) == "matched"
    assert await site.asterisk.expect(VARIABLE) == session
    await site.asterisk.expect(VARIABLE, CONTINUE)


async def test_the_end_of_the_sound_before_is_not_that_of_this_one(site: Site) -> None:
    """Else the time to key in would begin, and end, while the caller is still being asked."""
    session, code = await site.reserve_with_code()
    await begin(site)
    await site.press("#")
    await site.asterisk.expect(f"DELETE /playbacks/{CHANNEL}-1", PLAY_AGAIN)

    await site.tell_end(1)
    await asyncio.sleep(COLLECT_SECONDS * 1.2)
    await site.press(code)

    await site.asterisk.expect(f"DELETE /playbacks/{CHANNEL}-2", VARIABLE)
    assert await site.asterisk.expect(VARIABLE) == session


async def test_who_keys_in_nothing_goes_to_the_queue(site: Site) -> None:
    await site.reserve_with_code()
    await begin(site)

    await site.tell_end(1)
    await site.asterisk.expect(PLAY_AGAIN)
    await site.tell_end(2)

    assert await site.asterisk.expect(VARIABLE) == "no-match"
    await site.asterisk.expect(CONTINUE)


@pytest.mark.parametrize("status", [302, 400, 500])
async def test_a_caller_whom_asterisk_does_not_let_ask_goes_on_flagged(site: Site, status: int) -> None:
    await site.reserve_with_code()
    site.asterisk.refused[PLAY] = status
    await begin(site)

    assert await site.asterisk.expect(VARIABLE) == "unavailable"
    await site.asterisk.expect(CONTINUE)


async def test_a_caller_who_is_gone_is_let_go(site: Site) -> None:
    await site.reserve_with_code()
    site.asterisk.refused[PLAY] = 404
    await begin(site)
    site.asterisk.refused.clear()

    await begin(site)  # the next one; nothing was asked in between


@pytest.mark.parametrize(
    "nonsense", ["[]", "no JSON", '{"type": "StasisStart", "channel": 1}', "x" * 300_000]
)
async def test_what_cannot_be_read_ends_the_connection_and_strands_nobody(site: Site, nonsense: str) -> None:
    await site.reserve_with_code()
    await begin(site)

    site.asterisk.waiting = ("1700000000.2",)
    await site.socket.send_str(nonsense)

    assert await site.asterisk.expect(VARIABLE) == "unavailable"
    await site.asterisk.expect(CONTINUE)
    await asyncio.wait_for(site.asterisk.connected.get(), LIMIT_SECONDS)
    other = "POST /channels/1700000000.2"
    assert await site.asterisk.expect(f"{other}/variable") == "unavailable"
    await site.asterisk.expect(f"{other}/continue")
