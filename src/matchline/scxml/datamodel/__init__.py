"""What the interpreter asks of a data model. Values cross it as JSON text; None is `undefined`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from matchline.clock import Instant
from matchline.scxml.document import Document
from matchline.scxml.events import Event
from matchline.scxml.host import Host


@dataclass(frozen=True, slots=True)
class SystemVariables:
    """Section 5.10; `_event` changes and is set apart."""

    sessionid: str
    name: str | None
    ioprocessors: str  # JSON
    x: str  # JSON


class Datamodel(Protocol):
    """Every method that evaluates raises `EvaluationError`, or `Stopped` when a limit is passed."""

    def begin_event(self) -> None:
        """The time for one external event starts to count, and the clock shows the time of it."""
        ...

    def condition(self, expr: str) -> bool: ...

    def value(self, expr: str) -> str | None: ...

    def text(self, expr: str) -> str: ...

    def content(self, text: str) -> str | None:
        """JSON for what stands in the document: JSON, or else text with its white space made plain."""
        ...

    def declare(self, name: str) -> None: ...

    def assign(self, location: str, expr: str) -> None: ...

    def assign_json(self, location: str, json: str | None) -> None: ...

    def script(self, source: str) -> None: ...

    def foreach(self, array: str, item: str, index: str | None) -> Iterator[None]:
        """Sets `item` and `index` for each element of a copy of the array, and yields."""
        ...

    def set_event(self, event: Event) -> None: ...

    def set_active(self, ids: Sequence[str]) -> None:
        """The active states, for `In()`."""
        ...

    def variables(self) -> dict[str, str | None]:
        """Every variable that JSON can hold."""
        ...

    def restore(self, variables: Mapping[str, str | None]) -> None: ...


def open_datamodel(
    document: Document, system: SystemVariables, host: Host, clock: Callable[[], Instant]
) -> Datamodel:
    """`clock` tells the time of the step that is under way."""
    from matchline.scxml.datamodel.null import NullDatamodel

    if document.datamodel == "null":
        return NullDatamodel()
    from matchline.scxml.datamodel.ecmascript import EcmascriptDatamodel

    return EcmascriptDatamodel(system, host, clock)
