"""A document's text to a `Document`; every fault of it at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from matchline.scxml import markup
from matchline.scxml.document import NO_STATE, ROOT, Document, Invoke, Kind, Script, State, Transition
from matchline.scxml.events import descriptors
from matchline.scxml.faults import DocumentFault, DocumentRefused
from matchline.scxml.limits import DEFAULT_LIMITS, Limits
from matchline.scxml.markup import SCXML, Element
from matchline.scxml.parse_content import ContentParser
from matchline.scxml.schema import EXCLUSIVE, RULES, VALUES, Rule

Load: TypeAlias = Callable[[str], str]  # a text by its address; raises OSError or ValueError

STATE_TAGS = ("state", "parallel", "final", "history")


def load_nothing(address: str) -> str:
    raise ValueError(f"nothing may be loaded from {address}")


@dataclass(frozen=True, slots=True)
class Parsed:
    document: Document | None  # None: there are faults
    faults: list[DocumentFault]
    warnings: list[DocumentFault]


def parse(source: str | bytes, load: Load = load_nothing, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Raises `DocumentRefused` with every fault that can be seen without running the document."""
    parsed = examine(source, load, limits)
    if parsed.document is None:
        raise DocumentRefused(parsed.faults)
    return parsed.document


def examine(source: str | bytes, load: Load = load_nothing, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Like `parse`, and with the warnings; raises `DocumentRefused` only for what is no XML at all."""
    return parse_element(markup.read(source, limits), load)


def parse_element(root: Element, load: Load) -> Parsed:
    parser = _Parser(root, load)
    document = parser.parse()
    return Parsed(None if parser.faults else document, parser.faults, parser.warnings)


@dataclass(slots=True)
class _Place:
    """A state's element with its numbers, before the states can refer to each other."""

    element: Element
    index: int
    parent: int
    last: int = 0
    children: list[int] = field(default_factory=list)


class _Parser(ContentParser):
    def __init__(self, root: Element, load: Load) -> None:
        super().__init__(load)
        self._root = root
        self._places: list[_Place] = []
        self._ids: dict[str, int] = {}

    def parse(self) -> Document | None:
        root = self._root
        if (root.namespace, root.tag) != (SCXML, "scxml"):
            self.fault(root, f"the root must be <scxml> of the namespace {SCXML}")
            return None
        self._hold_to_schema(root)
        self._number(root, NO_STATE)
        if len(self._places) == 1:
            self.fault(root, "has no state")
        states = tuple(map(self._state, self._places))
        return Document(
            name=root.attributes.get("name"),
            datamodel=cast("Literal['ecmascript', 'null']", root.attributes.get("datamodel", "null")),
            late=root.attributes.get("binding") == "late",
            states=states,
            scripts=tuple(self._scripts(root)),
            invokes=tuple(self.invokes),
            by_id=self._ids,
        )

    def parse_inline(self, root: Element) -> Document | None:
        parsed = parse_element(root, self.load)
        self.faults += parsed.faults
        self.warnings += parsed.warnings
        return parsed.document

    def _hold_to_schema(self, element: Element) -> None:
        rule = RULES[element.tag]
        given = set(element.attributes)
        for name in sorted(rule.required - given):
            self.fault(element, f"needs the attribute {name!r}")
        for name in sorted(given - rule.required - rule.optional):
            self.warn(element, f"has no attribute {name!r}; it is ignored")
        for first, second in EXCLUSIVE.get(element.tag, ()):
            if {first, second} <= given:
                self.fault(element, f"has both {first!r} and {second!r}")
        for name, value in element.attributes.items():
            allowed = VALUES.get((element.tag, name))
            if allowed and value not in allowed:
                self.fault(element, f"{name} is {value!r}, not one of {', '.join(sorted(allowed))}")
        for child in [] if rule.free else element.elements():
            self._hold_child(element, rule, child)

    def _hold_child(self, element: Element, rule: Rule, child: Element) -> None:
        if child.namespace != SCXML:
            if "send" not in rule.children or not self.is_content(child):
                self.warn(child, "is not SCXML and is ignored")
        elif child.tag not in rule.children:
            self.fault(child, f"may not stand in <{element.tag}>")
        else:
            self._hold_to_schema(child)

    def _number(self, element: Element, parent: int) -> int:
        place = _Place(element, len(self._places), parent)
        self._places.append(place)
        name = element.attributes.get("id") if parent != NO_STATE else None
        if name is not None and (not name or name in self._ids or set(name) & set(" \t\n")):
            self.fault(element, f"the id {name!r} is not one word, or another state has it")
        self._ids.setdefault(name or f"#{place.index}", place.index)
        for child in self.children(element, *STATE_TAGS):
            place.children.append(self._number(child, place.index))
        place.last = len(self._places) - 1
        return place.index

    def _state(self, place: _Place) -> State:
        element = place.element
        kinds = [(child, self._places[child].element.tag) for child in place.children]
        children = tuple(child for child, tag in kinds if tag != "history")
        if element.tag == "parallel" and not children:
            self.fault(element, "has no region")
        donedata = next(self.children(element, "donedata"), None)
        return State(
            index=place.index,
            id=element.attributes.get("id") or f"#{place.index}",
            kind=cast("Kind", element.tag),
            line=element.line,
            parent=place.parent,
            last=place.last,
            children=children,
            histories=tuple(child for child, tag in kinds if tag == "history"),
            deep=element.attributes.get("type") == "deep",
            initial=self._initial(place, children),
            transitions=tuple(self._transitions(place)),
            onentry=tuple(map(self.block, self.children(element, "onentry"))),
            onexit=tuple(map(self.block, self.children(element, "onexit"))),
            invokes=tuple(self._invokes(element)),
            data=tuple(map(self.data, self._data(element))),
            donedata=self.payload(donedata) if donedata else None,
        )

    def _initial(self, place: _Place, children: tuple[int, ...]) -> Transition | None:
        element = place.element
        if element.tag == "history":
            return self._default(place, element)
        within = next(self.children(element, "initial"), None)
        if within and "initial" in element.attributes:
            self.fault(element, "has both the attribute 'initial' and the element <initial>")
        if not children or element.tag == "parallel":
            if within or "initial" in element.attributes:
                self.fault(element, "has an initial state and no states")
            return None
        if within:
            return self._default(place, within)
        named = "initial" in element.attributes
        targets = self._targets(element, "initial") if named else (children[0],)
        self._demand_descendants(place, element, targets)
        return self._plain(place.index, element.line, targets)

    def _default(self, place: _Place, element: Element) -> Transition | None:
        """The one unconditional transition of an <initial> or <history>."""
        elements = list(self.children(element, "transition"))
        if len(elements) != 1 or elements[0].attributes.keys() & {"event", "cond"}:
            self.fault(element, "needs exactly one <transition>, without event and cond")
            return None
        transition = self._transition(place, elements[0])
        if not transition.targets:
            self.fault(elements[0], "needs a target")
        within = self._places[place.parent] if element.tag == "history" else place
        self._demand_descendants(within, elements[0], transition.targets)
        return transition

    def _demand_descendants(self, place: _Place, element: Element, targets: tuple[int, ...]) -> None:
        for target in targets:
            if not place.index < target <= place.last:
                name = self._places[target].element.attributes.get("id")
                self.fault(element, f"the initial state {name!r} is not within its state")

    def _transitions(self, place: _Place) -> Iterator[Transition]:
        if place.element.tag not in ("state", "parallel"):
            return
        for element in self.children(place.element, "transition"):
            transition = self._transition(place, element)
            if not element.attributes.keys() & {"event", "cond", "target"}:
                self.fault(element, "needs an event, a cond or a target")
            yield transition

    def _transition(self, place: _Place, element: Element) -> Transition:
        event = element.attributes.get("event")
        if event is not None and not event.split():
            self.fault(element, "the event is empty")
        return Transition(
            element.line,
            place.index,
            None if event is None else descriptors(event),
            element.attributes.get("cond"),
            self._targets(element, "target"),
            element.attributes.get("type") == "internal",
            self.block(element),
        )

    def _plain(self, source: int, line: int, targets: tuple[int, ...]) -> Transition:
        return Transition(line, source, None, None, targets, internal=False, block=())

    def _targets(self, element: Element, attribute: str) -> tuple[int, ...]:
        if attribute not in element.attributes:
            return ()
        names = element.attributes[attribute].split()
        if not names:
            self.fault(element, f"the {attribute} is empty")
        for name in names:
            if name not in self._ids:
                self.fault(element, f"there is no state {name!r}")
        targets = tuple(dict.fromkeys(self._ids[name] for name in names if name in self._ids))
        self._demand_together(element, targets)
        return targets

    def _demand_together(self, element: Element, targets: tuple[int, ...]) -> None:
        """Several targets must be able to be active at once: in different regions of a parallel state.

        So below each other state on the way to them there is one that is entered, for all of them the same.
        """
        entered: dict[int, tuple[int, int]] = {}  # by its parent, and the first target for which it is
        for target in targets:
            below = NO_STATE
            for state in self._line_of(target):
                first, other = entered.setdefault(state, (below, target))
                if first != below and self._places[state].element.tag != "parallel":
                    names = [self._places[i].element.attributes.get("id") for i in (other, target)]
                    self.fault(element, f"{names[0]!r} and {names[1]!r} cannot be active together")
                    break
                below = state

    def _line_of(self, index: int) -> Iterator[int]:
        while index != NO_STATE:
            yield index
            index = self._places[index].parent

    def _invokes(self, element: Element) -> Iterator[Invoke]:
        for child in self.children(element, "invoke"):
            invoke = self.invoke(child)
            self.invokes.append(invoke)
            yield invoke

    def _data(self, element: Element) -> Iterator[Element]:
        for datamodel in self.children(element, "datamodel"):
            yield from self.children(datamodel, "data")

    def _scripts(self, root: Element) -> Iterator[Script]:
        for element in self.children(root, "script"):
            yield self.script(element)


assert ROOT == 0, "the root is numbered first"
