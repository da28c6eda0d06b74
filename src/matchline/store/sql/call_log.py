"""Steps over the call log: what calls were asked about, and what came of it (rule 23)."""

from matchline.clock import Instant
from matchline.kept.call_log import LOOKED_AT, CallEntry, CallPage, CallsWanted, Reason, page
from matchline.store.sql import Database, Reader, Row
from matchline.verdict import Query

_LAST_ID = (1 << 63) - 1


def add(
    db: Database,
    query: Query,
    reason: Reason,
    now: Instant,
    *,
    session_id: str | None = None,
    late: bool = False,
    repeated: bool = False,
) -> None:
    """Nothing, when the call log is off."""
    note = query.note
    if note is None:
        return
    db.run(
        "log_call",
        {
            "at": now,
            "number": note.number,
            "caller": note.caller,
            "reason": reason,
            "late": late,
            "repeated": repeated,
            "session_id": session_id,
            "service": note.service,
            "call_id": query.call_id,
        },
    )


def calls(db: Reader, wanted: CallsWanted) -> CallPage:
    before = _LAST_ID if wanted.before is None else wanted.before
    rows = db.rows("newest_calls", {"before": before, "limit": LOOKED_AT})
    return page(map(_entry, rows), wanted)


def trim(db: Database, before: Instant, limit: int) -> int:
    return len(db.rows("calls_over", {"before": before, "limit": limit}))


def _entry(row: Row) -> CallEntry:
    entry_id, at, number, caller, reason, late, repeated, session_id, service, call_id = row
    return CallEntry(
        entry_id,
        at,
        number,
        caller,
        Reason(reason),
        bool(late),
        bool(repeated),
        session_id,
        service,
        call_id,
    )
