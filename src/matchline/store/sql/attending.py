"""Who is there, as every SQL store tells it."""

from matchline.clock import Instant
from matchline.kept.attendance import NodeReport, NodeSeen, Visit
from matchline.kept.audit import AuditEntry
from matchline.store.sql import attendance, guesses
from matchline.store.sql.calling_back import CallingBackStore
from matchline.verdict import GuessBudget


class AttendedStore(CallingBackStore):
    """Needs no more of a store than that it runs steps."""

    async def begin_visit(self, visit: Visit, now: Instant) -> None:
        await self.write(lambda db: attendance.begin_visit(db, visit, now))

    async def visit(self, digest: str, now: Instant) -> Visit:
        return await self.read(lambda db: attendance.visit(db, digest, now))

    async def prolong_visit(self, digest: str, idle_at: Instant) -> None:
        await self.write(lambda db: attendance.prolong_visit(db, digest, idle_at))

    async def end_visit(self, digest: str) -> None:
        await self.write(lambda db: attendance.end_visit(db, digest))

    async def charge_guess(self, guesser: str, budget: GuessBudget, now: Instant) -> int:
        return await self.write(lambda db: guesses.charge(db, guesser, budget, now))

    async def refund_guess(self, guesser: str, budget: GuessBudget) -> None:
        await self.write(lambda db: guesses.refund(db, guesser, budget))

    async def report_node(self, report: NodeReport, now: Instant) -> bool:
        return await self.write(lambda db: attendance.report_node(db, report, now))

    async def nodes(self, now: Instant) -> tuple[NodeSeen, ...]:
        return await self.read(lambda db: attendance.nodes(db, now))

    async def switch_node(self, node_id: str, off: bool, entry: AuditEntry, now: Instant) -> None:
        await self.write(lambda db: attendance.switch_node(db, node_id, off, entry, now))

    async def leave_node(self, node_id: str) -> None:
        await self.write(lambda db: attendance.leave_node(db, node_id))
