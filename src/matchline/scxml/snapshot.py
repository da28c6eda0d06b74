"""A running chart as plain data, which msgspec writes as JSON or MessagePack."""

import msgspec

from matchline.clock import Instant
from matchline.scxml.events import Event


class Waiting(msgspec.Struct, frozen=True):
    """What one session is still to do: take an event, or start with values that were given (None: no event)."""

    session: str
    event: Event | None
    given: dict[str, str | None] = {}


class Delayed(msgspec.Struct, frozen=True):
    """A message that leaves at an instant."""

    due: Instant
    session: str
    event: Event
    target: str | None
    type: str | None


class SessionSnapshot(msgspec.Struct, frozen=True):
    id: str
    parent: str | None  # the id of the invoking session
    invoke_id: str | None
    place: int | None  # of the <invoke> in the invoking document, when the document stands in it
    source: str | None  # the document, when it came from elsewhere
    running: bool
    stopped: str | None
    result: str | None
    active: list[str]
    history: dict[str, list[str]]
    initialised: list[str]
    invocations: dict[str, tuple[str, int]]
    internal: list[Event]
    event: Event | None
    variables: dict[str, str | None]
    ids_made: int


class Snapshot(msgspec.Struct, frozen=True):
    version: int
    sessions: list[SessionSnapshot]  # the first is the chart's own
    waiting: list[Waiting]
    delayed: list[Delayed]
    own_events: int = 0  # taken without a rest


VERSION = 1
