"""The step that removes what is over. It changes no answer: every other step judges by the times alone."""

from collections.abc import Callable
from typing import TypeVar

from matchline.clock import Instant
from matchline.kept.events import EventType
from matchline.model import Swept
from matchline.store.memory import configuration, events
from matchline.store.memory.sessions import remove_session
from matchline.store.memory.tables import Reservation, Tables

K = TypeVar("K")
T = TypeVar("T")


def sweep(tables: Tables, now: Instant, limit: int) -> Swept:
    _expire(tables, now)
    sessions = _over(tables.sessions, lambda each: each.ends_at, now, limit)
    for session_id in sessions:
        events.note(tables, EventType.ENDED, session_id, now)
        remove_session(tables, session_id, now)
    reservations = _over(tables.reservations, lambda each: each.span.busy_until, now, limit)
    for reservation_id in reservations:
        _remove(tables.reservations.pop(reservation_id))
    records = _over(tables.records, lambda each: each.expires_at, now, limit)
    for record_id in records:
        del tables.records[record_id]
    bindings = _over(tables.bindings, lambda each: each.until, now, limit)
    for key in bindings:
        del tables.bindings[key]
    budgets = _over(tables.guess_budgets, lambda full_at: full_at, now, limit)
    for guesser in budgets:
        del tables.guess_budgets[guesser]
    numbers = configuration.purge_numbers(tables, now)
    return Swept(len(sessions), len(reservations), len(records), len(bindings), numbers, len(budgets))


def _expire(tables: Tables, now: Instant) -> None:
    """What can match no more is over for good."""
    for reservation in tables.reservations.values():
        if reservation.open and reservation.span.late_until <= now:
            reservation.open = False
            events.note(tables, EventType.EXPIRED, reservation.session_id, now, number=reservation.number)


def _over(table: dict[K, T], end: Callable[[T], Instant], now: Instant, limit: int) -> list[K]:
    return [key for key, each in table.items() if end(each) <= now][:limit]


def _remove(reservation: Reservation) -> None:
    del reservation.number.reservations[reservation.id]
