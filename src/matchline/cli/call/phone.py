"""A fake phone: the platform's side of a call, as far as a server can see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from matchline.adapters.handoff import ID_HEADER, ID_KEY, STATUS_HEADER, STATUS_KEY
from matchline.observing.masking import Private


@dataclass(frozen=True, slots=True, repr=False)
class Call(Private):
    """A call that is placed."""

    number: str
    caller: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Way:
    """How a line is reached."""

    url: str  # where it hears, as the platform knows it
    secret: str  # what events are signed with; empty: they are not
    seconds: int  # since 1970


@dataclass(frozen=True, slots=True, repr=False)
class Sent(Private):
    """A request of the platform."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Asks:
    """The caller is to key in a code."""

    length: int
    prompt: str
    url: str = ""  # where the digits are to be sent; empty: as before
    state: Mapping[str, str] = field(default_factory=dict)  # what is to be sent with them


@dataclass(frozen=True, slots=True, repr=False)
class Goes(Private):
    """The call is sent on; what travels with it, by the names that the platform has for it."""

    to: str
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def match_id(self) -> str:
        return self.data.get(ID_HEADER) or self.data.get(ID_KEY) or ""

    @property
    def status(self) -> str:
        return self.data.get(STATUS_HEADER) or self.data.get(STATUS_KEY) or ""


Answered = Asks | Goes


@dataclass(frozen=True, slots=True)
class Phone:
    """One platform's: a file with a `phone` is one.

    `send`: the request for a call; where the caller was asked, with what was keyed in. `understand`: an answer.
    """

    name: str
    send: Callable[[Call, Way, Asks | None, str], Sent]
    understand: Callable[[bytes], Answered]
    path: str = "/adapters/{line}"


FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
