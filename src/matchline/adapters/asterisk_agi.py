"""Asterisk by FastAGI: a server that the dialplan asks with `AGI(agi://…)`, a connection for each call.

Arguments of the request, both optional: the number that was called, and the call's own id; without them it is the
extension and the channel's `uniqueid`. A dialplan that sets MATCH_STATUS=unavailable before it asks sends the caller
on whatever happens here.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from matchline.adapters import Adapter
from matchline.adapters.asking import take
from matchline.adapters.asterisk_call import CALL_OPTIONS, Take, converse, variables
from matchline.adapters.asterisk_lines import serve_lines
from matchline.adapters.asterisk_protocol import MAX_LINE, Conversation, HungUp, writable
from matchline.adapters.dialogue import Heard, Queue, Reason
from matchline.engine import Engine
from matchline.engine.line import Line
from matchline.options import Option, Schema

PLATFORM = "asterisk-agi"
BACKLOG = 1024  # calls that arrive at one moment

_MAX_PORT = 65_535
_SILENCE = "silence/1"  # what is played where a sound cannot be

# Where this process listens. Its workers share a port, so that the kernel refuses no second line there.
_taken: set[str] = set()

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where connections are taken."""

    def parse(self, text: str) -> str:
        found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})", text.strip())
        if not found or int(found[2]) > _MAX_PORT:
            raise ValueError(f"must be {self.values}")
        return text.strip()

    @property
    def values(self) -> str:
        return "an address and a port, such as `127.0.0.1:4573`; port 0 picks a free one"

    def schema(self) -> Schema:
        return {"type": "string"}


async def run(engine: Engine) -> None:
    """Until cancelled."""
    await serve_lines(engine, PLATFORM, lambda line: FastAgi(line, partial(take, engine, line)).serve())


class FastAgi:
    """The server of one line."""

    def __init__(self, line: Line, take: Take) -> None:
        self._line = line
        self._take = take
        self._calls = 0

    async def serve(self) -> None:
        """Until cancelled; calls under way are then led to their end. Raises OSError when the port is taken."""
        listen = self._line.given("listen")
        if listen in _taken:
            raise OSError(f"another line listens at {listen}")
        _taken.add(listen)
        try:
            await self._listen(listen)
        finally:
            _taken.discard(listen)

    async def _listen(self, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        server = await asyncio.start_server(
            self._attend,
            host.strip("[]"),
            int(port),
            limit=MAX_LINE,
            backlog=BACKLOG,
            reuse_port=port != "0",  # the workers of one machine share it
        )
        try:
            address = server.sockets[0].getsockname()
            log.info("the line %s: FastAGI at %s port %d", self._line.name, *address[:2])
            await asyncio.Event().wait()
        finally:
            server.close()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One call, from its first word to its last; never raises."""
        self._calls += 1
        try:
            async with asyncio.timeout(self._line.number("patience")):
                await self._talk(Conversation(reader, writer))
        except HungUp:
            log.info("the line %s: a caller hung up", self._line.name)
        except TimeoutError:
            log.warning("the line %s: a call took too long", self._line.name)
        except Exception:  # the connection closes, and the dialplan sends the caller on
            log.exception("the line %s: a call could not be talked with", self._line.name)
        finally:
            self._calls -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _talk(self, call: Conversation) -> None:
        told = await call.told()
        if self._calls > self._line.number("max_calls"):
            log.warning("the line %s: more calls at once than max_calls", self._line.name)
            await _set(call, variables(Queue(Reason.UNAVAILABLE)))
            return
        await _set(call, await converse(self._line, heard(told), AgiLeg(call), self._take))


class AgiLeg:
    """A call that can be talked with by AGI commands."""

    def __init__(self, call: Conversation) -> None:
        self._call = call
        self._is_answered = False

    async def collect(self, sound: str, digits: int, seconds: int) -> str:
        if not self._is_answered:
            await self._call.command("ANSWER")
            self._is_answered = True
        return await self._get_data(sound, digits, seconds)

    async def _get_data(self, sound: str, digits: int, seconds: int) -> str:
        """Asterisk stops the sound at the first digit, and hears no more when there are enough, or at `#`."""
        milliseconds = str(seconds * 1000)
        answer = await self._call.command("GET", "DATA", sound, milliseconds, str(digits))
        if not answer.failed:
            return answer.result
        if not await self._call.is_up():
            raise HungUp
        log.error("Asterisk cannot play the sound %s; callers hear silence", sound)
        answer = await self._call.command("GET", "DATA", _SILENCE, milliseconds, str(digits))
        return "" if answer.failed else answer.result


def heard(told: Mapping[str, str]) -> Heard:
    """The call, from what Asterisk tells of it."""
    return Heard(
        number=told.get("agi_arg_1") or told.get("agi_extension", ""),
        caller=told.get("agi_callerid") or None,
        call_id=told.get("agi_arg_2") or told.get("agi_uniqueid") or None,
    )


async def _set(call: Conversation, variables: Mapping[str, str]) -> None:
    for name, text in variables.items():
        if writable("SET", "VARIABLE", name, text):
            await call.command("SET", "VARIABLE", name, text)
        else:
            log.warning("%s is left out: a channel variable takes no such text; the id leads to it", name)


adapter = Adapter(
    name=PLATFORM,
    summary="Asterisk, whose dialplan asks by FastAGI.",
    options=(
        Option("listen", Listening(), "Where Asterisk connects to.", "127.0.0.1:4573"),
        *CALL_OPTIONS,
    ),
    run=run,
)
