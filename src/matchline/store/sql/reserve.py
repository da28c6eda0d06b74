"""Steps that give sessions their reservations and end them (rules 15, 16, 19)."""

from dataclasses import replace

import msgspec

from matchline.clock import Instant
from matchline.errors import Conflict, NotFound
from matchline.kept.events import EventType
from matchline.model import Claim, Granted, Idempotency, Terms, Wish
from matchline.store.sql import Database, SharedSlot, Slot, events, quotas, records, slots
from matchline.store.sql.sessions import (
    Reservation,
    SessionRow,
    live_session,
    remove_session,
    unsettled,
)
from matchline.verdict import ended_repeats


def claim(db: Database, wanted: Claim, now: Instant, shared_slot: SharedSlot = slots.shared_slot) -> Granted:
    earlier = earlier_answer(db, wanted.idempotency, now)
    if earlier:
        return earlier
    new = wanted.session
    slot = _take_slot(db, wanted.wish, now, shared_slot)
    reservation_id = _reserve(db, wanted.wish, slot, new.id, new.data_id, now)
    ends_at = _session_end(now, new.ttl, wanted.wish.terms)
    db.run(
        "add_session",
        {
            "id": new.id,
            "service": new.service,
            "data_id": new.data_id,
            "phone_text": new.phone_text,
            "ttl": new.ttl,
            "ends_at": ends_at,
            "reservation_id": reservation_id,
            "maker": new.maker,
        },
    )
    records.create(db, new.data_id, wanted.values, ends_at, new.maker)
    _note_reserved(db, new.id, slot, wanted.wish, now)
    granted = Granted(
        new.id,
        new.data_id,
        wanted.wish.group,
        slot.number,
        slot.code or None,
        wanted.wish.terms.timeout,
        slots.pool(db, wanted.wish.group, now) if wanted.with_pool else None,
    )
    remember_answer(db, wanted.idempotency, granted)
    return granted


def reclaim(
    db: Database,
    session_id: str,
    wish: Wish,
    phone_text: str | None,
    now: Instant,
    shared_slot: SharedSlot = slots.shared_slot,
) -> Granted:
    session = live_session(db, session_id, now)
    current = unsettled(db, session)
    if current and _renewable(current, wish, now) and slots.is_still_held(db, current, now):
        _extend(db, current, wish.terms, wish.phone, now)
        _note_renewed(db, session, current, wish.terms, now)
        reservation_id = current.reservation_id
        granted = replace(current, terms=wish.terms).granted(session)
    else:
        if current:
            _let_go(db, session_id, current, now)
        slot = _take_slot(db, wish, now, shared_slot)
        reservation_id = _reserve(db, wish, slot, session.id, session.data_id, now)
        _note_reserved(db, session.id, slot, wish, now)
        granted = Granted(
            session.id,
            session.data_id,
            wish.group,
            slot.number,
            slot.code or None,
            wish.terms.timeout,
        )
    ends_at = _session_end(now, 0, wish.terms)
    db.run(
        "renew_session",
        {
            "id": session.id,
            "reservation_id": reservation_id,
            "ends_at": ends_at,
            "phone_text": phone_text,
        },
    )
    records.extend_data(db, session.data_id, ends_at, now)
    return granted


def renew(db: Database, session_id: str, now: Instant) -> Granted:
    session = live_session(db, session_id, now)
    current = unsettled(db, session)
    if current is None or current.expires_at <= now or not slots.is_still_held(db, current, now):
        raise Conflict
    _extend(db, current, current.terms, current.phone or None, now)
    _note_renewed(db, session, current, current.terms, now)
    ends_at = _session_end(now, session.ttl, current.terms)
    db.run("restart_session", {"id": session.id, "ends_at": ends_at})
    records.extend_data(db, session.data_id, ends_at, now)
    return current.granted(session)


def end(db: Database, session_id: str, now: Instant) -> None:
    session = live_session(db, session_id, now)
    close(db, session_id, now)
    records.remove_data(db, session.data_id)


def release(db: Database, session_id: str, now: Instant) -> None:
    """The slot is given back, the session stays. Raises NotFound; Conflict without a held reservation."""
    current = unsettled(db, live_session(db, session_id, now))
    if current is None or current.expires_at <= now:
        raise Conflict
    events.note(db, EventType.RELEASED, session_id, now, number_id=current.number_id)
    _let_go(db, session_id, current, now)
    db.run("mark_released", {"id": session_id})


def close(db: Database, session_id: str, now: Instant) -> bool:
    """Release the slot and remove the session, not its data; whether it was live."""
    try:
        session = live_session(db, session_id, now)
    except NotFound:
        return False
    current = unsettled(db, session)
    if current:
        _let_go(db, session_id, current, now)
    events.note(db, EventType.ENDED, session_id, now)
    remove_session(db, session_id, now)
    return True


