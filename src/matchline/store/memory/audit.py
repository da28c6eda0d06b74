"""Steps over the audit trail."""

from matchline.clock import Instant
from matchline.kept.audit import Audited, AuditEntry
from matchline.store.memory.tables import Tables


def add(tables: Tables, entry: AuditEntry, now: Instant) -> None:
    tables.audit.append(Audited(len(tables.audit) + 1, now, entry))


def entries(tables: Tables, before: int, limit: int) -> tuple[Audited, ...]:
    found = (each for each in reversed(tables.audit) if each.place < before)
    return tuple(each for each, _ in zip(found, range(limit), strict=False))
