"""Callbacks as a store keeps them: whom to call when, where that stands, and what of a calendar it takes up.

A calendar is what callbacks are counted against: the name of a capacity service, else of the callback service.
Instants and durations are in milliseconds.
"""

from enum import StrEnum

from msgspec import Struct

from matchline.clock import Instant
from matchline.errors import Exhausted
from matchline.observing.masking import Private

# What a chart is told of its callback.
RESCHEDULED = "callback.rescheduled"
CANCELLED = "callback.cancelled"

# Reasons that the server gives; a chart may give others.
CANCELLED_REASON = "CANCELLED"
FAILED_REASON = "FAILED"  # the chart was stopped

MAX_REASON = 100  # characters


class CallbackState(StrEnum):
    """The states of Genesys Mobile Services (docs/callbacks.md)."""

    SCHEDULED = "SCHEDULED"
    QUEUED = "QUEUED"
    ROUTING = "ROUTING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"


class SlotFull(Exhausted):
    """As many callbacks as may are booked in that slot."""

    def __init__(self) -> None:
        super().__init__(None)


class Booking(Struct, frozen=True):
    """A place in a calendar that is to be taken up, unless as many are taken there as may."""

    calendar: str
    start: Instant  # of the slot
    end: Instant
    most: int


class NewCallback(Private, Struct, frozen=True):
    """A callback that begins with its session and its chart."""

    phone: str  # the customer's number as it is compared
    phone_text: str  # as it was given
    state: CallbackState
    desired_at: Instant
    booking: Booking | None  # None: it takes up nothing


class Rescheduling(Struct, frozen=True):
    """Another time for a callback, and until when its session lives then."""

    desired_at: Instant
    booking: Booking
    ends_at: Instant


class CallbackChange(Struct, frozen=True):
    state: CallbackState
    reason: str | None = None  # None: it stays


class Callback(Private, Struct, frozen=True):
    session_id: str
    service: str
    phone_text: str  # the customer's number as it was given
    state: CallbackState
    reason: str
    desired_at: Instant
    ends_at: Instant  # of its session
    maker: str | None


class CallbacksWanted(Private, Struct, frozen=True):
    """All that is given must fit."""

    limit: int
    session_id: str = ""
    phone: str = ""
    state: str = ""
    service: str = ""
