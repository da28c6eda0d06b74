"""Faults of a document that running it would show only late, and what in it can never happen."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from matchline.scxml.datamodel.null import IN
from matchline.scxml.document import ROOT, Document, State, Transition
from matchline.scxml.events import HTTP_PROCESSOR, SCXML_TYPES, matches
from matchline.scxml.expressions import Expression, expressions, inner_documents, sends
from matchline.scxml.faults import DocumentFault, DocumentRefused
from matchline.scxml.limits import DEFAULT_LIMITS, Limits
from matchline.scxml.parse import Load, examine, load_nothing, parse

_IN_STATE = re.compile(r"""\bIn\(\s*(?:'([^']*)'|"([^"]*)")\s*\)""")
_DONE_STATE = "done.state."


@dataclass(frozen=True, slots=True)
class Report:
    faults: tuple[DocumentFault, ...]
    warnings: tuple[DocumentFault, ...]


def check(
    source: str | bytes,
    load: Load = load_nothing,
    limits: Limits = DEFAULT_LIMITS,
    send_types: frozenset[str] | None = None,
) -> Report:
    """Everything that is wrong with a document, and everything in it that cannot have been meant.

    With the types of `<send>` that the host adds, those that nobody knows are told too.
    """
    try:
        parsed = examine(source, load, limits)
    except DocumentRefused as refused:
        return Report(refused.faults, ())
    faults, warnings = list(parsed.faults), list(parsed.warnings)
    for document in [parsed.document, *inner_documents(parsed.document)] if parsed.document else []:
        faults += _bad_expressions(document)
        faults += _unreachable(document)
        warnings += _never_taken(document)
        warnings += _unknown_states(document)
        warnings += _unknown_types(document, send_types) if send_types is not None else ()
    return Report(tuple(sorted(faults)), tuple(sorted(warnings)))


def checked(source: str | bytes, load: Load = load_nothing, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Like `parse`, and refuses expressions that do not compile too."""
    document = parse(source, load, limits)
    faults = [fault for part in (document, *inner_documents(document)) for fault in _bad_expressions(part)]
    if faults:
        raise DocumentRefused(faults)
    return document


def _bad_expressions(document: Document) -> Iterator[DocumentFault]:
    error = _of_null if document.datamodel == "null" else _of_ecmascript()
    for expression in expressions(document):
        message = error(expression)
        if message is not None:
            text = " ".join(expression.text.split())
            yield DocumentFault(expression.line, expression.element, f"{expression.role} {text!r}: {message}")


def _of_null(expression: Expression) -> str | None:
    if expression.role == "condition" and IN.fullmatch(expression.text):
        return None
    return "the null data model knows only the condition In('state')"


def _of_ecmascript() -> Callable[[Expression], str | None]:
    from matchline.scxml.datamodel.ecmascript import Compiler

    compiler = Compiler()
    by_role = {"script": compiler.script, "location": compiler.location}
    return lambda expression: by_role.get(expression.role, compiler.value)(expression.text)


def _unreachable(document: Document) -> Iterator[DocumentFault]:
    reached = _Reach(document).reached
    for state in document.states:
        parent_reached = state.parent in reached or state.index == ROOT
        if state.index not in reached and parent_reached:  # what is within it goes without saying
            yield DocumentFault(state.line, state.kind, f"the state {state.id!r} can never be entered")


class _Reach:
    """The states that can be entered, whatever events come and conditions hold."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.reached: set[int] = {ROOT}
        self._open = [ROOT]
        while self._open:
            self._follow(document.states[self._open.pop()])

    def _follow(self, state: State) -> None:
        initial = (state.initial,) if state.initial else ()
        for transition in (*initial, *state.transitions):
            for target in transition.targets:
                self._enter(target)
        if state.kind == "parallel":
            for child in state.children:
                self._enter(child)

    def _enter(self, index: int) -> None:
        """A state is entered with its ancestors; the default of one of those may never be."""
        for state in (index, *self.document.ancestors(index)):
            if state not in self.reached:
                self.reached.add(state)
                self._open.append(state)


def _never_taken(document: Document) -> Iterator[DocumentFault]:
    for state in document.states:
        for place, later in enumerate(state.transitions):
            for earlier in state.transitions[:place]:
                if _hides(earlier, later):
                    message = f"is never taken: the one on line {earlier.line} always comes first"
                    yield DocumentFault(later.line, "transition", message)
                    break


def _hides(earlier: Transition, later: Transition) -> bool:
    if earlier.cond is not None:
        return False
    if earlier.events is None:  # it is taken as soon as the state is entered, if it leads anywhere
        return later.events is None or bool(earlier.targets)
    return later.events is not None and all(matches(earlier.events, name) for name in later.events)


def _unknown_states(document: Document) -> Iterator[DocumentFault]:
    for state in document.states:
        for transition in state.transitions:
            for name in transition.events or ():
                wanted = name.removeprefix(_DONE_STATE)
                if name.startswith(_DONE_STATE) and wanted not in document.by_id:
                    yield DocumentFault(transition.line, "transition", f"there is no state {wanted!r}")
    for expression in expressions(document):
        for found in _IN_STATE.finditer(expression.text):
            name = found[1] or found[2] or ""
            if name not in document.by_id:
                yield DocumentFault(expression.line, expression.element, f"there is no state {name!r}")


def _unknown_types(document: Document, known: frozenset[str]) -> Iterator[DocumentFault]:
    for send in sends(document):
        name = send.type.literal
        if name not in (*SCXML_TYPES, HTTP_PROCESSOR) and name not in known:
            yield DocumentFault(send.line, send.tag, f"there is no type {name!r}")
