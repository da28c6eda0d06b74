"""The step that removes what is over. It changes no answer: every other step judges by the times alone."""

from collections.abc import Callable

from matchline.clock import Instant
from matchline.kept.events import EventType
from matchline.model import Swept
from matchline.store.sql import Database, Row, configuration, events, slots
from matchline.store.sql.sessions import remove_session

Part = Callable[[Database, Instant, int], int]


def sweep(db: Database, now: Instant, limit: int) -> Swept:
    return Swept(*(part(db, now, limit) for part in PARTS))


def _sessions(db: Database, now: Instant, limit: int) -> int:
    over = {"now": now, "limit": limit}
    db.run("refile_sessions", over)
    found = db.rows("sessions_over", over)
    if found:
        _expire_all(db, now, limit)  # none outlives its session, nor is its event told after the session's
    for (session_id,) in found:
        events.note(db, EventType.ENDED, session_id, now)
        remove_session(db, session_id, now)
    return len(found)


def _expire_all(db: Database, now: Instant, limit: int) -> None:
    while _expire(db, now, limit) == limit:
        pass


def _expire(db: Database, now: Instant, limit: int) -> int:
    expired = db.rows("expire_reservations", {"now": now, "limit": limit})
    for session_id, number_id in expired:
        events.note(db, EventType.EXPIRED, session_id, now, number_id=number_id)
    return len(expired)


def _reservations(db: Database, now: Instant, limit: int) -> int:
    over = {"now": now, "limit": limit}
    _expire(db, now, limit)
    found = db.rows("reservations_over", over)
    for reservation_id, number_id, shared, code in sorted(found, key=_code_order):
        slots.remove_reservation(db, reservation_id, number_id, code, shared=shared)
    return len(found)


def _code_order(row: Row) -> tuple[int, int, str]:
    """In which codes in use are counted down, so that two sweeps do not wait for each other."""
    _, number_id, _, code = row
    return number_id, len(code), code


def _records(db: Database, now: Instant, limit: int) -> int:
    over = {"now": now, "limit": limit}
    db.run("refile_records", over)
    found = db.rows("records_over", over)
    for (record_id,) in found:
        db.run("remove_record", {"id": record_id})
    return len(found)


def _bindings(db: Database, now: Instant, limit: int) -> int:
    return len(db.rows("bindings_over", {"now": now, "limit": limit}))


def _budgets(db: Database, now: Instant, limit: int) -> int:
    return len(db.rows("budgets_over", {"now": now, "limit": limit}))


def _numbers(db: Database, now: Instant, _limit: int) -> int:
    return configuration.purge_numbers(db, now)


# In the order of `Swept`. None needs another: each may be a transaction of its own.
PARTS: tuple[Part, ...] = (_sessions, _reservations, _records, _bindings, _numbers, _budgets)
