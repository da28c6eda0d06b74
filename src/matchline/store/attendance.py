"""The part of the store's contract that is about who is there: visits of the UI, and nodes."""

from abc import ABC, abstractmethod

from matchline.clock import Instant
from matchline.kept.attendance import NodeReport, NodeSeen, Visit
from matchline.kept.audit import AuditEntry
from matchline.verdict import GuessBudget


class Attendance(ABC):
    @abstractmethod
    async def begin_visit(self, visit: Visit, now: Instant) -> None:
        """Those that are over go."""

    @abstractmethod
    async def visit(self, digest: str, now: Instant) -> Visit:
        """Raises NotFound, also when it is over."""

    @abstractmethod
    async def prolong_visit(self, digest: str, idle_at: Instant) -> None:
        """Of one that has ended nothing is kept."""

    @abstractmethod
    async def end_visit(self, digest: str) -> None: ...

    @abstractmethod
    async def charge_guess(self, guesser: str, budget: GuessBudget, now: Instant) -> int:
        """For an attempt to log in. Milliseconds until it may be made; 0: it may now, and is charged."""

    @abstractmethod
    async def refund_guess(self, guesser: str, budget: GuessBudget) -> None:
        """The attempt that was charged was no guess."""

    @abstractmethod
    async def report_node(self, report: NodeReport, now: Instant) -> bool:
        """This node is there; whether it was switched off. Those that are gone go."""

    @abstractmethod
    async def nodes(self, now: Instant) -> tuple[NodeSeen, ...]:
        """Those that are there, the longest one first."""

    @abstractmethod
    async def switch_node(self, node_id: str, off: bool, entry: AuditEntry, now: Instant) -> None:
        """Raises NotFound."""

    @abstractmethod
    async def leave_node(self, node_id: str) -> None:
        """It stops serving."""
