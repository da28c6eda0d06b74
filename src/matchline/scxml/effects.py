"""What comes of a macrostep: what the host has to carry out, and what it may want to know."""

from typing import TypeAlias

import msgspec

from matchline.scxml.events import Event
from matchline.scxml.http_io import HttpRequest


class Entered(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    session: str
    state: str


class Left(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    session: str
    state: str


class Taken(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    """A transition, by the line on which it stands."""

    session: str
    line: int
    source: str
    targets: tuple[str, ...]


class Processed(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    """An event that was taken from a queue."""

    session: str
    event: Event


class Logged(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    session: str
    label: str
    value: str | None  # JSON


class Sent(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    """A message of a `<send>` whose type or session the host knows; it carries the message."""

    session: str
    type: str
    target: str | None
    event: Event


class InvocationStarted(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    """An `<invoke>` of a type that the host carries out; `done.invoke.<id>` comes from the host."""

    session: str
    id: str
    type: str
    src: str | None
    data: str | None  # JSON


class InvocationStopped(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    session: str
    id: str


class EventForwarded(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    """An event for an invocation of the host, by `autoforward` or by `#_<id>`."""

    session: str
    id: str
    event: Event


class Ended(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    """A session reached a final state of its root, was cancelled, or was stopped by a limit."""

    session: str
    data: str | None = None  # JSON
    stopped: str | None = None  # the limit that it passed


Effect: TypeAlias = (
    Entered
    | Left
    | Taken
    | Processed
    | Logged
    | Sent
    | HttpRequest
    | InvocationStarted
    | InvocationStopped
    | EventForwarded
    | Ended
)
