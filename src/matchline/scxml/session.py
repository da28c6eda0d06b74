"""One session within a chart: its interpreter, and the way of its messages and invocations."""

from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from matchline.clock import Instant
from matchline.scxml import http_io
from matchline.scxml.datamodel import SystemVariables, open_datamodel
from matchline.scxml.document import Document
from matchline.scxml.effects import (
    Effect,
    Entered,
    EventForwarded,
    InvocationStarted,
    InvocationStopped,
    Left,
    Processed,
    Sent,
    Taken,
)
from matchline.scxml.events import HTTP_PROCESSOR, SCXML_PROCESSOR, SCXML_TYPES, Event
from matchline.scxml.faults import CommunicationError, DocumentRefused, EvaluationError
from matchline.scxml.host import Host
from matchline.scxml.interpreter import Interpreter
from matchline.scxml.outside import Invocation, Message
from matchline.scxml.parse import parse

SESSION = "#_scxml_"
PARENT = "#_parent"
CHILD = "#_"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a session comes from; the chart's own has none of it."""

    parent: str | None = None
    invoke_id: str | None = None
    place: int | None = None  # of the <invoke> whose content is the document
    source: str | None = None  # the document, when it came from elsewhere


class Surroundings(Protocol):
    """What a session asks of its chart."""

    host: Host
    now: Instant  # of the step that is under way
    traced: bool
    effects: list[Effect]

    def put(self, session: str, event: Event) -> None: ...

    def put_later(self, session: str, message: Message) -> None: ...

    def forget(self, session: str, sendid: str) -> None: ...

    def find(self, session: str) -> "Session | None": ...

    def begin(self, document: Document, origin: Origin, given: dict[str, str | None]) -> "Session": ...

    def end(self, session: "Session") -> None: ...


