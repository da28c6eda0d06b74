"""Plays a chart for somebody who watches: tells in lines what happens, and lets time pass as it is told to."""

from collections.abc import Callable, Iterator, Sequence

from matchline.clock import SECOND, Clock
from matchline.scxml.conformance import Steppable
from matchline.scxml.effects import Effect, Ended, Entered, Left, Logged, Processed, Sent, Taken
from matchline.scxml.events import Event
from matchline.scxml.http_io import HttpRequest

MOST_STEPS = 1_000  # after which a chart that never rests is given up


class Player:
    def __init__(
        self,
        chart: Steppable,
        clock: Clock,
        wait: Callable[[int], None],
        tell: Callable[[str], None],
        *,
        everything: bool,
    ) -> None:
        """`wait` lets milliseconds of the clock pass. Not everything: what the chart logs, sends and gets wrong."""
        self._everything = everything
        self._chart = chart
        self._clock = clock
        self._wait = wait
        self._tell = tell
        self._began = clock.now()
        self._left = MOST_STEPS

    def play(self, events: Sequence[Event]) -> str:
        """Sends each event when the chart rests, then lets time pass; returns how it ended."""
        self._rest()
        for event in events:
            if not self._chart.deliver(event):
                self._tell(f"{event.name} comes too late: the chart has ended")
            self._rest()
        while self._chart.running and self._left and (due := self._chart.next_due) is not None:
            self._wait(max(0, due - self._clock.now()))
            self._rest()
        return self._outcome()

    def _outcome(self) -> str:
        chart = self._chart
        if chart.stopped:
            return f"stopped: {chart.stopped}"
        if not self._left:
            return f"given up after {MOST_STEPS:,} steps"
        if chart.running:
            return f"waits in {' '.join(chart.active)}"
        return "ended" if chart.result is None else f"ended with {chart.result}"

    def _rest(self) -> None:
        worked = True
        while worked and self._left:
            worked = self._chart.step(self._clock.now())
            self._left -= 1
            self._tell_effects()

    def _tell_effects(self) -> None:
        passed = (self._clock.now() - self._began) / SECOND
        for effect in self._chart.take_effects():
            own = effect.session == self._chart.id
            for line in told(effect) if self._everything or _is_for_all(effect) else ():
                self._tell(f"{passed:8.3f} {'' if own else '  invoked: '}{line}")


def _is_for_all(effect: Effect) -> bool:
    if isinstance(effect, Processed):
        return effect.event.name.startswith("error.")
    return not isinstance(effect, Entered | Left | Taken)


def told(effect: Effect) -> Iterator[str]:
    """A line for what is worth one."""
    match effect:
        case Processed(event=event):
            yield f"event {event.name}" + ("" if event.data is None else f" {event.data}")
        case Taken(line=line, source=source, targets=targets):
            yield f"  transition of {source} on line {line}" + (f" to {' '.join(targets)}" if targets else "")
        case Entered(state=state):
            yield f"  enter {state}"
        case Left(state=state):
            yield f"  leave {state}"
        case Logged(label=label, value=value):
            yield f"log {label}: {value}" if label else f"log {value}"
        case Sent(type=kind, target=target, event=event):
            yield " ".join(filter(None, ("send", kind, target, event.name, event.data)))
        case HttpRequest(url=url, body=body):
            yield f"post {url} {body}"
        case Ended(stopped=str(limit)):
            yield f"stopped: {limit}"
        case _:
            return
