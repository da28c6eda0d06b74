"""Who is there: visits of the UI, and nodes."""

from dataclasses import dataclass, field

from msgspec.structs import replace

from matchline.clock import Instant
from matchline.errors import NotFound
from matchline.kept.attendance import NodeReport, NodeSeen, Visit
from matchline.kept.audit import AuditEntry
from matchline.store import Store
from matchline.store.memory import audit, guesses
from matchline.store.memory.tables import Tables
from matchline.verdict import GuessBudget


@dataclass(slots=True)
class Present:
    visits: dict[str, Visit] = field(default_factory=dict)
    nodes: dict[str, NodeSeen] = field(default_factory=dict)


class AttendedStore(Store):
    """Needs no more of the tables than the audit trail and the budgets."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._present = Present()

    async def begin_visit(self, visit: Visit, now: Instant) -> None:
        over = [digest for digest, each in self._present.visits.items() if each.is_over(now)]
        for digest in over:
            del self._present.visits[digest]
        self._present.visits[visit.digest] = visit

    async def visit(self, digest: str, now: Instant) -> Visit:
        found = self._present.visits.get(digest)
        if found is None or found.is_over(now):
            raise NotFound
        return found

    async def prolong_visit(self, digest: str, idle_at: Instant) -> None:
        if digest in self._present.visits:
            self._present.visits[digest] = replace(self._present.visits[digest], idle_at=idle_at)

    async def end_visit(self, digest: str) -> None:
        self._present.visits.pop(digest, None)

    async def charge_guess(self, guesser: str, budget: GuessBudget, now: Instant) -> int:
        return guesses.charge(self._tables, guesser, budget, now)

    async def refund_guess(self, guesser: str, budget: GuessBudget) -> None:
        guesses.refund(self._tables, guesser, budget)

    async def report_node(self, report: NodeReport, now: Instant) -> bool:
        known = self._present.nodes.get(report.id)
        off = known is not None and not known.is_gone(now) and known.switched_off
        there = {key: each for key, each in self._present.nodes.items() if not each.is_gone(now)}
        self._present.nodes = {**there, report.id: NodeSeen(report, now, off)}
        return off

    async def nodes(self, now: Instant) -> tuple[NodeSeen, ...]:
        there = (each for each in self._present.nodes.values() if not each.is_gone(now))
        return tuple(sorted(there, key=lambda each: (each.report.started_at, each.report.id)))

    async def switch_node(self, node_id: str, off: bool, entry: AuditEntry, now: Instant) -> None:
        if node_id not in self._present.nodes:
            raise NotFound
        self._present.nodes[node_id] = replace(self._present.nodes[node_id], switched_off=off)
        audit.add(self._tables, entry, now)

    async def leave_node(self, node_id: str) -> None:
        self._present.nodes.pop(node_id, None)
