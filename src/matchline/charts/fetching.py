"""Requests over HTTP for charts: to permitted hosts only, with a bound on the time and on what comes back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import msgspec

from matchline.engine import Engine
from matchline.scxml.host import AllowList
from matchline.scxml.http_io import HttpRequest

KEY = "Idempotency-Key"

DEFAULT_SECONDS = 10.0
LONGEST_SECONDS = 20.0

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_JSON = "application/json"


class FetchError(Exception):
    """What came of a request that brought nothing; the message is for the chart."""


@dataclass(frozen=True, slots=True, repr=False)
class Fetched:
    status: int
    content: object  # of JSON, else a text
    headers: dict[str, str]


class Fetching:
    def __init__(self, engine: Engine, client: httpx.AsyncClient) -> None:
        self._engine = engine
        self._client = client

    async def fetch(
        self, url: str, method: str, members: Mapping[str, object], seconds: object, key: str
    ) -> Fetched:
        """The members go as JSON with a method that has a body, else in the address. Raises FetchError."""
        verb = method.upper()
        if verb not in _METHODS:
            raise FetchError(f"there is no method {method[:20]}")
        if not self._permitted(url):
            raise FetchError("its host is not in scxml_allow")
        request = self._client.build_request(verb, url, headers={KEY: key})
        if verb in _WITH_BODY:
            body = msgspec.json.encode(members)
            request = self._client.build_request(
                verb, url, content=body, headers={KEY: key, "content-type": _JSON}
            )
        elif members:
            texts = {name: text_of(value) for name, value in members.items()}
            request = self._client.build_request(verb, url, params=texts, headers={KEY: key})
        response, body = await self._sent(request, _seconds(seconds))
        if not response.is_success:
            raise FetchError(f"http.{response.status_code}")
        return Fetched(response.status_code, _content(response, body), dict(response.headers))

    async def post(self, wanted: HttpRequest, key: str) -> None:
        """A message of the Basic HTTP Event I/O Processor, whose target was permitted. Raises FetchError."""
        headers = {"content-type": wanted.content_type, KEY: key}
        request = self._client.build_request("POST", wanted.url, content=wanted.body, headers=headers)
        response, _ = await self._sent(request, DEFAULT_SECONDS)
        if not response.is_success:
            raise FetchError(f"{response.status_code} was answered")

    async def document(self, url: str, most: int) -> bytes:
        """Raises OSError with a sentence."""
        try:
            response, body = await self._sent(self._client.build_request("GET", url), DEFAULT_SECONDS, most)
        except FetchError as error:
            raise OSError(f"cannot be fetched: {error}") from None
        if not response.is_success:
            raise OSError(f"cannot be fetched: {response.status_code} was answered")
        return body

    def _permitted(self, url: str) -> bool:
        return AllowList.of(self._engine.keeper.current.server.charts.allowed).permits(url)

    async def _sent(
        self, request: httpx.Request, seconds: float, most: int | None = None
    ) -> tuple[httpx.Response, bytes]:
        limit = most or self._engine.keeper.current.server.charts.limits.data_bytes
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
                try:
                    return response, await read_answer(response, limit)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise FetchError("no answer came in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise FetchError(type(error).__name__) from None


async def read_answer(response: httpx.Response, limit: int) -> bytes:
    """Raises FetchError when it is larger."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > limit:
            raise FetchError(f"the answer is larger than {limit:,} bytes")
    return bytes(body)


def _content(response: httpx.Response, body: bytes) -> object:
    if response.headers.get("content-type", "").split(";")[0].strip().lower() == _JSON:
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError:
            raise FetchError("the answer is no JSON") from None
    return body.decode(errors="replace")


def _seconds(given: object) -> float:
    try:
        return min(float(str(given)), LONGEST_SECONDS) if given is not None else DEFAULT_SECONDS
    except ValueError:
        raise FetchError("the timeout is no number of seconds") from None


def text_of(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
