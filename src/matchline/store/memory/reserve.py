"""Steps that give sessions their reservations and end them (rules 15, 16, 19)."""

from matchline.clock import Instant
from matchline.errors import Conflict, Exhausted, OverQuota
from matchline.kept.events import EventType
from matchline.model import Claim, Granted, Idempotency, Quota, Wish
from matchline.store.memory import events, records, slots
from matchline.store.memory.sessions import close, find_session, live_session, prolong
from matchline.store.memory.tables import Answer, Reservation, RunningSession, StoredRecord, Tables
from matchline.verdict import ended_repeats


def claim(tables: Tables, wanted: Claim, now: Instant) -> Granted:
    earlier = earlier_answer(tables, wanted.idempotency, now)
    if earlier:
        return earlier
    new = wanted.session
    reservation = _reserve(tables, wanted.wish, new.id, new.data_id, now)
    ends_at = max(now + new.ttl, reservation.span.late_until)
    session = RunningSession(
        new.id, new.service, new.data_id, new.phone_text, new.ttl, ends_at, reservation, maker=new.maker
    )
    tables.sessions[new.id] = session
    tables.records[new.data_id] = StoredRecord(None, ends_at, dict(wanted.values), maker=new.maker)
    _note(tables, EventType.RESERVED, reservation, now)
    granted = session.granted(
        reservation, slots.pool(tables, wanted.wish.group, now) if wanted.with_pool else None
    )
    remember_answer(tables, wanted.idempotency, session, granted)
    return granted


def reclaim(tables: Tables, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
    session = live_session(tables, session_id, now)
    current = session.reservation
    if current and _renewable(current, wish, now):
        current.phone = wish.phone
        current.begin(wish.terms, now)
        _note(tables, EventType.RENEWED, current, now)
    else:
        current = _exchange(tables, session, wish, now)
        _note(tables, EventType.RESERVED, current, now)
    session.matched = False
    if phone_text is not None:
        session.phone_text = phone_text
    prolong(tables, session, current.span.late_until, now)
    return session.granted(current)


def renew(tables: Tables, session_id: str, now: Instant) -> Granted:
    session = live_session(tables, session_id, now)
    current = session.reservation
    if current is None or not current.is_still_held(now):
        raise Conflict
    current.begin(current.terms, now)
    _note(tables, EventType.RENEWED, current, now)
    session.ends_at = max(now + session.ttl, current.span.late_until)
    prolong(tables, session, session.ends_at, now)
    return session.granted(current)


def end(tables: Tables, session_id: str, now: Instant) -> None:
    session = live_session(tables, session_id, now)
    close(tables, session, now)
    records.remove_data(tables, session.data_id)


def release(tables: Tables, session_id: str, now: Instant) -> None:
    """The slot is given back, the session stays. Raises NotFound; Conflict without a held reservation."""
    current = live_session(tables, session_id, now).reservation
    if current is None or not current.is_held(now):
        raise Conflict
    events.note(tables, EventType.RELEASED, session_id, now, number=current.number)
    current.let_go(now)
    tables.settled(current, now)


def _renewable(current: Reservation, wish: Wish, now: Instant) -> bool:
    return (
        current.is_still_held(now)
        and current.number.group == wish.group
        and current.shared is not wish.strategy.exclusive
        and len(current.code or "") == wish.code_length
        and not current.number.draining
    )


def _exchange(tables: Tables, session: RunningSession, wish: Wish, now: Instant) -> Reservation:
    """The old slot is let go first, for it may be the one that is taken; it stays when there is none."""
    old = session.reservation
    if old is None:
        session.reservation = _reserve(tables, wish, session.id, session.data_id, now)
        return session.reservation
    before = (old.open, old.outcome, old.released_at, old.span)
    was_open, was_held = old.open, old.is_held(now)
    if was_open:
        old.let_go(now)
    try:
        session.reservation = new = _reserve(tables, wish, session.id, session.data_id, now)
    except Exhausted:
        old.open, old.outcome, old.released_at, old.span = before
        raise
    if was_open:
        tables.settled(old, now)
        if not was_held:
            events.note(tables, EventType.EXPIRED, session.id, now, number=old.number)
    return new


def _reserve(tables: Tables, wish: Wish, session_id: str, data_id: str, now: Instant) -> Reservation:
    if wish.quota:
        _check_quota(tables, wish.quota, now)
    slot = slots.take_slot(tables, wish, now)
    tables.last_reservation_id += 1
    shared = not wish.strategy.exclusive
    reservation = Reservation(
        tables.last_reservation_id,
        session_id,
        data_id,
        slot.number,
        shared,
        slot.code,
        wish.phone,
        wish.terms,
        wish.quota.client if wish.quota else None,
    )
    reservation.begin(wish.terms, now)
    tables.reservations[reservation.id] = slot.number.reservations[reservation.id] = reservation
    if not shared:
        slot.number.last = reservation
    _forget_repeats(tables, reservation)
    return reservation


def _check_quota(tables: Tables, quota: Quota, now: Instant) -> None:
    held = [
        each.span.expires_at
        for each in tables.reservations.values()
        if each.client == quota.client and each.is_held(now)
    ]
    if len(held) >= quota.most:
        raise OverQuota(min(held))


def _forget_repeats(tables: Tables, given: Reservation) -> None:
    """A slot that is given out again answers no repeats of its earlier match, nor a caller who has a new session."""
    ended = ended_repeats(given.phone)
    for key, binding in list(tables.bindings.items()):
        same_code = given.code is not None and binding.code == given.code
        same_slot = not given.shared or same_code or key.key in ended
        if (key.number_id, key.kind) == (given.number.id, "repeat") and same_slot:
            del tables.bindings[key]


def _note(tables: Tables, type_: EventType, held: Reservation, now: Instant) -> None:
    duration = held.terms.timeout
    events.note(tables, type_, held.session_id, now, number=held.number, duration=duration)


# Repeated requests


def earlier_answer(tables: Tables, wanted: Idempotency | None, now: Instant) -> Granted | None:
    answer = tables.answers.get(wanted.key) if wanted else None
    if wanted is None or answer is None or not find_session(tables, answer.granted.session_id, now):
        return None
    if answer.digest != wanted.digest:
        raise Conflict
    return answer.granted


def remember_answer(
    tables: Tables, wanted: Idempotency | None, session: RunningSession, granted: Granted
) -> None:
    if wanted:
        session.answer_key = wanted.key
        tables.answers[wanted.key] = Answer(wanted.digest, granted)
