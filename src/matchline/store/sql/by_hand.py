"""Steps that a person takes, each with its entry of the audit trail."""

from matchline.clock import Instant
from matchline.kept.audit import AuditEntry
from matchline.store.sql import Database, audit, reserve


def release(db: Database, session_id: str, entry: AuditEntry, now: Instant) -> None:
    reserve.release(db, session_id, now)
    audit.add(db, entry, now)


def end(db: Database, session_id: str, entry: AuditEntry, now: Instant) -> None:
    reserve.end(db, session_id, now)
    audit.add(db, entry, now)
