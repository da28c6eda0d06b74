"""Every expression of a document, with where it stands and what it is to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from matchline.scxml.document import (
    Assign,
    Block,
    Cancel,
    Content,
    Document,
    Foreach,
    If,
    Invoke,
    Log,
    Payload,
    Raise,
    Script,
    Send,
    State,
)


@dataclass(frozen=True, slots=True)
class Expression:
    line: int
    element: str
    role: Literal["condition", "value", "location", "script"]
    text: str


def expressions(document: Document) -> Iterator[Expression]:
    for script in document.scripts:
        yield Expression(script.line, "script", "script", script.source)
    for state in document.states:
        yield from _of_state(state)


def inner_documents(document: Document) -> Iterator[Document]:
    """The documents that stand in its `<invoke>`s, and those in theirs."""
    for invoke in document.invokes:
        content = invoke.payload.content
        if content and content.document:
            yield content.document
            yield from inner_documents(content.document)


def sends(document: Document) -> Iterator[Send]:
    for state in document.states:
        for block in _blocks(state):
            yield from _sends_of(block)


def _sends_of(block: Block) -> Iterator[Send]:
    for content in block:
        match content:
            case Send():
                yield content
            case If(branches=branches):
                for branch in branches:
                    yield from _sends_of(branch.block)
            case Foreach(block=inner):
                yield from _sends_of(inner)


def _blocks(state: State) -> Iterator[Block]:
    initial = [state.initial] if state.initial else []
    return chain(state.onentry, state.onexit, (t.block for t in (*state.transitions, *initial)))


def _of_state(state: State) -> Iterator[Expression]:
    for data in state.data:
        yield Expression(data.line, "data", "location", data.id)
        yield from _value(data.line, "data", data.expr)
    for transition in state.transitions:
        if transition.cond is not None:
            yield Expression(transition.line, "transition", "condition", transition.cond)
    for block in _blocks(state):
        yield from _of_block(block)
    for invoke in state.invokes:
        yield from _of_invoke(invoke)
    if state.donedata:
        yield from _of_payload(state.line, "donedata", state.donedata)


def _of_block(block: Block) -> Iterator[Expression]:
    for content in block:
        yield from _of_content(content)


def _of_content(content: Content) -> Iterator[Expression]:
    match content:
        case Log(line, _, given):
            yield from _value(line, "log", given)
        case Assign(line, location, given):
            yield Expression(line, "assign", "location", location)
            yield from _value(line, "assign", given)
        case Script(line, source):
            yield Expression(line, "script", "script", source)
        case If():
            yield from _of_if(content)
        case Foreach():
            yield from _of_foreach(content)
        case Send():
            yield from _of_send(content)
        case Cancel(line, sendid):
            yield from _value(line, "cancel", sendid.expr)
        case Raise():
            return


def _of_if(choice: If) -> Iterator[Expression]:
    for branch in choice.branches:
        if branch.cond is not None:
            yield Expression(branch.line, branch.tag, "condition", branch.cond)
        yield from _of_block(branch.block)


def _of_foreach(loop: Foreach) -> Iterator[Expression]:
    yield Expression(loop.line, "foreach", "value", loop.array)
    for location in (loop.item, loop.index):
        if location is not None:
            yield Expression(loop.line, "foreach", "location", location)
    yield from _of_block(loop.block)


def _of_send(send: Send) -> Iterator[Expression]:
    for given in (send.event, send.target, send.type, send.delay):
        yield from _value(send.line, send.tag, given.expr)
    if send.idlocation is not None:
        yield Expression(send.line, send.tag, "location", send.idlocation)
    yield from _of_payload(send.line, send.tag, send.payload)


def _of_invoke(invoke: Invoke) -> Iterator[Expression]:
    for given in (invoke.type, invoke.src):
        yield from _value(invoke.line, "invoke", given.expr)
    if invoke.idlocation is not None:
        yield Expression(invoke.line, "invoke", "location", invoke.idlocation)
    yield from _of_payload(invoke.line, "invoke", invoke.payload)
    yield from _of_block(invoke.finalize or ())


def _of_payload(line: int, element: str, payload: Payload) -> Iterator[Expression]:
    for name in payload.names:
        yield Expression(line, element, "value", name)
    for param in payload.params:
        yield from _value(param.line, "param", param.expr)
    if payload.content:
        yield from _value(payload.content.line, "content", payload.content.expr)


def _value(line: int, element: str, expr: str | None) -> Iterator[Expression]:
    if expr is not None:
        yield Expression(line, element, "value", expr)
