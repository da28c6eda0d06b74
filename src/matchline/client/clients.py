"""The two clients: one waits, one is awaited. What they ask is made by `asks` and `admin`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from time import sleep
from typing import Any, Self, TypeVar

import httpx
import msgspec

from matchline.client import routes
from matchline.client.answers import Event, SessionEvent
from matchline.client.asks import Ask, ask
from matchline.client.refusals import MatchlineError, UnknownSession, refusal
from matchline.client.routes import Route
from matchline.client.sending import (
    RECONNECT_SECONDS,
    SILENCE_SECONDS,
    TIMEOUT_SECONDS,
    Entry,
    EntryReader,
    Patience,
    answered,
    authorization,
    entries,
    listening,
    options,
    unreachable,
)

T = TypeVar("T")

_DEFAULT_PATIENCE = Patience()
_ENDED = "ended"


class _Settings:
    """Where the server is and how it is asked, for httpx."""

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        patience: Patience = _DEFAULT_PATIENCE,
    ) -> None:
        headers, auth = authorization(key, username, password)
        self.given: dict[str, Any] = {"base_url": url, "headers": headers, "auth": auth, "timeout": timeout}
        self.patience = patience
        self.silence = httpx.Timeout(timeout, read=SILENCE_SECONDS)


class Client:
    """Asks a server and waits for its answers; may be used by several threads.

    `url` is where the server is, without `/genesys/1`; `options` go to `httpx.Client`, such as `verify` or
    `transport`.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        patience: Patience = _DEFAULT_PATIENCE,
        pause: Callable[[float], None] = sleep,
        **options: Any,
    ) -> None:
        self._settings = _Settings(
            url, key=key, username=username, password=password, timeout=timeout, patience=patience
        )
        self._pause = pause
        self._http = httpx.Client(**self._settings.given, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def ask(self, asked: Ask[T]) -> T:
        """Raises Refused, or Unreachable when the server does not answer however often it is tried."""
        attempt = 0
        while True:
            try:
                return self._ask_once(asked)
            except MatchlineError as error:
                seconds = self._settings.patience.pause(asked, attempt, error)
                if seconds is None:
                    raise
            self._pause(seconds)
            attempt += 1

    def follow(self, session_id: str, known: str = "") -> Iterator[SessionEvent]:
        """What happens to a session, first how it fares now, until it ends. Raises UnknownSession at first."""
        asked = ask(Route("GET", routes.SESSION_EVENTS, bytes), {"id": session_id})
        heard = False
        try:
            for entry in self._stream(asked, known):
                heard = True
                yield _session_event(entry)
                if entry.type == _ENDED:
                    return
        except UnknownSession:
            if not heard:
                raise

    def events(self, after: int = 0) -> Iterator[Event]:
        """All that happens on the server, without an end."""
        asked = ask(Route("GET", routes.ALL_EVENTS, bytes))
        for entry in self._stream(asked, str(after)):
            yield _event(entry)

    def _ask_once(self, asked: Ask[T]) -> T:
        try:
            answer = self._http.request(asked.route.method, asked.path, **options(asked))
        except httpx.TransportError as error:
            raise unreachable(error) from error
        return answered(asked.route, answer)

    def _stream(self, asked: Ask[bytes], known: str) -> Iterator[Entry]:
        attempt = 0
        while True:
            again = RECONNECT_SECONDS
            try:
                for entry in self._listen(asked, known):
                    known, attempt = entry.id, 0
                    yield entry
            except MatchlineError as error:
                seconds = self._settings.patience.pause(asked, attempt, error)
                if seconds is None:
                    raise
                again = seconds
            self._pause(again)
            attempt += 1

    def _listen(self, asked: Ask[bytes], known: str) -> Iterator[Entry]:
        """Until the stream is cut. Raises Unreachable, Refused."""
        how = {"headers": listening(known), "timeout": self._settings.silence}
        try:
            with self._http.stream("GET", asked.path, **how) as answer:  # type: ignore[arg-type]
                if not answer.is_success:
                    answer.read()
                    raise refusal(answer)
                yield from entries(answer.iter_lines())
        except httpx.TransportError as error:
            raise unreachable(error) from error


class AsyncClient:
    """The same, to be awaited; for one event loop."""

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        patience: Patience = _DEFAULT_PATIENCE,
        **options: Any,
    ) -> None:
        self._settings = _Settings(
            url, key=key, username=username, password=password, timeout=timeout, patience=patience
        )
        self._http = httpx.AsyncClient(**self._settings.given, **options)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, asked: Ask[T]) -> T:
        """As `Client.ask`."""
        attempt = 0
        while True:
            try:
                return await self._ask_once(asked)
            except MatchlineError as error:
                seconds = self._settings.patience.pause(asked, attempt, error)
                if seconds is None:
                    raise
            await asyncio.sleep(seconds)
            attempt += 1

    async def follow(self, session_id: str, known: str = "") -> AsyncIterator[SessionEvent]:
        """As `Client.follow`."""
        asked = ask(Route("GET", routes.SESSION_EVENTS, bytes), {"id": session_id})
        heard = False
        try:
            async for entry in self._stream(asked, known):
                heard = True
                yield _session_event(entry)
                if entry.type == _ENDED:
                    return
        except UnknownSession:
            if not heard:
                raise

    async def events(self, after: int = 0) -> AsyncIterator[Event]:
        """As `Client.events`."""
        asked = ask(Route("GET", routes.ALL_EVENTS, bytes))
        async for entry in self._stream(asked, str(after)):
            yield _event(entry)

    async def _ask_once(self, asked: Ask[T]) -> T:
        try:
            answer = await self._http.request(asked.route.method, asked.path, **options(asked))
        except httpx.TransportError as error:
            raise unreachable(error) from error
        return answered(asked.route, answer)

    async def _stream(self, asked: Ask[bytes], known: str) -> AsyncIterator[Entry]:
        attempt = 0
        while True:
            again = RECONNECT_SECONDS
            try:
                async for entry in self._listen(asked, known):
                    known, attempt = entry.id, 0
                    yield entry
            except MatchlineError as error:
                seconds = self._settings.patience.pause(asked, attempt, error)
                if seconds is None:
                    raise
                again = seconds
            await asyncio.sleep(again)
            attempt += 1

    async def _listen(self, asked: Ask[bytes], known: str) -> AsyncIterator[Entry]:
        how = {"headers": listening(known), "timeout": self._settings.silence}
        reader = EntryReader()
        try:
            async with self._http.stream("GET", asked.path, **how) as answer:  # type: ignore[arg-type]
                if not answer.is_success:
                    await answer.aread()
                    raise refusal(answer)
                async for line in answer.aiter_lines():
                    if entry := reader.read(line):
                        yield entry
        except httpx.TransportError as error:
            raise unreachable(error) from error


def _session_event(entry: Entry) -> SessionEvent:
    told = msgspec.json.decode(entry.data, type=SessionEvent, strict=False)
    return msgspec.structs.replace(told, type=entry.type)


def _event(entry: Entry) -> Event:
    return msgspec.json.decode(entry.data, type=Event, strict=False)