def _session_end(now: Instant, ttl: int, terms: Terms) -> Instant:
    """A session outlives its reservation and its late grace."""
    return max(now + ttl, terms.span(now, holds_slot=True).late_until)


def _renewable(current: Reservation, wish: Wish, now: Instant) -> bool:
    return (
        now < current.expires_at
        and current.group == wish.group
        and current.shared is not wish.strategy.exclusive
        and len(current.code) == wish.code_length
        and not current.draining
    )


def _extend(db: Database, current: Reservation, terms: Terms, phone: str | None, now: Instant) -> None:
    span = terms.span(now, holds_slot=not current.shared or bool(current.code))
    db.run(
        "extend_reservation",
        {
            "id": current.reservation_id,
            "phone": phone or "",
            "timeout": terms.timeout,
            "late_grace": terms.late_grace,
            "cooldown": terms.cooldown,
            "cooldown_after_match": terms.cooldown_after_match,
            "started_at": span.started_at,
            "expires_at": span.expires_at,
            "late_until": span.late_until,
            "busy_until": span.busy_until,
        },
    )
    slots.occupy(
        db, current.number_id, current.reservation_id, span.expires_at, span.busy_until, current.shared
    )


def _let_go(db: Database, session_id: str, current: Reservation, now: Instant) -> None:
    """Settle a reservation without a match: released, or expired when its time is over."""
    if current.expires_at <= now:
        events.note(db, EventType.EXPIRED, session_id, now, number_id=current.number_id)
        slots.settle(db, current, "expired", current.busy_until, now)
        return
    holds_slot = not current.shared or bool(current.code)
    busy_until = now + current.terms.cooldown if holds_slot else now
    slots.settle(db, current, "released", busy_until, now)
    slots.rest_number(db, current, busy_until, now)


def _take_slot(db: Database, wish: Wish, now: Instant, shared_slot: SharedSlot) -> Slot:
    if wish.quota:
        quotas.check(db, wish.quota, now)
    return slots.take_slot(db, wish, now, shared_slot)


def _reserve(db: Database, wish: Wish, slot: Slot, session_id: str, data_id: str, now: Instant) -> int:
    shared = not wish.strategy.exclusive
    span = wish.terms.span(now, holds_slot=not shared or bool(slot.code))
    reservation_id = db.insert(
        "add_reservation",
        {
            "session_id": session_id,
            "data_id": data_id,
            "number_id": slot.number_id,
            "shared": shared,
            "code": slot.code,
            "coded": bool(slot.code),
            "phone": wish.phone or "",
            "client": wish.quota.client if wish.quota else "",
            "timeout": wish.terms.timeout,
            "late_grace": wish.terms.late_grace,
            "cooldown": wish.terms.cooldown,
            "cooldown_after_match": wish.terms.cooldown_after_match,
            "started_at": span.started_at,
            "expires_at": span.expires_at,
            "late_until": span.late_until,
            "busy_until": span.busy_until,
        },
    )
    slots.occupy(db, slot.number_id, reservation_id, span.expires_at, span.busy_until, shared)
    if shared and slot.code:
        slots.count_code(db, slot.number_id, slot.code, 1)
    _forget_repeats(db, slot, wish.phone, shared=shared)
    return reservation_id


def _note_reserved(db: Database, session_id: str, slot: Slot, wish: Wish, now: Instant) -> None:
    duration = wish.terms.timeout
    events.note(db, EventType.RESERVED, session_id, now, number_id=slot.number_id, duration=duration)


def _note_renewed(
    db: Database, session: SessionRow, current: Reservation, terms: Terms, now: Instant
) -> None:
    number_id, duration = current.number_id, terms.timeout
    events.note(db, EventType.RENEWED, session.id, now, number_id=number_id, duration=duration)


def _forget_repeats(db: Database, slot: Slot, phone: str | None, *, shared: bool) -> None:
    """A slot that is given out again answers no repeats of its earlier match, nor a caller who has a new session."""
    if not shared:
        db.run("forget_repeats_of_number", {"number_id": slot.number_id})
        return
    for key in ended_repeats(phone):
        db.run("forget_repeats_of_key", {"number_id": slot.number_id, "key": key})
    if slot.code:
        db.run("forget_repeats_of_code", {"number_id": slot.number_id, "code": slot.code})


# Repeated requests


def earlier_answer(db: Database, wanted: Idempotency | None, now: Instant) -> Granted | None:
    if wanted is None:
        return None
    db.lock("lock_key", {"key": wanted.key})
    row = db.row("get_idempotency", {"key": wanted.key, "now": now})
    if row is None:
        return None
    digest, answer = row
    if digest != wanted.digest:
        raise Conflict
    return msgspec.json.decode(answer, type=Granted)


def remember_answer(db: Database, wanted: Idempotency | None, granted: Granted) -> None:
    if wanted:
        parameters = {"key": wanted.key, "digest": wanted.digest, "session_id": granted.session_id}
        db.run("set_idempotency", {**parameters, "answer": msgspec.json.encode(granted)})
