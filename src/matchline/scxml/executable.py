"""Executable content (sections 4 and 6.2): runs blocks, and makes messages and invocations of their elements.

An element that fails raises `error.execution` or `error.communication` and ends its block.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from matchline.scxml import events
from matchline.scxml.datamodel import Datamodel
from matchline.scxml.delays import milliseconds
from matchline.scxml.document import (
    Assign,
    Block,
    Cancel,
    Content,
    Data,
    Foreach,
    Given,
    If,
    Invoke,
    Log,
    Payload,
    Raise,
    Script,
    Send,
)
from matchline.scxml.effects import Logged
from matchline.scxml.events import Event
from matchline.scxml.faults import ContentError, EvaluationError, Stopped
from matchline.scxml.limits import Limits
from matchline.scxml.outside import Invocation, Message, Outside

INTERNAL_QUEUE = "#_internal"


class Executor:
    def __init__(
        self,
        sessionid: str,
        datamodel: Datamodel,
        outside: Outside,
        limits: Limits,
        enqueue: Callable[[Event], None],
    ) -> None:
        self._sessionid = sessionid
        self._datamodel = datamodel
        self._outside = outside
        self._limits = limits
        self._enqueue = enqueue  # to the internal queue
        self._run_for_event = 0
        self.ids_made = 0  # of sends and invocations without an id
        self._runs: dict[type[Any], Callable[[Any], None]] = {
            Raise: self._raise,
            Log: self._log,
            Assign: self._assign,
            Script: lambda script: self._datamodel.script(script.source),
            If: self._if,
            Foreach: self._foreach,
            Send: self._send,
            Cancel: self._cancel,
        }

    def begin_event(self) -> None:
        self._run_for_event = 0
        self._datamodel.begin_event()

    def run(self, block: Block) -> None:
        self.guarded(lambda: self._all(block))

    def guarded(self, act: Callable[[], None]) -> bool:
        """Whether it went well; what went wrong becomes an error event."""
        try:
            act()
        except ContentError as error:
            self._enqueue(events.error(error.event, str(error), error.sendid))
            return False
        return True

    def condition(self, expr: str | None) -> bool:
        """A condition that cannot be evaluated is false, and an error event."""
        found = False
        if expr is None:
            return True

        def evaluate() -> None:
            nonlocal found
            found = self._datamodel.condition(expr)

        self.guarded(evaluate)
        return found

    def initialise(self, data: Data, given: dict[str, str | None]) -> None:
        """Gives a variable its first value; one that the invoking session gave comes before its own."""
        if data.id in given:
            self._datamodel.assign_json(data.id, given[data.id])
        elif data.expr is not None:
            self._datamodel.assign(data.id, data.expr)
        elif data.text.strip():
            self._datamodel.assign_json(data.id, self._datamodel.content(data.text))

    def donedata(self, payload: Payload) -> str | None:
        """A parameter that fails is left out, content that fails leaves no data."""
        parts = [Payload(names=(name,)) for name in payload.names]
        parts += [Payload(params=(param,)) for param in payload.params]
        members: dict[str, str | None] = {}
        for part in parts:
            self.guarded(partial(self._add_members, members, part))
        if payload.content is None:
            return self._object(members)
        found: list[str | None] = []
        self.guarded(lambda: found.append(self._content(payload)))
        return found[0] if found else None

    def invoke(self, invoke: Invoke, state_id: str) -> str | None:
        """Starts an invocation and returns its id; None when it cannot be started."""
        invoke_id = invoke.id or self._new_id(state_id)

        def start() -> None:
            if invoke.idlocation is not None:
                self._datamodel.assign_json(invoke.idlocation, _json(invoke_id))
            self._outside.start(self._invocation(invoke, invoke_id))

        return invoke_id if self.guarded(start) else None

    def _invocation(self, invoke: Invoke, invoke_id: str) -> Invocation:
        content = invoke.payload.content
        return Invocation(
            invoke_id,
            invoke.place,
            self._given(invoke.type),
            self._given(invoke.src),
            content.document if content else None,
            self._content(invoke.payload) if content and not content.document else None,
            self._members(invoke.payload),
        )

    def _all(self, block: Block) -> None:
        for content in block:
            self._one(content)

    def _one(self, content: Content) -> None:
        self._run_for_event += 1
        if self._run_for_event > self._limits.contents:
            raise Stopped(f"more than {self._limits.contents:,} elements of executable content for one event")
        self._runs[type(content)](content)

    def _raise(self, raised: Raise) -> None:
        self._enqueue(Event(raised.event, "internal"))

    def _log(self, log: Log) -> None:
        value = None if log.expr is None else self._datamodel.value(log.expr)
        self._outside.tell(Logged(self._sessionid, log.label, value))

    def _assign(self, assign: Assign) -> None:
        if assign.expr is not None:
            self._datamodel.assign(assign.location, assign.expr)
        else:
            self._datamodel.assign_json(assign.location, self._datamodel.content(assign.text))

    def _if(self, choice: If) -> None:
        for branch in choice.branches:
            if self.condition(branch.cond):
                self._all(branch.block)
                return

    def _foreach(self, loop: Foreach) -> None:
        for _ in self._datamodel.foreach(loop.array, loop.item, loop.index):
            self._all(loop.block)

    def _cancel(self, cancel: Cancel) -> None:
        self._outside.cancel(self._given(cancel.sendid) or "")

    def _send(self, send: Send) -> None:
        sendid = send.id or (self._new_id("send") if send.idlocation is not None else None)
        try:
            if send.idlocation is not None:
                self._datamodel.assign_json(send.idlocation, _json(sendid))
            message = self._message(send, sendid)
            if message.target == INTERNAL_QUEUE:
                self._enqueue(msgspec.structs.replace(message.event, type="internal"))
            else:
                self._outside.send(message)
        except ContentError as error:
            error.sendid = sendid
            raise

    def _message(self, send: Send, sendid: str | None) -> Message:
        delay = milliseconds(self._given(send.delay) or "0")
        if delay is None:
            raise EvaluationError("the delay is no time like 1.5s or 200ms")
        name = self._given(send.event) or ""
        event = Event(name, data=self._payload(send.payload), sendid=sendid)
        return Message(event, self._given(send.target), self._given(send.type), delay)

    def _given(self, given: Given) -> str | None:
        return given.literal if given.expr is None else self._datamodel.text(given.expr)

    def _payload(self, payload: Payload) -> str | None:
        """JSON: the content, or an object of the names and parameters."""
        if payload.content:
            return self._content(payload)
        return self._object(self._members(payload))

    def _object(self, members: dict[str, str | None]) -> str | None:
        if not members:
            return None
        data = {name: msgspec.Raw(json.encode()) for name, json in members.items() if json is not None}
        found = msgspec.json.encode(data).decode()
        if len(found) > self._limits.data_bytes:
            raise EvaluationError(f"the data are more than {self._limits.data_bytes:,} bytes")
        return found

    def _content(self, payload: Payload) -> str | None:
        assert payload.content is not None
        if payload.content.expr is not None:
            return self._datamodel.value(payload.content.expr)
        return self._datamodel.content(payload.content.text)

    def _add_members(self, members: dict[str, str | None], payload: Payload) -> None:
        members.update(self._members(payload))

    def _members(self, payload: Payload) -> dict[str, str | None]:
        members = {name: self._datamodel.value(name) for name in payload.names}
        for param in payload.params:
            if param.expr is not None:
                members[param.name] = self._datamodel.value(param.expr)
        return members

    def _new_id(self, prefix: str) -> str:
        self.ids_made += 1
        return f"{prefix}.{self.ids_made}"


def _json(text: str | None) -> str:
    return msgspec.json.encode(text).decode()