@dataclass(slots=True)
class Session:
    id: str
    document: Document
    origin: Origin
    chart: Surroundings
    children: dict[str, str] = field(default_factory=dict)  # session ids by invoke id
    interpreter: Interpreter = field(init=False)

    def __post_init__(self) -> None:
        host = self.chart.host
        datamodel = open_datamodel(self.document, self._system(host), host, lambda: self.chart.now)
        self.interpreter = Interpreter(self.document, self.id, datamodel, self, host.limits)

    def _system(self, host: Host) -> SystemVariables:
        processors = {SCXML_PROCESSOR: {"location": f"{SESSION}{self.id}"}}
        processors["scxml"] = processors[SCXML_PROCESSOR]
        if host.http_location is not None:
            processors[HTTP_PROCESSOR] = {"location": f"{host.http_location}/{self.id}"}
            processors["basichttp"] = processors[HTTP_PROCESSOR]
        written = msgspec.json.encode(processors).decode()
        return SystemVariables(self.id, self.document.name, written, host.variables)

    # What the interpreter calls.

    def send(self, message: Message) -> None:
        self._demand_type(message.type)
        if message.delay:
            self.chart.put_later(self.id, message)
        else:
            self.dispatch(message)

    def dispatch(self, message: Message) -> None:
        """Sends what is due. Raises `CommunicationError` when the target cannot be reached."""
        if message.type == HTTP_PROCESSOR:
            self._post(message)
        elif message.type in SCXML_TYPES:
            self._deliver(message)
        else:
            assert message.type is not None
            self.chart.effects.append(Sent(self.id, message.type, message.target, message.event))

    def cancel(self, sendid: str) -> None:
        self.chart.forget(self.id, sendid)

    def start(self, invocation: Invocation) -> None:
        if invocation.type in self.chart.host.invoke_types and invocation.type is not None:
            self._start_elsewhere(invocation, invocation.type)
            return
        if invocation.type not in SCXML_TYPES:
            raise EvaluationError(f"no invocation of the type {invocation.type}")
        if invocation.document:
            document, origin = invocation.document, Origin(self.id, invocation.id, place=invocation.place)
        else:
            source = self._source(invocation)
            document, origin = self._parsed(source), Origin(self.id, invocation.id, source=source)
        self.children[invocation.id] = self.chart.begin(document, origin, invocation.data).id

    def stop(self, invoke_id: str) -> None:
        if invoke_id not in self.children:
            self.chart.effects.append(InvocationStopped(self.id, invoke_id))
        elif child := self.chart.find(self.children.pop(invoke_id)):
            self.chart.end(child)

    def forward(self, invoke_id: str, event: Event) -> None:
        if invoke_id not in self.children:
            self.chart.effects.append(EventForwarded(self.id, invoke_id, event))
        elif self.chart.find(self.children[invoke_id]):
            self.chart.put(self.children[invoke_id], event)

    def tell(self, effect: Effect) -> None:
        if self.chart.traced or not isinstance(effect, Entered | Left | Taken | Processed):
            self.chart.effects.append(effect)

    # How it is done.

    def _demand_type(self, name: str | None) -> None:
        if name not in (*SCXML_TYPES, HTTP_PROCESSOR) and name not in self.chart.host.send_types:
            raise EvaluationError(f"no <send> of the type {name}")

    def _deliver(self, message: Message) -> None:
        """The SCXML Event I/O Processor (appendix C.1)."""
        event = msgspec.structs.replace(
            message.event,
            origin=f"{SESSION}{self.id}",
            origintype=SCXML_PROCESSOR,
        )
        target = message.target or f"{SESSION}{self.id}"
        if target == PARENT:
            self._tell_parent(event)
        elif target.startswith(SESSION):
            self._send_to_session(target, event)
        elif target.startswith(CHILD):
            self._send_to_invoked(target.removeprefix(CHILD), event)
        else:
            raise EvaluationError(f"{target} is no target of the SCXML Event I/O Processor")

    def _tell_parent(self, event: Event) -> None:
        if self.origin.parent is None:
            raise CommunicationError("the session was not invoked: it has no parent")
        invoked = msgspec.structs.replace(event, invokeid=self.origin.invoke_id)
        self.chart.put(self.origin.parent, invoked)

    def _send_to_session(self, target: str, event: Event) -> None:
        session = target.removeprefix(SESSION)
        if self.chart.find(session):
            self.chart.put(session, event)
        elif self.chart.host.knows(session):
            self.chart.effects.append(Sent(self.id, SCXML_PROCESSOR, target, event))
        else:
            raise CommunicationError(f"there is no session {session}")

    def _send_to_invoked(self, invoke_id: str, event: Event) -> None:
        child = self.children.get(invoke_id)
        if invoke_id not in self.interpreter.invocations or (child and not self.chart.find(child)):
            raise CommunicationError(f"nothing runs that was invoked as {invoke_id}")
        self.forward(invoke_id, event)

    def _post(self, message: Message) -> None:
        own = self.chart.host.http_location
        url = message.target
        if not url:
            raise CommunicationError("an HTTP message needs a target")
        if not self.chart.host.allowed.permits(url) and not (own and url.startswith(f"{own}/")):
            raise CommunicationError(f"{url} is not a permitted target")
        try:
            request = http_io.request(self.id, url, message.event)
        except (msgspec.DecodeError, RecursionError) as error:
            raise EvaluationError(f"data that a request cannot carry: {error}") from None
        self.chart.effects.append(request)

    def _start_elsewhere(self, invocation: Invocation, kind: str) -> None:
        members = {name: msgspec.Raw(json.encode()) for name, json in invocation.data.items() if json}
        data = invocation.content or (msgspec.json.encode(members).decode() if members else None)
        started = InvocationStarted(self.id, invocation.id, kind, invocation.src, data)
        self.chart.effects.append(started)

    def _source(self, invocation: Invocation) -> str:
        if invocation.src is not None:
            try:
                return self.chart.host.load(invocation.src)
            except (OSError, ValueError) as error:
                raise CommunicationError(f"{invocation.src} cannot be loaded: {error}") from None
        try:
            return msgspec.json.decode(invocation.content or "null", type=str)
        except msgspec.DecodeError:
            raise EvaluationError("what is to be invoked is no document") from None

    def _parsed(self, source: str) -> Document:
        try:
            return parse(source, self.chart.host.load, self.chart.host.limits)
        except DocumentRefused as refused:
            raise EvaluationError(f"what is to be invoked is faulty: {refused.faults[0]}") from None
