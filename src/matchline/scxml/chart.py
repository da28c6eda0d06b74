"""A running chart: one document's session and those that it invoked, as a library's user sees it.

    chart = Chart.start(parse(text), Host(SystemChance()), clock.now())
    chart.run(clock.now())              # until nothing is left to do
    chart.deliver(Event("go")); chart.run(clock.now())
    chart.snapshot(), chart.next_due, chart.take_effects()

It does no I/O: what the host has to do stands in the effects. Each `step` is one external event with everything
that follows from it, so that a host can store the chart in between.
"""

from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush

from matchline.clock import Instant
from matchline.scxml import events
from matchline.scxml.document import Document
from matchline.scxml.effects import Effect, Ended
from matchline.scxml.events import Event
from matchline.scxml.faults import ContentError, EvaluationError, Stopped
from matchline.scxml.host import Host
from matchline.scxml.interpreter import GRACE
from matchline.scxml.outside import Message
from matchline.scxml.session import Origin, Session
from matchline.scxml.snapshot import Delayed, Waiting


class Chart:
    def __init__(self, document: Document, host: Host, now: Instant, *, traced: bool = False) -> None:
        self.host = host
        self.traced = traced
        self.effects: list[Effect] = []
        self.sessions: dict[str, Session] = {}  # in the order of their making
        self.waiting: deque[Waiting] = deque()
        self.delayed: list[tuple[Instant, int, Delayed]] = []  # a heap; the number keeps the order of sending
        self.own_events = (
            0  # that sessions of the chart sent each other, taken since the last from outside or rest
        )
        self._document = document
        self._sends = 0
        self.now = now

    @classmethod
    def start(
        cls,
        document: Document,
        host: Host,
        now: Instant,
        given: dict[str, str | None] | None = None,
        *,
        session_id: str | None = None,
        traced: bool = False,
    ) -> "Chart":
        """A chart that is about to enter its initial states; `given` replaces first values, as JSON by name.

        Its session has an id of its own unless one is named.
        """
        chart = cls(document, host, now, traced=traced)
        chart.begin(document, Origin(), given or {}, session_id)
        return chart

    @property
    def root(self) -> Session:
        return next(iter(self.sessions.values()))

    @property
    def running(self) -> bool:
        """Whether it has not ended; true before its first step too."""
        return self.root.interpreter.running or any(
            one.event is None and one.session == self.root.id for one in self.waiting
        )

    @property
    def id(self) -> str:
        """The id of the chart's own session."""
        return self.root.id

    @property
    def stopped(self) -> str | None:
        """The limit that stopped it."""
        return self.root.interpreter.stopped

    @property
    def result(self) -> str | None:
        """The data of the final state that it ended in, as JSON."""
        return self.root.interpreter.result

    @property
    def active(self) -> tuple[str, ...]:
        """The active states of the chart's own session, in document order."""
        states = self._document.states
        return tuple(states[index].id for index in sorted(self.root.interpreter.active))

    @property
    def next_due(self) -> Instant | None:
        """When the next delayed message leaves."""
        return self.delayed[0][0] if self.delayed else None

    def deliver(self, event: Event, session: str | None = None) -> bool:
        """Puts an event on a session's external queue, by default the chart's own.

        False when the session has ended, or too many events wait already.
        """
        name = session or self.root.id
        if name not in self.sessions or not self.running or not self._has_room():
            return False
        self.waiting.append(Waiting(name, event))
        return True

    def fail(self, session: str, message: str, sendid: str | None = None) -> None:
        """Tells a session that a request or message of its could not be delivered."""
        found = self.find(session)
        if found and self.running:
            self._complain(found, events.error(events.COMMUNICATION, message, sendid))

    def step(self, now: Instant) -> bool:
        """Does one macrostep; False when there is nothing to do before `next_due` or a further event."""
        self.now = now
        if not self.running:
            return False
        for session in list(self.sessions.values()):
            if session.interpreter.internal:
                session.interpreter.settle()
                self._after(session)
                return True
        self._release_due()
        if not self.waiting:
            self.own_events = 0
            return any(session.interpreter.internal for session in self.sessions.values())
        waiting = self.waiting.popleft()
        session = self.sessions[waiting.session]
        self._count(waiting.event)
        if self.stopped is not None:
            return False
        if waiting.event is None:
            session.interpreter.start(dict(waiting.given))
        else:
            session.interpreter.process(waiting.event)
        self._after(session)
        return True

    def run(self, now: Instant, most_steps: int = 1000) -> bool:
        """Steps until nothing is left to do now; False when that took more than `most_steps`."""
        return any(not self.step(now) for _ in range(most_steps))

    def cancel(self) -> None:
        """Leaves every state and ends."""
        if self.running:
            self.root.interpreter.cancel()
            self._after(self.root)

    def take_effects(self) -> list[Effect]:
        taken, self.effects = self.effects, []
        return taken

    # What sessions ask.

    def put(self, session: str, event: Event) -> None:
        if not self._has_room():
            raise Stopped(f"more than {self.host.limits.queued:,} events wait")
        self.waiting.append(Waiting(session, event))

    def put_later(self, session: str, message: Message) -> None:
        if len(self.delayed) >= self.host.limits.delayed:
            raise EvaluationError(f"more than {self.host.limits.delayed:,} delayed messages wait")
        due = self.now + message.delay
        self.push_delayed(Delayed(due, session, message.event, message.target, message.type))

    def push_delayed(self, delayed: Delayed) -> None:
        self._sends += 1
        heappush(self.delayed, (delayed.due, self._sends, delayed))

    def forget(self, session: str, sendid: str) -> None:
        self._drop_delayed(lambda one: one.session == session and one.event.sendid == sendid)

    def find(self, session: str) -> Session | None:
        return self.sessions.get(session)

    def begin(
        self,
        document: Document,
        origin: Origin,
        given: dict[str, str | None],
        session_id: str | None = None,
    ) -> Session:
        if len(self.sessions) >= self.host.limits.sessions:
            raise EvaluationError(f"more than {self.host.limits.sessions} sessions in one chart")
        if self._depth(origin) > self.host.limits.invoke_depth:
            raise EvaluationError(f"invocations more than {self.host.limits.invoke_depth} deep")
        session = Session(session_id or self.host.chance.new_id(self.now), document, origin, self)
        self.sessions[session.id] = session
        self.waiting.append(Waiting(session.id, None, given))
        return session

    def end(self, session: Session) -> None:
        """Cancels an invoked session; what it sends to its parent from now on is not heard."""
        session.origin = Origin()
        session.interpreter.cancel()
        self._detach(session)
        self.effects.append(Ended(session.id, None, session.interpreter.stopped))

    # How it is done.

    def _release_due(self) -> None:
        """What finds no room in the queue of events leaves later."""
        while self.delayed and self.delayed[0][0] <= self.now and self._has_room():
            _, _, delayed = heappop(self.delayed)
            session = self.sessions[delayed.session]
            message = Message(delayed.event, delayed.target, delayed.type, delay=0)
            try:
                session.dispatch(message)
            except ContentError as error:
                self._complain(session, events.error(error.event, str(error), delayed.event.sendid))

    def _count(self, event: Event | None) -> None:
        """A chart that feeds itself without end is told so, and stopped if it goes on."""
        own = event is None or event.origintype == events.SCXML_PROCESSOR or event.invokeid is not None
        self.own_events = self.own_events + 1 if own else 0
        most, root = self.host.limits.own_events, self.root
        message = f"more than {most:,} events that it sent itself, without a rest"
        if self.own_events == most + 1:
            self._complain(root, events.error(events.EXECUTION, message))
        elif self.own_events > most + GRACE:
            root.interpreter.stop(message)
            self._after(root)

    def _has_room(self) -> bool:
        return len(self.waiting) < self.host.limits.queued

    def _complain(self, session: Session, error: Event) -> None:
        if session.interpreter.running:
            session.interpreter.internal.append(error)

    def _after(self, session: Session) -> None:
        """Tells the invoking session when an invoked one has ended, and the host when the chart has."""
        interpreter = session.interpreter
        if interpreter.running:
            return
        self.effects.append(Ended(session.id, interpreter.result, interpreter.stopped))
        parent = self.find(session.origin.parent) if session.origin.parent else None
        if parent is None:
            self._end_children(session)
            self._silence(session)
            return
        invoke_id = session.origin.invoke_id
        assert invoke_id is not None
        self._detach(session)
        if interpreter.stopped:
            message = f"the invoked session was stopped: {interpreter.stopped}"
            event = events.error(events.PLATFORM, message, invokeid=invoke_id)
        else:
            event = Event(f"done.invoke.{invoke_id}", data=interpreter.result, invokeid=invoke_id)
        self.waiting.append(Waiting(parent.id, event))

    def _detach(self, session: Session) -> None:
        """Takes a session out of the chart with those that it invoked; its delayed messages never leave."""
        self._end_children(session)
        self._silence(session)
        del self.sessions[session.id]

    def _end_children(self, session: Session) -> None:
        for child in list(session.children.values()):
            if found := self.find(child):
                self.end(found)

    def _silence(self, session: Session) -> None:
        self.waiting = deque(one for one in self.waiting if one.session != session.id)
        self._drop_delayed(lambda one: one.session == session.id)

    def _drop_delayed(self, unwanted: Callable[[Delayed], bool]) -> None:
        self.delayed = [one for one in self.delayed if not unwanted(one[2])]
        heapify(self.delayed)

    def _depth(self, origin: Origin) -> int:
        depth = 0
        while origin.parent is not None:
            depth += 1
            origin = self.sessions[origin.parent].origin
        return depth
