"""Steps over callbacks. A calendar is locked before any session, a callback with its chart."""

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
from matchline.store.sql import Database, Reader
from matchline.store.sql.sessions import live_session


def book(db: Database, session_id: str, booking: Booking) -> None:
    """Nobody books in this calendar until the step ends. Raises SlotFull."""
    db.lock("lock_calendar", {"calendar": booking.calendar})
    slot = {"calendar": booking.calendar, "start": booking.start, "end": booking.end}
    row = db.row("booked_in_slot", {**slot, "session_id": session_id})
    assert row, "an aggregate has a row"
    if row[0] >= booking.most:
        raise SlotFull


def add(db: Database, session: NewSession, new: NewCallback) -> None:
    db.run(
        "add_callback",
        {
            "session_id": session.id,
            "service": session.service,
            "phone": new.phone,
            "phone_text": new.phone_text,
            "state": str(new.state),
            "desired_at": new.desired_at,
            "calendar": new.booking.calendar if new.booking else None,
        },
    )


def change(db: Database, session_id: str, changed: CallbackChange, now: Instant) -> None:
    """Nothing for a session that is no callback's."""
    completed = int(changed.state is CallbackState.COMPLETED)
    made = {"state": str(changed.state), "reason": changed.reason, "completed": completed}
    db.run("change_callback", {"session_id": session_id, **made, "now": now})


def reschedule(db: Database, session_id: str, to: Rescheduling, now: Instant) -> None:
    session = live_session(db, session_id, now)
    if _state(db, session_id) is not CallbackState.SCHEDULED:
        raise Conflict
    at = {"desired_at": to.desired_at, "calendar": to.booking.calendar}
    db.run("reschedule_callback", {"session_id": session_id, **at})
    db.run("prolong_session", {"id": session_id, "ends_at": to.ends_at})
    db.run("extend_data", {"id": session.data_id, "expires_at": to.ends_at, "now": now})


def cancel(db: Database, session_id: str, now: Instant) -> None:
    if _state(db, session_id) is CallbackState.COMPLETED:
        raise Conflict
    change(db, session_id, CallbackChange(CallbackState.COMPLETED, CANCELLED_REASON), now)


def _state(db: Reader, session_id: str) -> CallbackState:
    row = db.row("callback_state_of", {"session_id": session_id})
    if row is None:
        raise NotFound
    return CallbackState(row[0])


def find(db: Reader, wanted: CallbacksWanted, now: Instant) -> tuple[Callback, ...]:
    given: dict[str, object] = {
        "state": wanted.state,
        "service": wanted.service,
        "limit": wanted.limit,
        "now": now,
    }
    if wanted.session_id:
        own = {"session_id": wanted.session_id, "phone": wanted.phone}
        rows = db.rows("callback_of_session", {**given, **own})
    elif wanted.phone:
        rows = db.rows("callbacks_of_customer", {**given, "phone": wanted.phone})
    elif wanted.state:
        rows = db.rows("callbacks_in_state", given)
    else:
        rows = db.rows("newest_callbacks", given)
    return tuple(_callback(*row) for row in rows)


def _callback(
    session_id: str,
    service: str,
    phone_text: str,
    state: str,
    reason: str,
    desired_at: Instant,
    ends_at: Instant,
    maker: str | None,
) -> Callback:
    return Callback(session_id, service, phone_text, CallbackState(state), reason, desired_at, ends_at, maker)


def bookings(db: Reader, calendar: str, start: Instant, end: Instant) -> Mapping[Instant, int]:
    rows = db.rows("bookings", {"calendar": calendar, "start": start, "end": end})
    return dict(rows)
