"""Asterisk by ARI: an application that the dialplan hands calls to with `Stasis(…)` and gets back with variables set.

Arguments of Stasis, both optional: the number that was called, and the call's own id; without them it is the
extension and the channel's id. Asterisk tells an application's events to one connection only: of several nodes, one
has it.
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from matchline.adapters import Adapter
from matchline.adapters.asking import take
from matchline.adapters.asterisk_call import CALL_OPTIONS, Take, converse, variables
from matchline.adapters.asterisk_lines import serve_lines, while_leased
from matchline.adapters.asterisk_rest import Ari, Channel, Event, Gone, Requests
from matchline.adapters.dialogue import Heard, Queue, Reason
from matchline.engine import Engine
from matchline.engine.line import Line
from matchline.options import Option, Schema, Text

PLATFORM = "asterisk-ari"

_LET_GO_SECONDS = 2.0  # for the calls under way when the server stops: they are sent on

_SOUND_ENDED = ""  # among what is heard of a channel
_END_OF_CODE = "#"

_HUNG_UP = frozenset({"StasisEnd", "ChannelHangupRequest", "ChannelDestroyed"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """Where a web server is."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._/-]*)?", text.strip()):
            raise ValueError(f"must be {self.values}")
        return text.strip()

    @property
    def values(self) -> str:
        return "an `http://` or `https://` URL"

    def schema(self) -> Schema:
        return {"type": "string"}


async def run(engine: Engine) -> None:
    """Until cancelled."""

    async def serve(line: Line) -> None:
        application = Application(line, partial(take, engine, line))
        await while_leased(engine, f"adapter.{line.name}", application.follow)

    await serve_lines(engine, PLATFORM, serve)


class Application:
    """The calls of one line."""

    def __init__(self, line: Line, take: Take) -> None:
        self._line = line
        self._take = take
        self._ari = Ari(line.given("url"), line.given("user"), line.given("secret"))
        self._flagged = variables(Queue(Reason.UNAVAILABLE))
        self._calls: dict[str, _Attended] = {}

    async def follow(self) -> None:
        """As long as Asterisk tells what happens. Raises OSError."""
        name = self._line.given("application")
        async with self._ari.opened() as requests, requests.events(name) as events:
            log.info("the line %s: connected to Asterisk", self._line.name)
            try:
                await self._send_on(requests, await requests.channels(name))  # what waits from before
                async for event in events:
                    self._hear(event, requests)
            finally:
                await self._let_go(requests)
        raise ConnectionError("Asterisk has closed the connection")

    def _hear(self, event: Event, requests: Requests) -> None:
        known = self._calls.get(event.about)
        if event.kind == "StasisStart" and event.channel:
            self._begin(event.channel, event.args, requests)
        elif known and event.kind in _HUNG_UP:
            known.talk.cancel()
        elif known and event.kind == "PlaybackFinished" and event.playback:
            known.leg.hear_end(event.playback.id)
        elif known and event.digits:
            known.leg.heard.put_nowait(event.digits)

    def _begin(self, channel: Channel, arguments: tuple[str, ...], requests: Requests) -> None:
        leg = AriLeg(channel.id, requests)
        talk = asyncio.create_task(self._attend(heard(channel, arguments), leg, requests))
        self._calls[channel.id] = _Attended(leg, talk)
        talk.add_done_callback(lambda _: self._calls.pop(channel.id, None))

    async def _attend(self, call: Heard, leg: "AriLeg", requests: Requests) -> None:
        """One call, until the dialplan has it back; never raises."""
        try:
            await _hand_back(requests, leg.channel, await self._converse(call, leg))
        except Gone:
            log.info("the line %s: a caller hung up", self._line.name)
        except OSError as error:  # a TimeoutError, too
            log.warning("the line %s: a call is not talked with: %s", self._line.name, type(error).__name__)
            await self._send_on(requests, [leg.channel])
        except Exception:
            log.exception("the line %s: a call could not be talked with", self._line.name)
            await self._send_on(requests, [leg.channel])

    async def _converse(self, call: Heard, leg: "AriLeg") -> dict[str, str]:
        """Raises OSError and Gone."""
        if len(self._calls) > self._line.number("max_calls"):
            log.warning("the line %s: more calls at once than max_calls", self._line.name)
            return self._flagged
        async with asyncio.timeout(self._line.number("patience")):
            return await converse(self._line, call, leg, self._take)

    async def _send_on(self, requests: Requests, channels: Iterable[str]) -> None:
        """To the ordinary queue, flagged; as far as Asterisk answers."""
        for channel in channels:
            with suppress(OSError, Gone):
                await _hand_back(requests, channel, self._flagged)

    async def _let_go(self, requests: Requests) -> None:
        """Of all calls: nobody listens to them any more."""
        left = dict(self._calls)
        for each in left.values():
            each.talk.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LET_GO_SECONDS):
                await self._send_on(requests, left)


