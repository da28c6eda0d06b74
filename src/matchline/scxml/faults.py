"""What is wrong with a document: each fault with its line and element, all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class DocumentFault:
    line: int
    element: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, <{self.element}>: {self.message}"


class DocumentRefused(ValueError):
    """A document that cannot be run; nothing of it was started."""

    def __init__(self, faults: Sequence[DocumentFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


class ContentError(Exception):
    """Executable content that fails; it becomes an error event of the session."""

    event: ClassVar[str]
    sendid: str | None = None  # of the <send> that failed


class EvaluationError(ContentError):
    """An expression that fails, or an element that asks for what there is not."""

    event = "error.execution"


class CommunicationError(ContentError):
    """A message that cannot be dispatched."""

    event = "error.communication"


class Stopped(Exception):
    """A limit that ends the chart at once; the message is the record of it."""
