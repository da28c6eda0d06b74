"""Runs a folder of test documents; one passes when its session ends in the state `pass`.

Time does not pass by itself: when a chart waits, the clock jumps to its next delayed message. HTTP messages to the
chart itself are written and read as requests and go no further.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from matchline.chance import SystemChance
from matchline.clock import SECOND, Instant, ManualClock
from matchline.scxml import http_io
from matchline.scxml.apart import ChartApart, Worker
from matchline.scxml.chart import Chart
from matchline.scxml.effects import Effect, Entered
from matchline.scxml.events import Event
from matchline.scxml.faults import DocumentRefused
from matchline.scxml.host import Host
from matchline.scxml.http_io import HttpRequest
from matchline.scxml.loading import folder_loader
from matchline.scxml.parse import parse
from matchline.scxml.worker import Settings

PASS = "pass"  # noqa: S105 - the name of a state
HERE = "http://localhost/scxml"  # where the charts take requests; nothing leaves the process
_LONGEST_SECONDS = 600  # of the charts' time, after which a test has failed
_MOST_STEPS = 10_000


class Steppable(Protocol):
    """What a `Chart` and a `ChartApart` have in common."""

    @property
    def id(self) -> str: ...
    @property
    def running(self) -> bool: ...
    @property
    def active(self) -> tuple[str, ...]: ...
    @property
    def next_due(self) -> Instant | None: ...
    @property
    def stopped(self) -> str | None: ...
    @property
    def result(self) -> str | None: ...
    def deliver(self, event: Event, session: str | None = None) -> bool: ...
    def fail(self, session: str, message: str, sendid: str | None = None) -> None: ...
    def step(self, now: Instant) -> bool: ...
    def take_effects(self) -> list[Effect]: ...


Start: TypeAlias = Callable[[Path, Instant], Steppable]  # raises DocumentRefused


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    passed: bool
    reason: str  # what happened instead


def run_folder(folder: Path) -> Iterator[Result]:
    """Every document of it that is a test, in a process that is ended when a script hangs."""
    with Worker() as worker:
        for path in documents(folder):
            yield run_file(path, start_apart(worker))


def documents(folder: Path) -> list[Path]:
    """The `.scxml` documents in it, without those that others load (named `…sub…`)."""
    return sorted(path for path in folder.glob("*.scxml") if "sub" not in path.stem)


def start_here(path: Path, now: Instant) -> Chart:
    load = folder_loader(path.parent)
    host = Host(SystemChance(), load=load, http_location=HERE)
    return Chart.start(parse(path.read_bytes(), load), host, now, traced=True)


def start_apart(worker: Worker) -> Start:
    def start(path: Path, now: Instant) -> ChartApart:
        settings = Settings(folder=str(path.parent), http_location=HERE)
        return ChartApart(worker, path.read_bytes(), settings, now, traced=True)

    return start


def run_file(path: Path, start: Start = start_here) -> Result:
    clock = ManualClock()
    try:
        chart = start(path, clock.now())
    except DocumentRefused as refused:
        return Result(path.stem, passed=False, reason=str(refused.faults[0]))
    entered = _play(chart, clock)
    if entered == PASS:
        return Result(path.stem, passed=True, reason="")
    reason = chart.stopped or f"entered {entered} last, rests in {list(chart.active)}"
    return Result(path.stem, passed=False, reason=reason)


def _play(chart: Steppable, clock: ManualClock) -> str | None:
    """The last state that the chart entered, when it has ended or waits for ever."""
    entered: str | None = None
    end = clock.now() + _LONGEST_SECONDS * SECOND
    for _ in range(_MOST_STEPS):
        worked = chart.step(clock.now())
        entered = _last_entered(chart) or entered
        if worked:
            continue
        due = chart.next_due
        if due is None or due > end or not chart.running:
            break
        clock.advance((due - clock.now()) / SECOND)
    return entered


def _last_entered(chart: Steppable) -> str | None:
    """The last state that the chart's own session entered in a step; its requests are received, too."""
    entered: str | None = None
    for effect in chart.take_effects():
        if isinstance(effect, Entered) and effect.session == chart.id:
            entered = effect.state
        elif isinstance(effect, HttpRequest):
            _receive(chart, effect)
    return entered


def _receive(chart: Steppable, request: HttpRequest) -> None:
    session = request.url.removeprefix(f"{HERE}/")
    form = request.content_type == http_io.FORM
    fields = http_io.form_fields(request.body) if form else []
    event = http_io.received("POST", fields, None if form else request.body)
    if not chart.deliver(event, session):
        chart.fail(request.session, f"{request.url} does not answer", request.sendid)
