"""How a platform that speaks HTTP is understood and answered: what its adapter must be able to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct

from matchline.adapters.dialogue import Heard, Step
from matchline.clock import Instant
from matchline.engine.line import Line
from matchline.observing.masking import Private


class Event(Private, Struct, frozen=True):
    """A platform's request, as it came."""

    url: str  # as the platform sees it, with its query
    parameters: Mapping[str, str]  # of the query; the last of a name counts
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def address(self) -> str:
        """Where this event and the next of its call are sent."""
        return self.url.partition("?")[0]

    def back(self, state: Mapping[str, str]) -> str:
        """Where the next event is to be sent for this to come back with it."""
        return f"{self.address}?{urlencode(state)}"

    def form(self) -> dict[str, str]:
        """The fields of a form, over those of the query; the last of a name counts."""
        return {
            **self.parameters,
            **dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True)),
        }


class Reply(Private, Struct, frozen=True):
    """What the platform is answered."""

    body: bytes
    media_type: str


Hear = Callable[[Event], Heard | None]
Say = Callable[[Line, Event, Step | None], Reply]
IsGenuine = Callable[[Line, Event, Instant], bool]


@dataclass(frozen=True, slots=True)
class Talk:
    """Three pure functions that take texts of any form and length.

    `hear`: the call; None when the event asks for nothing, such as a call's end. It may raise: unreadable.
    `say`: a step in the platform's words; None acknowledges an event that asks for nothing.
    `is_genuine`: whether the line's secret signed the event; asked where the line has one.
    """

    hear: Hear
    say: Say
    is_genuine: IsGenuine | None = None
