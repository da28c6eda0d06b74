"""Live sessions and their current reservations, as the other steps read them."""

from dataclasses import dataclass

from matchline.clock import Instant
from matchline.errors import NotFound
from matchline.model import Granted, Held, Lost, Session, Terms
from matchline.observing.masking import Private
from matchline.store.sql import Database, Reader, chart_events

_RELEASED = 0  # in place of a reservation's id, which are larger: it was given back by hand


@dataclass(frozen=True, slots=True, repr=False)
class SessionRow(Private):
    id: str
    service: str
    data_id: str
    phone_text: str | None
    ttl: int
    ends_at: Instant
    matched: bool
    reservation_id: int | None
    maker: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Reservation(Private):
    """A session's reservation that is not settled."""

    reservation_id: int
    number_id: int
    group: str
    number: str
    draining: bool
    shared: bool
    code: str
    phone: str
    terms: Terms
    expires_at: Instant
    busy_until: Instant

    def granted(self, session: SessionRow) -> Granted:
        return Granted(
            session.id,
            session.data_id,
            self.group,
            self.number,
            self.code or None,
            self.terms.timeout,
        )


def live_session(db: Reader, session_id: str, now: Instant) -> SessionRow:
    row = db.locked("get_session", {"id": session_id, "now": now})
    if row is None:
        raise NotFound
    service, data_id, phone_text, ttl, ends_at, matched, reservation_id, maker = row
    return SessionRow(
        session_id, service, data_id, phone_text, ttl, ends_at, bool(matched), reservation_id, maker
    )


def unsettled(db: Reader, session: SessionRow) -> Reservation | None:
    row = db.locked("current_reservation", {"id": session.reservation_id})
    if row is None:
        return None
    reservation_id, number_id, group, number, draining, shared, code, phone, *rest = row
    timeout, late_grace, cooldown, cooldown_after_match, expires_at, busy_until = rest
    return Reservation(
        reservation_id,
        number_id,
        group,
        number,
        bool(draining),
        bool(shared),
        code,
        phone,
        Terms(timeout, late_grace, cooldown, cooldown_after_match),
        expires_at,
        busy_until,
    )


def session(db: Reader, session_id: str, now: Instant) -> Session:
    row = live_session(db, session_id, now)
    current = unsettled(db, row)
    held = None
    if current and now < current.expires_at:
        held = Held(current.group, current.number, current.code or None, current.expires_at)
    return Session(
        row.id,
        row.service,
        row.data_id,
        row.phone_text,
        row.ends_at,
        row.matched,
        held,
        row.maker,
        lost(held, row.reservation_id, matched=row.matched),
    )


def lost(held: Held | None, reservation_id: int | None, *, matched: bool) -> Lost | None:
    if held or matched or reservation_id is None:
        return None
    return Lost.RELEASED if reservation_id == _RELEASED else Lost.EXPIRED


def remove_session(db: Database, session_id: str, now: Instant) -> None:
    """The session goes, and its answers to repeated requests and its chart with it."""
    db.run("remove_session", {"id": session_id})
    chart_events.remove(db, session_id, now)
    db.run("forget_idempotency", {"session_id": session_id})
