"""FastAGI over real connections: what Asterisk may say, and what others may say who reach the port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace

import pytest

from matchline.adapters import asterisk_agi
from matchline.chance import SeededChance
from matchline.clock import ManualClock
from matchline.engine import Engine
from matchline.wiring import open_engine, read_document
from tests.http.api import CALLER, CONFIGURATION, SHARED, Api

pytestmark = pytest.mark.anyio

LIMIT_SECONDS = 20  # of every wait: reached only by a server that hangs
UP = "200 result=6"


def configuration(port: int) -> str:
    return f"""{CONFIGURATION}
[adapter.asterisk]
_type = "asterisk-agi"
listen = "127.0.0.1:{port}"
max_calls = 2
patience = 1
hand_over_keys = "plan, note"
"""


class Asterisk:
    """A call's side of the conversation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def tell(self, **variables: str) -> None:
        self.send("".join(f"agi_{name}: {text}\n" for name, text in variables.items()) + "\n")

    def send(self, text: str) -> None:
        self._writer.write(text.encode(errors="surrogateescape"))

    async def hear(self) -> str:
        """A command; nothing when the server has hung up."""
        return (await asyncio.wait_for(self._reader.readline(), LIMIT_SECONDS)).decode().rstrip("\n")

    async def obey(self, answer: str = "200 result=1") -> str:
        command = await self.hear()
        self.send(f"{answer}\n")
        return command

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


@dataclass(frozen=True)
class Site:
    engine: Engine
    api: Api
    port: int
    open: AsyncExitStack

    async def call(self) -> Asterisk:
        asterisk = Asterisk(*await asyncio.open_connection("127.0.0.1", self.port))
        self.open.push_async_callback(asterisk.close)
        return asterisk


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(name="site")
async def _site() -> AsyncIterator[Site]:
    clock, port = ManualClock(), free_port()
    document, faults = read_document(configuration(port))
    assert not faults
    async with open_engine("memory://", clock, SeededChance(1)) as engine:
        await engine.keeper.apply(document)
        running = asyncio.create_task(asterisk_agi.run(engine))
        site = Site(engine, Api(engine, clock), port, AsyncExitStack())
        async with site.api.client, site.open:
            await until_listening(site)
            yield site
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


async def until_listening(site: Site) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            with suppress(OSError):
                await (await site.call()).close()
                return
            await asyncio.sleep(0)


async def test_a_matched_call_gets_its_variables(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER, plan='the "big" \\ one', note="two\nlines")
    asterisk = await site.call()

    asterisk.tell(extension=session["_access_number"], callerid=CALLER, uniqueid="1.2")

    assert await asterisk.obey() == "SET VARIABLE __MATCH_STATUS matched"
    assert (await asterisk.obey()).replace('"', "") == f"SET VARIABLE __MATCH_ID {session['_id']}"
    assert (await asterisk.obey()).startswith('SET VARIABLE __MATCH_USER_TO_USER "00')
    assert await asterisk.obey() == r'SET VARIABLE __MATCH_DATA_plan "the \"big\" \\ one"'
    assert await asterisk.hear() == ""  # a line break cannot be said: the note is left out


async def test_a_sound_that_is_missing_is_silence(site: Site) -> None:
    await site.api.reserve(_resource_group="SHARED", _provide_code="true", _access_code_length="4")
    asterisk = await site.call()
    asterisk.tell(arg_1=SHARED, callerid="unknown")

    assert await asterisk.obey() == "ANSWER"
    assert await asterisk.obey("200 result=-1") == 'GET DATA "vm-password" 7000 4'
    assert await asterisk.obey(UP) == "CHANNEL STATUS"
    assert await asterisk.obey("200 result= (timeout)") == 'GET DATA "silence/1" 7000 4'
    assert (await asterisk.hear()).startswith('GET DATA "auth-incorrect"')


async def test_a_caller_who_hangs_up_is_let_go(site: Site) -> None:
    await site.api.reserve(_resource_group="SHARED", _provide_code="true")
    asterisk = await site.call()
    asterisk.tell(extension=SHARED)

    assert await asterisk.obey() == "ANSWER"
    await asterisk.obey("HANGUP")

    assert await asterisk.hear() == ""


async def test_more_calls_than_allowed_go_on_flagged(site: Site) -> None:
    for _ in range(2):
        await site.call()
    asterisk = await site.call()

    asterisk.tell(extension=SHARED)

    assert await asterisk.obey() == "SET VARIABLE __MATCH_STATUS unavailable"


async def test_a_connection_that_says_nothing_ends(site: Site) -> None:
    assert await (await site.call()).hear() == ""


@pytest.mark.parametrize(
    "talk",
    ["\n", "\0" * 100_000, "GET / HTTP/1.1\r\n\r\n", "agi_extension: 1\n" * 500, "agi_callerid: \udcff\n\n"],
    ids=["nothing", "one-long-line", "http", "many-lines", "no-utf-8"],
)
async def test_what_is_no_asterisk_gets_no_session_and_does_no_harm(site: Site, talk: str) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    stranger = await site.call()
    stranger.send(talk)
    assert session["_id"] not in await stranger.hear()

    asterisk = await site.call()
    asterisk.tell(extension=session["_access_number"], callerid=CALLER)

    assert await asterisk.obey() == "SET VARIABLE __MATCH_STATUS matched"


async def test_a_line_that_is_changed_is_served_anew(site: Site) -> None:
    changed = replace(site, port=free_port())

    await site.engine.keeper.set_options("adapter.asterisk", {"listen": f"127.0.0.1:{changed.port}"})
    await until_listening(changed)

    with pytest.raises(OSError, match="Connect"):
        await site.call()
