"""Steps over the call log: what calls were asked about, and what came of it (rule 23)."""

from matchline.clock import Instant
from matchline.kept.call_log import LOOKED_AT, CallEntry, CallPage, CallsWanted, Reason, page
from matchline.store.memory.tables import Tables
from matchline.verdict import Query


def add(
    tables: Tables,
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
    tables.last_call += 1
    tables.calls[tables.last_call] = CallEntry(
        tables.last_call,
        now,
        note.number,
        note.caller,
        reason,
        late,
        repeated,
        session_id,
        note.service,
        query.call_id,
    )


def calls(tables: Tables, wanted: CallsWanted) -> CallPage:
    older = [
        entry
        for entry_id, entry in reversed(tables.calls.items())
        if wanted.before is None or entry_id < wanted.before
    ]
    return page(older[:LOOKED_AT], wanted)


def trim(tables: Tables, before: Instant, limit: int) -> int:
    over = [entry_id for entry_id, entry in list(tables.calls.items())[:limit] if entry.at < before]
    for entry_id in over:
        del tables.calls[entry_id]
    return len(over)
