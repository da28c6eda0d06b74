"""How a session fares, as its own app is told: what happened follows from two looks at it. Pure functions."""

from collections.abc import Iterator

from msgspec import Struct

from matchline.kept.events import EventType
from matchline.model import Held
from matchline.observing.masking import Private

MATCHED_LATELY = (
    30_000  # ms that a match of a session that is over is looked for: more than between two looks
)


class Progress(Private, Struct, frozen=True):
    """A session at one instant. One that is over may have been matched at last."""

    live: bool
    matched: bool
    held: Held | None = None

    @property
    def state(self) -> EventType:
        """The event that brings about this state."""
        if not self.live:
            return EventType.ENDED
        if self.matched:
            return EventType.MATCHED
        return EventType.RESERVED if self.held else EventType.EXPIRED

    @property
    def cursor(self) -> str:
        """Tells this state from those before and after it; holds nothing that its app does not know."""
        return f"{self.state}-{self.held.expires_at}" if self.held else str(self.state)


def since(before: Progress, now: Progress) -> Iterator[EventType]:
    """What happened between two looks. What came and went in between is not seen."""
    if now.matched and not before.matched:
        yield EventType.MATCHED
    if before.live and not now.live:
        yield EventType.ENDED
    elif not now.matched:
        yield from _of_reservation(before.held, now.held)


def _of_reservation(before: Held | None, now: Held | None) -> Iterator[EventType]:
    if now is None:
        if before is not None:
            yield EventType.EXPIRED
    elif before is None or (before.number, before.code) != (now.number, now.code):
        yield EventType.RESERVED
    elif before.expires_at != now.expires_at:
        yield EventType.RENEWED
