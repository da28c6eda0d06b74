"""What both clients do alike, without sending anything: how a request looks, what an answer means, what is next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import httpx
import msgspec

from matchline.client.asks import Ask
from matchline.client.refusals import (
    MatchlineError,
    NumbersExhausted,
    QuotaReached,
    Refused,
    Unreachable,
    refusal,
)
from matchline.client.routes import Route

T = TypeVar("T")

TIMEOUT_SECONDS = 10.0
RECONNECT_SECONDS = 0.5  # after a stream that the server ended
SILENCE_SECONDS = 40.0  # of a stream; the server says something every 15

_FIRST_PAUSE_SECONDS = 0.2
_BUSY = frozenset({502, 503, 504})  # of a server that is being restarted, or of a proxy before it


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client tries again on its own."""

    attempts: int = 4
    longest_pause: float = 10.0  # seconds; whoever is told to wait for longer is told so instead

    def pause(self, asked: Ask[Any], attempt: int, error: MatchlineError) -> float | None:
        """Seconds until the next attempt; None: there is none."""
        if attempt + 1 >= self.attempts or not _may_try_again(asked, error):
            return None
        told = error.retry_after if isinstance(error, Refused) else None
        seconds = _FIRST_PAUSE_SECONDS * 2**attempt if told is None else told
        return seconds if seconds <= self.longest_pause else None


def _may_try_again(asked: Ask[Any], error: MatchlineError) -> bool:
    match error:
        case NumbersExhausted() | QuotaReached():
            return False
        case Refused(status=429):
            return True
        case Refused(status=status):
            return asked.again and status in _BUSY
        case Unreachable(was_sent=was_sent):
            return asked.again or not was_sent
        case _:
            return False


def options(asked: Ask[Any]) -> dict[str, Any]:
    """For `httpx.Client.request`."""
    given: dict[str, Any] = {"params": asked.query, "headers": asked.headers}
    if asked.text is not None:
        given["content"] = asked.text.encode()
    elif asked.files:
        given["data"] = asked.json
        given["files"] = {
            name: (each.name, each.body, each.content_type) for name, each in asked.files.items()
        }
    elif asked.json is not None:
        given["json"] = asked.json
    return given


def answered(route: Route[T], answer: httpx.Response) -> T:
    """Raises Refused, or MatchlineError for what is no answer of a Matchline."""
    if not answer.is_success:
        raise refusal(answer)
    if route.answer is bytes:
        return cast("T", answer.content)
    if route.answer is str:
        return cast("T", answer.text)
    try:
        return msgspec.json.decode(answer.content, type=route.answer, strict=False)
    except msgspec.MsgspecError as error:
        raise MatchlineError(f"the answer is not what it should be: {error}") from error


def unreachable(error: httpx.TransportError) -> Unreachable:
    was_sent = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    return Unreachable(f"the server did not answer: {str(error) or type(error).__name__}", was_sent=was_sent)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a stream, as it stands there."""

    id: str
    type: str
    data: str


class EntryReader:
    """Makes events of a stream's lines."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}

    def read(self, line: str) -> Entry | None:
        """The event that this line ends."""
        if line:
            name, _, text = line.partition(":")
            self._fields[name] = text.removeprefix(" ")
            return None
        fields, self._fields = self._fields, {}
        if "event" not in fields:
            return None
        return Entry(fields.get("id", ""), fields["event"], fields.get("data", ""))


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    reader = EntryReader()
    for line in lines:
        if entry := reader.read(line):
            yield entry


def listening(known: str) -> Mapping[str, str]:
    """The headers of a request for a stream that goes on after the last event that is known."""
    return {"accept": "text/event-stream", **({"last-event-id": known} if known else {})}


def authorization(
    key: str | None, username: str | None, password: str | None
) -> tuple[Mapping[str, str], httpx.BasicAuth | None]:
    """Headers and what httpx calls `auth`. Raises ValueError for both kinds at once."""
    if key and password:
        raise ValueError("a key or a password, not both")
    if password:
        return {}, httpx.BasicAuth(username or "", password)
    return ({"authorization": f"Bearer {key}"} if key else {}), None
