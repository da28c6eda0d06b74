"""A process that takes charts a few steps further and keeps nothing: `python -m matchline.scxml.worker`.

Scripts run here because no limit within a process is enough: QuickJS looks at the time between its own
instructions and not within a regular expression or a sort, and it can crash where memory ends. See `apart`.

So the process has itself ended by timers of the system, one for each script and one for all that a chart does at
once. They count what it computes: a busy machine does not make them run out, and they need no slack for one.
"""

import resource
import signal
import sys
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from matchline.chance import SystemChance
from matchline.clock import SECOND, Instant, steady
from matchline.scxml.chart import Chart
from matchline.scxml.document import Document
from matchline.scxml.effects import Effect, Ended
from matchline.scxml.events import Event
from matchline.scxml.faults import DocumentFault, DocumentRefused, Stopped
from matchline.scxml.host import AllowList, Host
from matchline.scxml.limits import DEFAULT_LIMITS, MIB, Limits
from matchline.scxml.loading import folder_loader
from matchline.scxml.parse import load_nothing, parse
from matchline.scxml.restoring import restore, snapshot
from matchline.scxml.snapshot import Snapshot

LENGTH_BYTES = 4  # before each message, big-endian
_PROCESS_BYTES = 1024 * MIB  # of addresses; the contexts of one chart's sessions are the most of it
_DOCUMENTS = 100  # that stay parsed

_BESIDES_SECONDS = (
    1.0  # of processor time, for what is not scripts: to restore and store a chart, to find transitions
)
_TURN_SECONDS = 0.1  # after which no further step is begun: other charts wait


class Settings(msgspec.Struct, frozen=True):
    """A `Host` as plain data."""

    limits: Limits = DEFAULT_LIMITS
    folder: str | None = None  # from which documents and scripts may be loaded
    allowed: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()  # of other charts, that can be sent to
    http_location: str | None = None
    variables: str = "{}"
    send_types: frozenset[str] = frozenset()
    invoke_types: frozenset[str] = frozenset()


class Delivery(msgspec.Struct, frozen=True):
    session: str
    event: Event


class Failure(msgspec.Struct, frozen=True):
    session: str
    message: str
    sendid: str | None


class Request(msgspec.Struct, frozen=True):
    document: bytes
    settings: Settings
    now: Instant
    most_steps: int
    traced: bool
    snapshot: Snapshot | None  # None: start
    given: dict[str, str | None] = {}
    deliveries: list[Delivery] = []
    failures: list[Failure] = []
    session_id: str | None = None  # of the session that starts; None: one of its own


class Reply(msgspec.Struct, frozen=True):
    snapshot: Snapshot | None  # None: the document was refused
    faults: list[DocumentFault] = []
    effects: list[Effect] = []
    worked: bool = False  # there may be more to do now
    running: bool = False
    active: tuple[str, ...] = ()
    next_due: Instant | None = None
    stopped: str | None = None
    result: str | None = None


def answer(request: Request) -> Reply:
    """Takes a chart as many steps as there is work for, and at most as many as were asked for."""
    host = _host(request.settings)
    try:
        document = _parsed(request.document, request.settings)
    except DocumentRefused as refused:
        return Reply(None, list(refused.faults))
    _begin_part(host.limits)
    chart = _chart(request, document, host)
    for failure in request.failures:
        chart.fail(failure.session, failure.message, failure.sendid)
    for delivery in request.deliveries:
        chart.deliver(delivery.event, delivery.session)
    worked = _run(chart, request)
    _begin_part(host.limits)
    try:
        after = snapshot(chart)
    except Stopped as limit:
        return _stopped(chart, request, str(limit))
    return Reply(
        after,
        effects=chart.take_effects(),
        worked=worked,
        running=chart.running,
        active=chart.active,
        next_due=chart.next_due,
        stopped=chart.stopped,
        result=chart.result,
    )


def _begin_part(limits: Limits) -> None:
    """From here on the process may compute for as long as the scripts of one event may take; then it is ended."""
    signal.setitimer(signal.ITIMER_PROF, limits.event_ms / SECOND + _BESIDES_SECONDS)


def _run(chart: Chart, request: Request) -> bool:
    """Whether there may be more to do now."""
    end = steady() + _TURN_SECONDS
    for _ in range(request.most_steps):
        _begin_part(chart.host.limits)
        if not chart.step(request.now):
            return False
        if steady() >= end:
            break
    return True


def _chart(request: Request, document: Document, host: Host) -> Chart:
    if request.snapshot is None:
        return Chart.start(
            document,
            host,
            request.now,
            request.given,
            session_id=request.session_id,
            traced=request.traced,
        )
    return restore(document, request.snapshot, host, request.now, traced=request.traced)


def _stopped(chart: Chart, request: Request, limit: str) -> Reply:
    """A chart that cannot be stored stays as it was before, and ends."""
    effects = [*chart.take_effects(), Ended(chart.id, None, limit)]
    return Reply(request.snapshot, effects=effects, active=chart.active, stopped=limit)


def _host(settings: Settings) -> Host:
    return Host(
        chance=SystemChance(),
        limits=settings.limits,
        load=folder_loader(Path(settings.folder)) if settings.folder else load_nothing,
        allowed=AllowList.of(settings.allowed),
        knows=settings.sessions.__contains__,
        http_location=settings.http_location,
        variables=settings.variables,
        send_types=settings.send_types,
        invoke_types=settings.invoke_types,
        alarm=partial(signal.setitimer, signal.ITIMER_VIRTUAL),
    )


def _parsed(source: bytes, settings: Settings) -> Document:
    """With what it loads from the folder as it is now; a document that loads nothing is parsed once."""
    if settings.folder is not None:
        return parse(source, _host(settings).load, settings.limits)
    return _parsed_once(source, settings.limits)


@lru_cache(_DOCUMENTS)
def _parsed_once(source: bytes, limits: Limits) -> Document:
    return parse(source, limits=limits)


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Says that it is ready by an empty message, then answers one request after the other."""
    decoder, encoder = msgspec.msgpack.Decoder(Request), msgspec.msgpack.Encoder()
    _write(replies, b"")
    while head := requests.read(LENGTH_BYTES):
        body = requests.read(int.from_bytes(head))
        _write(replies, encoder.encode(answer(decoder.decode(body))))


def _write(replies: BinaryIO, message: bytes) -> None:
    replies.write(len(message).to_bytes(LENGTH_BYTES) + message)
    replies.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_PROCESS_BYTES, _PROCESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)
