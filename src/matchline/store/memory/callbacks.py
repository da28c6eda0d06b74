"""Steps over callbacks."""

from collections import Counter
from collections.abc import Mapping

from matchline.clock import Instant
from matchline.errors import Conflict, NotFound
from matchline.kept.callback import (
    CANCELLED_REASON,
    Booking,
    Callback,
    CallbackChange,
    CallbackState,
    CallbacksWanted,
    NewCallback,
    Rescheduling,
    SlotFull,
)
from matchline.model import NewSession
from matchline.store.memory.sessions import find_session, live_session, prolong
from matchline.store.memory.tables import KeptCallback, Tables


def find(tables: Tables, wanted: CallbacksWanted, now: Instant) -> tuple[Callback, ...]:
    found = []
    for session_id, kept in sorted(tables.callbacks.items(), reverse=True):
        session = find_session(tables, session_id, now)
        fits = (
            wanted.session_id in ("", session_id)
            and wanted.phone in ("", kept.phone)
            and wanted.state in ("", kept.state)
            and wanted.service in ("", kept.service)
        )
        if session and fits:
            times = (kept.desired_at, session.ends_at)
            shown = (session_id, kept.service, kept.phone_text, kept.state, kept.reason)
            found.append(Callback(*shown, *times, session.maker))
    return tuple(found[: wanted.limit])


def book(tables: Tables, session_id: str, booking: Booking) -> None:
    """Raises SlotFull."""
    taken = sum(
        each.calendar == booking.calendar and booking.start <= each.desired_at < booking.end
        for other, each in tables.callbacks.items()
        if other != session_id
    )
    if taken >= booking.most:
        raise SlotFull


def add(tables: Tables, session: NewSession, new: NewCallback) -> None:
    calendar = new.booking.calendar if new.booking else None
    tables.callbacks[session.id] = KeptCallback(
        session.service, new.phone, new.phone_text, new.state, new.desired_at, calendar
    )


def change(tables: Tables, session_id: str, changed: CallbackChange, now: Instant) -> None:
    """Nothing for a session that is no callback's. What is completed before its time takes up nothing."""
    kept = tables.callbacks.get(session_id)
    if kept is None:
        return
    kept.state = changed.state
    if changed.reason is not None:
        kept.reason = changed.reason
    if changed.state is CallbackState.COMPLETED and kept.desired_at > now:
        kept.calendar = None


def _kept(tables: Tables, session_id: str) -> KeptCallback:
    kept = tables.callbacks.get(session_id)
    if kept is None:
        raise NotFound
    return kept


def bookings(tables: Tables, calendar: str, start: Instant, end: Instant) -> Mapping[Instant, int]:
    return Counter(
        each.desired_at
        for each in tables.callbacks.values()
        if each.calendar == calendar and start <= each.desired_at < end
    )


def demand_changeable(tables: Tables, session_id: str, now: Instant, *, scheduled: bool) -> None:
    """Raises NotFound; Conflict when it is completed, or no longer scheduled."""
    live_session(tables, session_id, now)
    state = _kept(tables, session_id).state
    if state is CallbackState.COMPLETED or (scheduled and state is not CallbackState.SCHEDULED):
        raise Conflict


def reschedule(tables: Tables, session_id: str, to: Rescheduling, now: Instant) -> None:
    kept = _kept(tables, session_id)
    kept.desired_at, kept.calendar = to.desired_at, to.booking.calendar
    prolong(tables, live_session(tables, session_id, now), to.ends_at, now)


def cancel(tables: Tables, session_id: str, now: Instant) -> None:
    change(tables, session_id, CallbackChange(CallbackState.COMPLETED, CANCELLED_REASON), now)
