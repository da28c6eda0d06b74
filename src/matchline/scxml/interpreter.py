"""One session of a chart: the interpretation algorithm of the recommendation's appendix D.

It takes one external event and runs until nothing more is to do without another. It does no I/O and reads no clock.
"""

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

import msgspec

from matchline.scxml import events
from matchline.scxml.configuration import Situation
from matchline.scxml.datamodel import Datamodel
from matchline.scxml.document import ROOT, Data, Document, State, Transition
from matchline.scxml.effects import Entered, Left, Processed, Taken
from matchline.scxml.events import Event
from matchline.scxml.executable import Executor
from matchline.scxml.faults import ContentError, Stopped
from matchline.scxml.limits import Limits
from matchline.scxml.outside import Outside

GRACE = 100  # microsteps, or events, in which a chart that loops may handle the error


class Interpreter:
    def __init__(
        self, document: Document, sessionid: str, datamodel: Datamodel, outside: Outside, limits: Limits
    ) -> None:
        self.document = document
        self.sessionid = sessionid
        self.datamodel = datamodel
        self.active: set[int] = set()
        self.history: dict[int, tuple[int, ...]] = {}
        self.internal: deque[Event] = deque()
        self.initialised: set[int] = set()  # states whose data have their first values, with late binding
        self.invocations: dict[str, tuple[int, int]] = {}  # by id: the state and the place of the <invoke>
        self.event: Event | None = None
        self.running = False
        self.stopped: str | None = None  # the limit that was passed
        self.result: str | None = None  # the data of the final state, as JSON
        self.executor = Executor(sessionid, datamodel, outside, limits, self.enqueue)
        self._outside = outside
        self._limits = limits
        self._to_invoke: set[int] = set()
        self._microsteps = 0
        self._warned = False  # of the limit of microsteps

    def start(self, given: dict[str, str | None]) -> None:
        """Enters the initial states; `given` replaces the first values of variables of the document's data."""
        self.running = True
        self._bounded(lambda: self._start(given))

    def process(self, event: Event) -> None:
        """One external event, and everything that follows from it."""
        self._bounded(lambda: self._process(event))

    def settle(self) -> None:
        """What the internal queue holds, when something was added to it from outside."""
        self._bounded(self._settle)

    def cancel(self) -> None:
        """Leaves every state, as when the invoking session leaves the state of the invocation."""
        self.running = False
        self._bounded(self._leave_everything)

    def stop(self, limit: str) -> None:
        """It stays where it stands."""
        self.running = False
        self.stopped = limit

    def enqueue(self, event: Event) -> None:
        if len(self.internal) >= self._limits.queued:
            raise Stopped(f"more than {self._limits.queued:,} internal events wait")
        self.internal.append(event)

    def _bounded(self, act: Callable[[], None]) -> None:
        """Runs it; a limit that is passed ends the session where it stands."""
        self.executor.begin_event()
        self._microsteps = 0
        self._warned = False
        try:
            act()
        except Stopped as limit:
            self.stop(str(limit))
        except ContentError as error:  # scripts can break the language for their chart
            self.stop(f"the data model is broken: {error}")

    def _start(self, given: dict[str, str | None]) -> None:
        states = self.document.states
        for data in (data for state in states for data in state.data if not self.document.late):
            with suppress(ContentError):  # what cannot be declared is told when it is to get its value
                self.datamodel.declare(data.id)
        for state in states if not self.document.late else states[:1]:
            self._initialise(state.data, given if state.index == ROOT else {})
        for script in self.document.scripts:
            self.executor.run((script,))
        initial = states[ROOT].initial
        assert initial is not None, "the parser gives the root an initial transition"
        self._enter([initial])
        self._settle()

    def _process(self, event: Event) -> None:
        """A turn of `mainEventLoop`, from the external event on; the rest of it is `_settle`."""
        self._take(event)
        for index in sorted(self.active):
            for invoke in self.document.states[index].invokes:
                self._hand_to_invocation(index, invoke.place, event)
        self._microstep(self._enabled(event))
        self._settle()

    def _hand_to_invocation(self, state: int, place: int, event: Event) -> None:
        invoke = self.document.invokes[place]
        for invoke_id in [name for name, where in self.invocations.items() if where == (state, place)]:
            if invoke_id == event.invokeid and invoke.finalize:
                self.executor.run(invoke.finalize)
            if invoke.autoforward:
                self._outside.forward(invoke_id, event)

    def _take(self, event: Event) -> None:
        self.event = event
        if not self.executor.guarded(partial(self.datamodel.set_event, event)):
            self.event = msgspec.structs.replace(event, data=None)  # the data were no JSON, or too deep
            self.datamodel.set_event(self.event)
        self._outside.tell(Processed(self.sessionid, event))

    def _settle(self) -> None:
        while self.running and self._gives_more():
            pass
        if not self.running:
            self._leave_everything()

    def _gives_more(self) -> bool:
        """A macrostep and the invocations after it; whether those put anything on the internal queue."""
        self._macrostep()
        if self.running:
            self._invoke()
        return bool(self.internal)

    def _macrostep(self) -> None:
        while self.running:
            enabled = self._enabled(None)
            if not enabled:
                if not self.internal:
                    return
                event = self.internal.popleft()
                self._take(event)
                enabled = self._enabled(event)
            self._microsteps += 1  # an event that nothing takes counts too: conditions that fail make events
            if self._microsteps > self._limits.microsteps:
                enabled = self._last_resort()
            self._microstep(enabled)

    def _enabled(self, event: Event | None) -> list[Transition]:
        """`selectTransitions` and `selectEventlessTransitions`."""
        situation = self._situation()
        enabled: list[Transition] = []
        for index in sorted(self.active):
            if self.document.states[index].atomic:
                transition = self._first_enabled(index, event)
                if transition and transition not in enabled:
                    enabled.append(transition)
        return situation.without_conflicts(enabled) if len(enabled) > 1 else enabled

    def _first_enabled(self, index: int, event: Event | None) -> Transition | None:
        for place in (index, *self.document.ancestors(index)):
            for transition in self.document.states[place].transitions:
                if self._is_enabled(transition, event):
                    return transition
        return None

    def _is_enabled(self, transition: Transition, event: Event | None) -> bool:
        if (transition.events is None) != (event is None):
            return False
        if event and not events.matches(transition.events or (), event.name):
            return False
        return self.executor.condition(transition.cond)

    def _microstep(self, transitions: list[Transition]) -> None:
        """`microstep`: leave states, run the transitions' content, enter states."""
        if not transitions:
            return
        self._exit(self._situation().exit_set(transitions))
        for transition in transitions:
            self._tell_taken(transition)
            self.executor.run(transition.block)
        self._enter(transitions)

    def _last_resort(self) -> list[Transition]:
        """A chart that loops is told so once, ahead of everything that waits, and stopped if it goes on."""
        message = f"more than {self._limits.microsteps:,} microsteps for one event"
        event = events.error(events.EXECUTION, message)
        if self._warned:
            raise Stopped(message)
        self._take(event)
        handled = self._enabled(event)
        if not handled:
            raise Stopped(message)
        self._warned = True
        self._microsteps = max(0, self._limits.microsteps - GRACE)
        return handled

    def _exit(self, left: Iterable[int]) -> None:
        """`exitStates`."""
        leaving = sorted(left, reverse=True)
        situation = self._situation()
        for index in leaving:
            for history in self.document.states[index].histories:
                self.history[history] = situation.remembered(self.document.states[history])
        for index in leaving:
            self._leave(self.document.states[index])

    def _leave(self, state: State) -> None:
        self._to_invoke.discard(state.index)
        for block in state.onexit:
            self.executor.run(block)
        for invoke_id in [name for name, (where, _) in self.invocations.items() if where == state.index]:
            del self.invocations[invoke_id]
            self._outside.stop(invoke_id)
        self.active.discard(state.index)
        self._tell_active()
        self._outside.tell(Left(self.sessionid, state.id))

    def _enter(self, transitions: Iterable[Transition]) -> None:
        """`enterStates`."""
        entry = self._situation().entry(transitions)
        for index in sorted(entry.states):
            state = self.document.states[index]
            self.active.add(index)
            self._tell_active()
            self._to_invoke.add(index)
            self._outside.tell(Entered(self.sessionid, state.id))
            if self.document.late and index not in self.initialised:
                self.initialised.add(index)
                self._initialise(state.data, {})
            for block in state.onentry:
                self.executor.run(block)
            if index in entry.defaults and state.initial:
                self.executor.run(state.initial.block)
            if index in entry.histories:
                self.executor.run(entry.histories[index].block)
            if state.kind == "final":
                self._finish(state)

    def _finish(self, final: State) -> None:
        """A final state ends the chart, or tells that its parent, and perhaps the parallel above, are done."""
        if final.parent == ROOT:
            self.running = False
            return
        parent = self.document.states[final.parent]
        data = self.executor.donedata(final.donedata) if final.donedata else None
        self.enqueue(Event(f"done.state.{parent.id}", "internal", data))
        above = self.document.states[parent.parent]
        if above.kind == "parallel" and self._is_final(above):
            self.enqueue(Event(f"done.state.{above.id}", "internal"))

    def _is_final(self, state: State) -> bool:
        """`isInFinalState`."""
        children = [self.document.states[child] for child in state.children]
        if state.kind == "parallel":
            return all(map(self._is_final, children))
        return any(child.kind == "final" and child.index in self.active for child in children)

    def _leave_everything(self) -> None:
        """`exitInterpreter`."""
        final = [index for index in self.active if self.document.states[index].parent == ROOT]
        for index in sorted(self.active, reverse=True):
            self._leave(self.document.states[index])
        for state in (self.document.states[index] for index in final):
            if state.kind == "final" and state.donedata:
                self.result = self.executor.donedata(state.donedata)

    def _invoke(self) -> None:
        for index in sorted(self._to_invoke):
            state = self.document.states[index]
            for invoke in state.invokes:
                invoke_id = self.executor.invoke(invoke, state.id)
                if invoke_id is not None:
                    self.invocations[invoke_id] = (index, invoke.place)
        self._to_invoke.clear()

    def _initialise(self, data: Iterable[Data], given: dict[str, str | None]) -> None:
        for one in data:
            if self.executor.guarded(partial(self.datamodel.declare, one.id)):
                self.executor.guarded(partial(self.executor.initialise, one, given))

    def _situation(self) -> Situation:
        return Situation(self.document, self.active, self.history)

    def _tell_active(self) -> None:
        self.datamodel.set_active([self.document.states[index].id for index in self.active])

    def _tell_taken(self, transition: Transition) -> None:
        states = self.document.states
        targets = tuple(states[target].id for target in transition.targets)
        self._outside.tell(Taken(self.sessionid, transition.line, states[transition.source].id, targets))
