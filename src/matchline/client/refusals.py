"""What goes wrong, as exceptions: each `exception` of an error answer is a class of that name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import msgspec


class MatchlineError(Exception):
    """Anything that keeps a request from its answer."""


class Unreachable(MatchlineError):
    """The server did not answer; whether it did what was asked is not known, unless nothing was sent."""

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class Refused(MatchlineError):
    """The server said no. A name that this client does not know yet is this class itself."""

    def __init__(self, status: int, body: Mapping[str, Any], retry_after: float | None) -> None:
        super().__init__(body.get("message", f"The server answered {status}."))
        self.status = status
        self.exception = body.get("exception", "")
        self.request_id = body.get("_request_id")
        self.retry_after = retry_after  # seconds
        digits = body.get("_digits")
        self.digits = int(digits) if digits else None  # how many the caller is to key in, if a code would do


def refusal(answer: httpx.Response) -> Refused:
    """The exception that an answer stands for."""
    body = _body(answer.content)
    retry_after = answer.headers.get("retry-after", "")
    kind = _KINDS.get(body.get("exception", ""), Refused)
    return kind(answer.status_code, body, float(retry_after) if retry_after.isdigit() else None)


def _body(content: bytes) -> Mapping[str, Any]:
    """Nothing, where something in between answered in its own words."""
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


class AmbiguousMatch(Refused):
    """Several sessions match equally well; `digits` tells when a code would settle it."""


class BadParameter(Refused):
    """A parameter is missing or not valid; the message names it."""


class CallbackExceptionAvailability(Refused):
    """Nobody is called back at the desired time; `availability` holds the nearest free slots."""

    def __init__(self, status: int, body: Mapping[str, Any], retry_after: float | None) -> None:
        super().__init__(status, body, retry_after)
        free = body.get("availability", {})
        self.availability = msgspec.convert(free, dict[datetime, int], strict=False)


class ChartBusy(Refused):
    """Too many events wait for the chart."""


class ChartEnded(Refused):
    """The chart has ended; its session is still there."""


class CodeNeeded(Refused):
    """Only sessions that ask for their access code are left; `digits` tells how long it is."""


class ConfigurationChanged(Refused):
    """Somebody else changed the configuration; read it again."""


class IdempotencyConflict(Refused):
    """The key was used with another request."""


class InternalError(Refused):
    """A defect in the server."""


class InvalidConfiguration(Refused):
    """The message lists every fault."""


class MalformedBody(Refused):
    """The body is not what its content type says."""


class NoMatch(Refused):
    """Nobody's call."""


class NodeOffline(Refused):
    """This node wants no work; another may."""


class NotAllowed(Refused):
    """The credentials are valid, but not for this."""


class NotAuthenticated(Refused):
    """Valid credentials are needed."""


class NotOpenToNetwork(Refused):
    """The server has no credentials configured and answers its own machine only."""


class NotReserved(Refused):
    """The session has no live reservation."""


class NumbersExhausted(Refused):
    """Every number is taken; `retry_after` tells when the soonest may be free."""


class QuotaReached(Refused):
    """This client holds as many reservations as it may."""


class StoreUnavailable(Refused):
    """The store cannot answer; this is never "no match"."""


class TooLarge(Refused):
    """The message names what is over its limit."""


class TooManyConnections(Refused):
    """Too many connections are open."""


class TooManyRequests(Refused):
    """This client asks too often."""


class UnknownApiKey(Refused):
    """There is no API key with this id."""


class UnknownCallback(Refused):
    """No callback of this service has this id."""


class UnknownKey(Refused):
    """The stored data has no such key."""


class UnknownOption(Refused):
    """No such option, section or number is configured."""


class UnknownRecord(Refused):
    """No stored data with this id is live."""


class UnknownRequest(Refused):
    """The session's service has no such request."""


class UnknownResourceGroup(Refused):
    """No such resource group is configured."""


class UnknownRoute(Refused):
    """There is nothing at this address: is the server's URL right?"""


class UnknownService(Refused):
    """No such service is configured."""


class UnknownSession(Refused):
    """No live session has this id."""


class UnsupportedMediaType(Refused):
    """The content type is not accepted."""


class WrongCallbackState(Refused):
    """The callback can no longer be changed; `state` tells where it stands."""

    def __init__(self, status: int, body: Mapping[str, Any], retry_after: float | None) -> None:
        super().__init__(status, body, retry_after)
        self.state = body.get("_callback_state")


class WrongPort(Refused):
    """The address is not served on this port."""


_KINDS: Mapping[str, type[Refused]] = {kind.__name__: kind for kind in Refused.__subclasses__()}
