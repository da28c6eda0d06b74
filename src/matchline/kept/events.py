"""Events: what happens to sessions and to those who call, as other programs are told.

An event names its session, service, resource group and access number; never a caller, a code or user data (rule 22).
"""

from enum import StrEnum

from msgspec import Struct

from matchline.clock import Instant


class EventType(StrEnum):
    RESERVED = "reserved"
    RENEWED = "renewed"
    RELEASED = "released"
    MATCHED = "matched"
    LATE = "late"
    AMBIGUOUS = "ambiguous"
    CODE_WRONG = "code-wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    ENDED = "ended"


NO_SESSION = ""  # the session of an event that is nobody's


class Event(Struct, frozen=True, omit_defaults=True):
    """What happened; a store notes when. A text is empty where nothing is known."""

    type: EventType
    session_id: str = NO_SESSION
    service: str = ""
    group: str = ""
    number: str = ""  # the access number
    seconds: int | None = (
        None  # reserved, renewed: held for; matched, late: waited; exhausted: until one may be free
    )


class Recording(Struct, frozen=True):
    """What is written to the outbox."""

    types: frozenset[EventType] = frozenset()
    deliver: bool = False  # whether it is to be delivered too
    keep: int = 0  # ms
    charts: bool = False  # whether there may be sessions whose charts are to be told

    def __contains__(self, type_: EventType) -> bool:
        return type_ in self.types


SILENCE = Recording()


class Told(Struct, frozen=True):
    """An event of the outbox. Its place is the cursor, and grows for each session in the order of its life."""

    place: int
    event: Event
    at: Instant
    attempts: int = 0  # that failed


class Attempt(Struct, frozen=True):
    """How a delivery went: the event is delivered, or it is due again."""

    place: int
    due_at: Instant | None  # None: delivered


class Outbox(Struct, frozen=True):
    """How many events wait for delivery, and since when the first of them does."""

    waiting: int
    oldest: Instant | None


class Pruned(Struct, frozen=True):
    """Events whose time to be kept was over; `dead` of them were never delivered."""

    events: int = 0
    dead: int = 0
