"""Steps that let people look at what lives, and at what happened to one session. They change nothing."""

from collections.abc import Mapping, Sequence

from matchline.clock import Instant
from matchline.kept.live import AFTER_ALL_IDS, EventPage, NumberUse, SessionCount, SessionPage, SessionsWanted
from matchline.model import Held, Session
from matchline.store.sql import Parameters, Reader, Row, events
from matchline.store.sql.sessions import lost

_LAST_PLACE = (1 << 63) - 1


def sessions(db: Reader, wanted: SessionsWanted, now: Instant) -> SessionPage:
    looked = _looked(wanted, now)
    filters: Parameters = {
        "service": wanted.service,
        "standing": wanted.standing or "",
        "number_ids": _spaced(wanted.number_ids),
    }
    if wanted.person is None:
        rows = db.rows("browse_sessions", {**looked, **filters, "limit": wanted.limit})
    else:
        rows = _of_person(db, wanted, looked, filters)
    found = tuple(map(_session, rows))
    if len(found) == wanted.limit:
        return SessionPage(found, found[-1].id)
    return SessionPage(found, _next(db, looked, wanted.look_at))


def count(db: Reader, before: str | None, look_at: int, now: Instant) -> SessionCount:
    end = AFTER_ALL_IDS if before is None else before
    rows = db.rows("count_sessions", {"end": end, "look_at": look_at, "now": now})
    services = {service: counted for service, counted, _ in rows}
    complete = sum(services.values()) < look_at
    return SessionCount(services, None if complete else min(first for _, _, first in rows))


def session_events(db: Reader, session_id: str, before: int | None, look_at: int) -> EventPage:
    looked = {"before": _LAST_PLACE if before is None else before, "look_at": look_at}
    rows = db.rows("browse_events", {**looked, "session_id": session_id})
    end = db.row("browse_events_end", looked)
    assert end, "an aggregate has a row"
    counted, first, oldest = end
    return EventPage(tuple(map(events.told, rows)), oldest, first if counted == look_at else None)


def number_uses(db: Reader, number_ids: Sequence[int], look_at: int, now: Instant) -> Mapping[int, NumberUse]:
    found: dict[int, NumberUse] = {}
    looked_at = 0
    for number_id in number_ids:
        row = db.row("use_of_number", {"id": number_id, "look_at": look_at, "now": now})
        if row is None:
            continue
        is_free, held, cooling, looked = row
        looked_at += looked
        if found and looked_at > look_at:
            break
        found[number_id] = NumberUse(bool(is_free), held, cooling, looked < look_at)
    return found


def _looked(wanted: SessionsWanted, now: Instant) -> Parameters:
    return {"first": wanted.prefix, "end": wanted.end, "look_at": wanted.look_at, "now": now}


def _of_person(db: Reader, wanted: SessionsWanted, looked: Parameters, filters: Parameters) -> list[Row]:
    """Numbers are compared as they read, which no statement can do: each that is this person's is asked for alone."""
    assert wanted.person
    is_ruled_out = wanted.person.rules_out()
    found: list[Row] = []
    for session_id, phone_text in db.rows("browse_phones", looked):
        if not is_ruled_out(phone_text) and wanted.person.is_meant(phone_text):
            alone = {"first": session_id, "end": session_id + AFTER_ALL_IDS, "look_at": 1, "limit": 1}
            found += db.rows("browse_sessions", {**looked, **filters, **alone})
        if len(found) == wanted.limit:
            break
    return found


def _next(db: Reader, looked: Parameters, look_at: int) -> str | None:
    row = db.row("browse_end", looked)
    assert row, "an aggregate has a row"
    counted, first = row
    return first if counted == look_at else None


def _spaced(ids: frozenset[int] | None) -> str:
    return "" if ids is None else f" {' '.join(map(str, sorted(ids)))} "


def _session(row: Row) -> Session:
    session_id, service, data_id, phone_text, ends_at, matched, maker, reservation_id, *reserved = row
    group, number, code, expires_at = reserved
    held = None if number is None else Held(group, number, code or None, expires_at)
    left = lost(held, reservation_id, matched=bool(matched))
    return Session(session_id, service, data_id, phone_text, ends_at, bool(matched), held, maker, left)
