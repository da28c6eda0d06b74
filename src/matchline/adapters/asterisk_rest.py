"""The Asterisk REST Interface (ARI), as far as it is needed here: requests about channels, and the events.

Written from "Channels", "Playbacks", "Applications" and "Events" of Asterisk's documentation. It knows no dialogue.
A call takes eight requests, and callers come in crowds: aiohttp sends them for a fifth of what httpx takes.
"""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from matchline.observing.masking import Private

if TYPE_CHECKING:
    from aiohttp import ClientSession

ANSWER_SECONDS = 5.0  # a request is answered in milliseconds
MAX_EVENT = 1 << 18  # octets; an event has a few thousand, with channel variables more

# Asterisk serves a hundred connections, and closes one that is idle for 15 seconds (http.conf).
_AT_ONCE = 16
_IDLE_SECONDS = 5.0
_BEAT_SECONDS = 20.0  # between signs of life where no event comes

_GONE = (404, 409, 412)  # the channel, or the playback, is there no more or in no state for it


class Gone(Exception):
    """The channel is not there any more: the caller hung up."""


class Caller(Private, Struct, frozen=True):
    number: str = ""


class Dialplan(Struct, frozen=True):
    exten: str = ""


class Channel(Private, Struct, frozen=True):
    id: str
    caller: Caller = Caller()
    dialplan: Dialplan = Dialplan()


class Playback(Struct, frozen=True):
    id: str
    target_uri: str


class Event(Private, Struct, frozen=True):
    """What happened; the fields that this kind of event has not are None or empty."""

    kind: str = field(name="type")
    channel: Channel | None = None
    playback: Playback | None = None
    digits: str = field(name="digit", default="")
    args: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The id of the channel; nothing when it is about something else."""
        if self.playback:
            return self.playback.target_uri.removeprefix("channel:")
        return self.channel.id if self.channel else ""


class Application(Struct, frozen=True):
    channel_ids: tuple[str, ...] = ()


_decode_event = msgspec.json.Decoder(Event).decode
_decode_application = msgspec.json.Decoder(Application).decode


def _event(data: object) -> Event:
    """What the connection told; anything but a text is its end, or too long."""
    if not isinstance(data, str):
        raise ConnectionError(f"Asterisk's events cannot be read: {data!r}")
    return _decode_event(data)


class Ari:
    def __init__(self, url: str, user: str, secret: str) -> None:
        self._url = url.rstrip("/") + "/ari"
        token = base64.b64encode(f"{user}:{secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Requests"]:
        """Raises OSError when what it takes is not installed."""
        try:
            from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
        except ImportError:
            raise OSError("ARI needs the extra `asterisk`: pip install 'matchline[asterisk]'") from None
        async with ClientSession(
            headers=self._headers,
            timeout=ClientTimeout(total=None, sock_connect=ANSWER_SECONDS, sock_read=ANSWER_SECONDS),
            connector=TCPConnector(limit=_AT_ONCE, keepalive_timeout=_IDLE_SECONDS),
            cookie_jar=DummyCookieJar(),
        ) as session:
            yield Requests(session, self._url)


class Requests:
    """To Asterisk. Each raises OSError when Asterisk does not answer or refuses; those about channels raise Gone."""

    def __init__(self, session: "ClientSession", url: str) -> None:
        self._session = session
        self._url = url

    @asynccontextmanager
    async def events(self, application: str) -> AsyncIterator[AsyncIterator[Event]]:
        """Register an application, and follow its events while Asterisk tells them."""
        from aiohttp import ClientError, ClientWSTimeout

        try:
            async with self._session.ws_connect(
                f"{self._url}/events",
                params={"app": application},
                max_msg_size=MAX_EVENT,
                heartbeat=_BEAT_SECONDS,
                timeout=ClientWSTimeout(ws_close=ANSWER_SECONDS),
            ) as socket:
                yield (_event(message.data) async for message in socket)
        except ClientError as error:
            raise ConnectionError(str(error)) from error

    async def answer(self, channel: str) -> None:
        await self._post(f"/channels/{quote(channel, safe='')}/answer", {})

    async def play(self, channel: str, sound: str, playback: str) -> None:
        """`playback` is the name that it gets."""
        await self._post(
            f"/channels/{quote(channel, safe='')}/play/{quote(playback, safe='')}",
            {"media": f"sound:{sound}"},
        )

    async def stop_playing(self, playback: str) -> None:
        await self._send("DELETE", f"/playbacks/{quote(playback, safe='')}")

    async def set_variable(self, channel: str, name: str, text: str) -> None:
        await self._post(f"/channels/{quote(channel, safe='')}/variable", {"variable": name, "value": text})

    async def go_on(self, channel: str) -> None:
        """In the dialplan, after the Stasis() that brought the channel."""
        await self._post(f"/channels/{quote(channel, safe='')}/continue", {})

    async def channels(self, application: str) -> tuple[str, ...]:
        """The ids of those that the application has."""
        answer = await self._send("GET", f"/applications/{quote(application, safe='')}")
        return _decode_application(answer).channel_ids

    async def _post(self, path: str, body: Mapping[str, str]) -> None:
        await self._send("POST", path, body)

    async def _send(self, method: str, path: str, body: Mapping[str, str] | None = None) -> bytes:
        from aiohttp import ClientError

        try:
            async with self._session.request(
                method, self._url + path, json=body, allow_redirects=False
            ) as answer:
                if answer.status in _GONE:
                    raise Gone
                if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    raise ConnectionError(f"Asterisk answered {answer.status}")
                return await answer.read()
        except ClientError as error:
            raise ConnectionError(str(error)) from error
