"""What one session sees of the world: where its messages and invocations go, and who is told."""

from dataclasses import dataclass
from typing import Protocol

from matchline.scxml.document import Document
from matchline.scxml.effects import Effect
from matchline.scxml.events import Event


@dataclass(frozen=True, slots=True)
class Message:
    """An evaluated `<send>`."""

    event: Event
    target: str | None
    type: str | None
    delay: int  # milliseconds


@dataclass(frozen=True, slots=True)
class Invocation:
    """An evaluated `<invoke>`."""

    id: str
    place: int  # of the element in its document
    type: str | None
    src: str | None
    document: Document | None  # stands in the invoking document
    content: str | None  # JSON
    data: dict[str, str | None]  # JSON by name


class Outside(Protocol):
    def send(self, message: Message) -> None:
        """Raises `EvaluationError` for a type that is not supported, else `CommunicationError`."""
        ...

    def cancel(self, sendid: str) -> None: ...

    def start(self, invocation: Invocation) -> None:
        """Raises as `send` does."""
        ...

    def stop(self, invoke_id: str) -> None: ...

    def forward(self, invoke_id: str, event: Event) -> None: ...

    def tell(self, effect: Effect) -> None: ...
