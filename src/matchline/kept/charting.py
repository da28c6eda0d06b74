"""Charts as a store keeps them: what drives sessions of SCXML services. Plain data; a store knows no SCXML.

Documents, snapshots, events and effects are bytes here, which `charts` and the engine write and read.
"""

import msgspec
from msgspec import Struct

from matchline.clock import Instant
from matchline.kept.callback import CallbackChange, NewCallback
from matchline.kept.events import EventType
from matchline.model import Idempotency, NewSession, Values
from matchline.observing.masking import Private

# The id of a session with a chart tells so: the steps of all other sessions need not look.
_ENDING = ".chart"
_ELSEWHERE = ".ors"  # before it: another server runs the chart

# What a chart is told of its session.
MATCHED = "interaction.matched"
LET_GO = {EventType.EXPIRED: "interaction.expired", EventType.RELEASED: "interaction.released"}


def charted(session_id: str) -> str:
    """The id of a session that has a chart."""
    return session_id + _ENDING


def has_chart(session_id: str) -> bool:
    return session_id.endswith(_ENDING)


def elsewhere(session_id: str) -> str:
    """The id of a session whose chart another server runs."""
    return charted(session_id + _ELSEWHERE)


def runs_elsewhere(session_id: str) -> bool:
    return session_id.endswith(_ELSEWHERE + _ENDING)


def event_body(name: str, data: object = None, **members: str) -> bytes:
    """An event as `scxml.Event` is written in JSON: its data are JSON in a text."""
    return msgspec.json.encode({"name": name, "data": msgspec.json.encode(data).decode(), **members})


class NewChart(Private, Struct, frozen=True):
    """A session without a reservation, its data and the chart that is to run for it, all in one step."""

    session: NewSession
    values: Values
    digest: str  # of the document
    document: bytes
    token: str  # in the address at which strangers' programs may post events
    settings: bytes
    idempotency: Idempotency | None = None
    callback: NewCallback | None = None


class Begun(Struct, frozen=True):
    session_id: str
    data_id: str


class ChartEvent(Private, Struct, frozen=True):
    """An event that waits for a chart. Its id is the request's, or says what it is about."""

    id: str
    body: bytes


class Queued(Private, Struct, frozen=True):
    """An event in its place in the queue."""

    place: int
    body: bytes


class ChartWork(Private, Struct, frozen=True):
    """A chart that is one node's for a while, and what waits for it."""

    session_id: str
    owner: str
    service: str
    version: int  # grows with each step
    document: bytes
    settings: bytes
    snapshot: bytes | None  # None: it has not begun
    queued: tuple[Queued, ...]


class NewEffect(Private, Struct, frozen=True):
    """Something that is to be done once a step is stored: at least once, with a key to know it again."""

    key: str
    body: bytes


def farewell(session_id: str, snapshot: bytes | None, ended_at: Instant | None) -> NewEffect | None:
    """What is to be done once a session has gone with its chart: another server that runs the chart is told.

    Of such a chart the snapshot is the place where it runs, and that is all that telling needs.
    """
    if not (runs_elsewhere(session_id) and snapshot) or ended_at is not None:
        return None
    return NewEffect(session_id, snapshot)


class Response(Private, Struct, frozen=True):
    request_id: str
    body: bytes


class ChartStep(Private, Struct, frozen=True):
    """What a step made of a chart."""

    session_id: str
    owner: str
    version: int  # of the chart that it was made of
    snapshot: bytes
    active: str  # states, for people
    taken: tuple[int, ...] = ()  # places of events that are done with
    effects: tuple[NewEffect, ...] = ()
    responses: tuple[Response, ...] = ()
    next_due: Instant | None = None  # when the next delayed message leaves
    ended: bool = False
    stopped: str | None = None  # the limit that ended it
    more: bool = False  # the owner goes on at once, and keeps the chart
    callback: CallbackChange | None = None  # where its callback stands now


class Effect(Private, Struct, frozen=True):
    id: int
    session_id: str
    key: str
    body: bytes
    attempts: int  # that failed


class ChartState(Struct, frozen=True):
    """How a chart fares, for people."""

    active: str
    ended_at: Instant | None = None
    stopped: str | None = None