class _Attended(NamedTuple):
    leg: "AriLeg"
    talk: asyncio.Task[None]


class AriLeg:
    """A channel that can be talked with."""

    def __init__(self, channel: str, requests: Requests) -> None:
        self.channel = channel
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self._requests = requests
        self._sounds = 0
        self._playing = ""

    def hear_end(self, playback: str) -> None:
        """Of a sound. That of one before, which was stopped, may be told when the next is on already."""
        if playback == self._playing:
            self.heard.put_nowait(_SOUND_ENDED)

    async def collect(self, sound: str, digits: int, seconds: int) -> str:
        if not self._sounds:
            await self._requests.answer(self.channel)
        else:
            self._forget()
        self._sounds += 1
        self._playing = f"{self.channel}-{self._sounds}"
        await self._requests.play(self.channel, sound, self._playing)
        digit = await self.heard.get()
        if digit == _SOUND_ENDED:
            digit = await self._digit(seconds)
        else:
            await self._hush(self._playing)
        return await self._rest(digit, digits, seconds)

    def _forget(self) -> None:
        """What was keyed in too late for what was asked before."""
        while not self.heard.empty():
            self.heard.get_nowait()

    async def _rest(self, digit: str, digits: int, seconds: int) -> str:
        """All digits, from the first that was keyed in."""
        keyed = ""
        while digit not in ("", _END_OF_CODE):
            keyed += digit
            if len(keyed) == digits:
                break
            digit = await self._digit(seconds)
        return keyed

    async def _digit(self, seconds: int) -> str:
        """The next; nothing when none comes in time."""
        try:
            async with asyncio.timeout(seconds):
                while not (digit := await self.heard.get()):
                    pass
                return digit
        except TimeoutError:
            return ""

    async def _hush(self, playback: str) -> None:
        with suppress(Gone):  # it has ended by itself
            await self._requests.stop_playing(playback)


def heard(channel: Channel, arguments: tuple[str, ...]) -> Heard:
    """The call, from what Asterisk tells of it."""
    number, call_id, *_ = (*arguments, "", "")
    return Heard(
        number=number or channel.dialplan.exten,
        caller=channel.caller.number or None,
        call_id=call_id or channel.id,
    )


async def _hand_back(requests: Requests, channel: str, variables: Mapping[str, str]) -> None:
    for name, text in variables.items():
        await requests.set_variable(channel, name, text)
    await requests.go_on(channel)


adapter = Adapter(
    name=PLATFORM,
    summary="Asterisk, whose dialplan hands calls to an ARI application.",
    options=(
        Option("url", HttpUrl(), "Where Asterisk serves HTTP.", "http://127.0.0.1:8088"),
        Option("user", Text(255), "The user of `ari.conf` that Matchline is.", "matchline"),
        Option("secret", Text(1024), "Its password.", mandatory=True, secret=True),
        Option("application", Text(255), "The name of the application, as `Stasis` calls it.", "matchline"),
        *CALL_OPTIONS,
    ),
    run=run,
)
