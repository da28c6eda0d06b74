"""The Asterisk REST Interface (ARI), as far as it is needed here: requests about channels, and the events.

Written from "Channels", "Playbacks", "Applications" and "Events" of Asterisk's documentation. It knows no dialogue.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote, urlencode

import httpx
import msgspec
from msgspec import Struct, field

from matchline.masking import Private

ANSWER_SECONDS = 5.0  # a request is answered in milliseconds
MAX_EVENT = 1 << 18  # octets; an event has a few thousand, with channel variables more

# Asterisk serves a hundred connections, and closes one that is idle for 15 seconds (http.conf).
_AT_ONCE = 16
_CONNECTIONS = httpx.Limits(max_connections=_AT_ONCE, keepalive_expiry=5.0)

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


_read_event = msgspec.json.Decoder(Event).decode
_read_application = msgspec.json.Decoder(Application).decode


class Ari:
    def __init__(self, url: str, user: str, secret: str) -> None:
        self._url = url.rstrip("/") + "/ari"
        token = base64.b64encode(f"{user}:{secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}

    @asynccontextmanager
    async def events(self, application: str) -> AsyncIterator[AsyncIterator[Event]]:
        """Register an application, and follow its events while Asterisk tells them. Raises OSError."""
        try:
            from websockets.asyncio.client import connect
            from websockets.exceptions import WebSocketException
        except ImportError:
            raise OSError("ARI needs the extra `asterisk`: pip install 'matchline[asterisk]'") from None
        address = "ws" + self._url.removeprefix("http") + "/events?" + urlencode({"app": application})
        connecting = connect(
            address,
            additional_headers=self._headers,
            max_size=MAX_EVENT,
            open_timeout=ANSWER_SECONDS,
            proxy=None,
        )
        try:
            async with connecting as socket:
                yield (_read_event(text) async for text in socket)
        except WebSocketException as error:
            raise ConnectionError(str(error)) from error

    @asynccontextmanager
    async def requests(self) -> AsyncIterator["Requests"]:
        async with httpx.AsyncClient(
            base_url=self._url,
            headers=self._headers,
            timeout=ANSWER_SECONDS,
            limits=_CONNECTIONS,
            trust_env=False,
        ) as client:
            yield Requests(client)


class Requests:
    """To Asterisk, about channels. Each raises Gone, or httpx.HTTPError when Asterisk does not answer or refuses."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._turn = asyncio.Semaphore(_AT_ONCE)  # httpx is slow where many wait for a connection

    async def answer(self, channel: str) -> None:
        await self._post(f"/channels/{quote(channel)}/answer", {})

    async def play(self, channel: str, sound: str, playback: str) -> None:
        """`playback` is the name that it gets."""
        await self._post(f"/channels/{quote(channel)}/play/{quote(playback)}", {"media": f"sound:{sound}"})

    async def stop_playing(self, playback: str) -> None:
        await self._send("DELETE", f"/playbacks/{quote(playback)}")

    async def set_variable(self, channel: str, name: str, text: str) -> None:
        await self._post(f"/channels/{quote(channel)}/variable", {"variable": name, "value": text})

    async def go_on(self, channel: str) -> None:
        """In the dialplan, after the Stasis() that brought the channel."""
        await self._post(f"/channels/{quote(channel)}/continue", {})

    async def channels(self, application: str) -> tuple[str, ...]:
        """The ids of those that the application has."""
        answer = await self._send("GET", f"/applications/{quote(application)}")
        return _read_application(answer.content).channel_ids

    async def _post(self, path: str, body: Mapping[str, str]) -> None:
        await self._send("POST", path, body)

    async def _send(self, method: str, path: str, body: Mapping[str, str] | None = None) -> httpx.Response:
        async with self._turn:
            answer = await self._client.request(method, path, json=body)
        if answer.status_code in _GONE:
            raise Gone
        return answer.raise_for_status()
