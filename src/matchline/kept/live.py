"""Live sessions as people look at them: a page at a time, newest first. Plain data and pure functions.

A page looks at a bounded number of sessions, so that it holds up no one for long however many live; what was not
looked at begins at its `next`.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from matchline.clock import Instant
from matchline.kept.events import Told
from matchline.kept.person import Person
from matchline.model import Session
from matchline.observing.masking import Private

LOOKED_AT = 5000  # sessions, or events, that one step looks at: some 10 ms

# Sorts after every id, and behind the beginning of an id after all that begin so.
AFTER_ALL_IDS = "\U0010ffff"


class Standing(StrEnum):
    """What a live session has, or had last."""

    HELD = "held"  # a reservation: it waits for a call
    MATCHED = "matched"
    EXPIRED = "expired"  # no call came in time
    RELEASED = "released"  # by hand, and no call came
    NONE = "none"  # it never had a reservation


def standing(session: Session) -> Standing:
    if session.held:
        return Standing.HELD
    if session.matched:
        return Standing.MATCHED
    return Standing(session.lost) if session.lost else Standing.NONE


class NumberUse(Struct, frozen=True):
    """What an access number does at one instant."""

    is_free: bool  # for a session that wants it for itself alone
    held: int  # reservations
    cooling: int  # slots that rest
    complete: bool = True  # whether all its reservations were looked at


class SessionsWanted(Private, Struct, frozen=True):
    """Which live sessions are wanted; None or '': whatever it is."""

    number_ids: frozenset[int] | None = None  # that hold a reservation of one of these access numbers
    person: Person | None = None  # that were begun for this person
    service: str = ""
    standing: Standing | None = None
    prefix: str = ""  # what the id begins with
    before: str | None = None  # ids that sort before this one
    limit: int = 50
    look_at: int = LOOKED_AT

    @property
    def end(self) -> str:
        """Ids stand before this."""
        last = self.prefix + AFTER_ALL_IDS
        return last if self.before is None else min(last, self.before)


class SessionPage(Private, Struct, frozen=True):
    """Sessions, newest first; older ones that were not looked at begin before `next`, where there may be any."""

    sessions: tuple[Session, ...]
    next: str | None


class SessionCount(Struct, frozen=True):
    """How many live sessions each service has, among those looked at."""

    services: Mapping[str, int]
    next: str | None


class EventPage(Struct, frozen=True):
    """Events of one session in the order of its life, among those looked at; older ones begin before `next`."""

    events: tuple[Told, ...]
    oldest: Instant | None  # of those looked at
    next: int | None
