"""Who is there, on its way through the gate."""

from abc import abstractmethod
from typing import Any

from matchline.clock import Instant
from matchline.kept.attendance import NodeReport, NodeSeen, Visit
from matchline.kept.audit import AuditEntry
from matchline.store import Store
from matchline.verdict import GuessBudget


class AttendingStore(Store):
    """Nobody visits the simulated nodes, and none of them reports: this is the contract's part, and unused."""

    @abstractmethod
    async def _step(self, name: str, *arguments: object) -> Any: ...

    async def begin_visit(self, visit: Visit, now: Instant) -> None:
        await self._step("begin_visit", visit, now)

    async def visit(self, digest: str, now: Instant) -> Visit:
        visit: Visit = await self._step("visit", digest, now)
        return visit

    async def prolong_visit(self, digest: str, idle_at: Instant) -> None:
        await self._step("prolong_visit", digest, idle_at)

    async def end_visit(self, digest: str) -> None:
        await self._step("end_visit", digest)

    async def charge_guess(self, guesser: str, budget: GuessBudget, now: Instant) -> int:
        return int(await self._step("charge_guess", guesser, budget, now))

    async def refund_guess(self, guesser: str, budget: GuessBudget) -> None:
        await self._step("refund_guess", guesser, budget)

    async def report_node(self, report: NodeReport, now: Instant) -> bool:
        return bool(await self._step("report_node", report, now))

    async def nodes(self, now: Instant) -> tuple[NodeSeen, ...]:
        nodes: tuple[NodeSeen, ...] = await self._step("nodes", now)
        return nodes

    async def switch_node(self, node_id: str, off: bool, entry: AuditEntry, now: Instant) -> None:
        await self._step("switch_node", node_id, off, entry, now)

    async def leave_node(self, node_id: str) -> None:
        await self._step("leave_node", node_id)
