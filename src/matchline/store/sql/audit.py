"""Steps over the audit trail. An entry is written in the step that makes the change."""

import msgspec

from matchline.clock import Instant
from matchline.kept.audit import Audited, AuditEntry
from matchline.store.sql import Database, Reader, Row


def add(db: Database, entry: AuditEntry, now: Instant) -> None:
    was, became = (
        msgspec.json.encode(texts, order="sorted").decode() for texts in (entry.before, entry.after)
    )
    db.run(
        "add_audit_entry", {"now": now, "who": entry.who, "what": entry.what, "was": was, "became": became}
    )


def entries(db: Reader, before: int, limit: int) -> tuple[Audited, ...]:
    return tuple(map(_audited, db.rows("list_audit", {"before": before, "limit": limit})))


def _audited(row: Row) -> Audited:
    place, at, who, what, was, became = row
    before, after = (msgspec.json.decode(text, type=dict[str, str]) for text in (was, became))
    return Audited(place, at, AuditEntry(who, what, before, after))
