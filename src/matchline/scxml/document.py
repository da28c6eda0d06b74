"""A parsed chart: immutable, with lines. States are numbered in document order, the root being 0.

The descendants of a state are the numbers after its own up to its `last`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["scxml", "state", "parallel", "final", "history"]
Content: TypeAlias = "Raise | Log | Assign | Script | If | Foreach | Send | Cancel"
Block: TypeAlias = tuple[Content, ...]

ROOT = 0
NO_STATE = -1  # the parent of the root


@dataclass(frozen=True, slots=True)
class Given:
    """A value that stands in the document (`type`) or is computed (`typeexpr`), or is absent."""

    literal: str | None = None
    expr: str | None = None

    @property
    def absent(self) -> bool:
        return self.literal is None and self.expr is None


@dataclass(frozen=True, slots=True)
class Raise:
    line: int
    event: str


@dataclass(frozen=True, slots=True)
class Log:
    line: int
    label: str
    expr: str | None


@dataclass(frozen=True, slots=True)
class Assign:
    line: int
    location: str
    expr: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    line: int
    source: str


@dataclass(frozen=True, slots=True)
class Branch:
    line: int
    tag: str
    cond: str | None  # None: `else`
    block: Block


@dataclass(frozen=True, slots=True)
class If:
    line: int
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Foreach:
    line: int
    array: str
    item: str
    index: str | None
    block: Block


@dataclass(frozen=True, slots=True)
class Param:
    line: int
    name: str
    expr: str | None  # an expression, or a location, which is read as one


@dataclass(frozen=True, slots=True)
class Inline:
    """`<content>`: an expression, text, or a whole document."""

    line: int
    expr: str | None
    text: str
    document: "Document | None" = None


@dataclass(frozen=True, slots=True)
class Payload:
    """What a message carries: names of variables, parameters, or content."""

    names: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    content: Inline | None = None


@dataclass(frozen=True, slots=True)
class Send:
    line: int
    event: Given
    target: Given
    type: Given
    delay: Given
    id: str | None
    idlocation: str | None
    payload: Payload
    tag: str = "send"


@dataclass(frozen=True, slots=True)
class Cancel:
    line: int
    sendid: Given


@dataclass(frozen=True, slots=True)
class Invoke:
    line: int
    place: int  # its number in the document
    type: Given
    src: Given
    id: str | None
    idlocation: str | None
    autoforward: bool
    payload: Payload
    finalize: Block | None


@dataclass(frozen=True, slots=True)
class Data:
    line: int
    id: str
    expr: str | None
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    line: int
    source: int
    events: tuple[str, ...] | None  # None: eventless
    cond: str | None
    targets: tuple[int, ...]
    internal: bool
    block: Block


@dataclass(frozen=True, slots=True, eq=False)
class State:
    index: int
    id: str
    kind: Kind
    line: int
    parent: int
    last: int
    children: tuple[int, ...]  # without history states
    histories: tuple[int, ...]
    deep: bool  # of a history state
    initial: Transition | None  # of a compound state, the root, or a history state (its default)
    transitions: tuple[Transition, ...]
    onentry: tuple[Block, ...]
    onexit: tuple[Block, ...]
    invokes: tuple[Invoke, ...]
    data: tuple[Data, ...]
    donedata: Payload | None

    @property
    def atomic(self) -> bool:
        return not self.children

    @property
    def compound(self) -> bool:
        return bool(self.children) and self.kind in ("state", "scxml")

    def holds(self, other: int) -> bool:
        """Whether `other` is a descendant."""
        return self.index < other <= self.last


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    name: str | None
    datamodel: Literal["ecmascript", "null"]
    late: bool  # binding
    states: tuple[State, ...]
    scripts: tuple[Script, ...]
    invokes: tuple[Invoke, ...]
    by_id: dict[str, int] = field(repr=False)

    def ancestors(self, index: int) -> Iterator[int]:
        """Proper ancestors, the nearest first, the root last."""
        while (index := self.states[index].parent) != NO_STATE:
            yield index
