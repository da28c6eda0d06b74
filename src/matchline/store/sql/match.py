"""The step that decides whose call it is and settles what matched (rules 7 to 12)."""

from matchline.clock import Instant
from matchline.model import Values
from matchline.store import DELETED_DATA_MEMORY
from matchline.store.sql import Database, Row, records, reserve, slots
from matchline.verdict import (
    BARE_REPEAT,
    Ambiguous,
    Asked,
    Candidate,
    Chosen,
    Decision,
    Match,
    Matched,
    NoneMatches,
    Query,
    Verdict,
    contradicts,
    decide,
    is_late,
    may_repeat,
    repeat_key,
)

# Two of a class of equals show that a single answer is ambiguous.
_ENOUGH_TO_DECIDE = 2

# How many of a class are looked at for the longest code, when the caller must be asked for it.
_ENOUGH_FOR_DIGITS = 1000


def match(db: Database, query: Query, now: Instant) -> Verdict:
    if query.call_id is not None:
        bound = _remembered(db, query, "call", query.call_id, now)
        if bound:
            return bound
    decision = _decide(db, query, now)
    if isinstance(decision, Chosen):
        return Matched(_settle_all(db, query, decision.candidates, now))
    for asked in query.numbers:
        if may_repeat(query, asked, decision):
            repeated = _remembered(db, query, "repeat", repeat_key(query, asked), now)
            if repeated:
                return repeated
    return decision


def _decide(db: Database, query: Query, now: Instant) -> Decision:
    limit = query.policy.max_matches if query.policy.multiple else _ENOUGH_TO_DECIDE
    decision = decide(query, _candidates(db, query, limit, now))
    if isinstance(decision, Chosen | NoneMatches):
        return decision
    return decide(query, _candidates(db, query, _ENOUGH_FOR_DIGITS, now))


def _candidates(db: Database, query: Query, limit: int, now: Instant) -> list[Candidate]:
    rows: dict[int, Row] = {}
    for asked in query.numbers:
        for row in _rows_of(db, asked, query.code, limit, now):
            rows[row[0]] = row
    return [_candidate(row) for row in rows.values()]


def _rows_of(db: Database, asked: Asked, code: str | None, limit: int, now: Instant) -> list[Row]:
    common = {"number_id": asked.number_id, "limit": limit, "now": now}
    if code is not None:
        return db.rows("candidates_by_code", {**common, "code": code})
    if asked.phone is not None:
        return db.rows("candidates_of_caller", {**common, "phone": asked.phone})
    return db.rows("candidates_of_anyone", common)


def _candidate(row: Row) -> Candidate:
    reservation_id, session_id, data_id, number_id, shared, phone, code, started_at, expires_at, cooldown = (
        row
    )
    return Candidate(
        reservation_id,
        session_id,
        data_id,
        number_id,
        bool(shared),
        phone or None,
        code or None,
        started_at,
        expires_at,
        cooldown,
    )


def _settle_all(
    db: Database, query: Query, candidates: tuple[Candidate, ...], now: Instant
) -> tuple[Match, ...]:
    keep = query.keep_multiple and len(candidates) > 1
    asked = {asked.number_id: asked for asked in query.numbers}
    matches = []
    for place, candidate in enumerate(candidates):
        found = Match(
            candidate.session_id,
            candidate.data_id,
            is_late(candidate, now),
            _values(db, query, candidate.data_id, now),
        )
        matches.append(found)
        if not keep:
            _settle(db, candidate, now)
            _remember(db, query, asked[candidate.number_id], candidate, place=place, now=now)
            _prolong_or_delete(db, query, found, now)
    return tuple(matches)


def _settle(db: Database, candidate: Candidate, now: Instant) -> None:
    busy_until = now + candidate.cooldown if candidate.holds_slot else now
    slots.settle(db, candidate, "matched", busy_until, now)
    slots.rest_number(db, candidate, busy_until, now)


def _prolong_or_delete(db: Database, query: Query, found: Match, now: Instant) -> None:
    if query.delete:
        _delete(db, query, found, now)
        return
    ends_at = now + query.ttl_after_match
    db.run("mark_matched", {"id": found.session_id, "ends_at": ends_at, "now": now})
    records.extend_data(db, found.data_id, ends_at, now)


def _delete(db: Database, query: Query, found: Match, now: Instant) -> None:
    """End the session; its data stay for a moment when the same call may be asked again."""
    if not reserve.close(db, found.session_id, now):
        return
    if query.call_id is not None or query.repeat_window:
        records.hide_data(db, found.data_id, now, now + DELETED_DATA_MEMORY)
    else:
        records.remove_data(db, found.data_id)


def _values(db: Database, query: Query, data_id: str, now: Instant) -> Values | None:
    return records.remembered_values(db, data_id, now) if query.with_values else None


# The same call asked again


def _remember(
    db: Database, query: Query, asked: Asked, candidate: Candidate, *, place: int, now: Instant
) -> None:
    common = {
        "number_id": candidate.number_id,
        "session_id": candidate.session_id,
        "data_id": candidate.data_id,
        "phone": candidate.phone or "",
        "code": candidate.code or "",
        "late": is_late(candidate, now),
        "place": place,
    }
    if query.call_id is not None and query.call_memory:
        until = now + query.call_memory
        db.run("bind", {**common, "kind": "call", "key": query.call_id, "until": until})
    key = repeat_key(query, asked)
    if query.repeat_window and not (candidate.shared and key == BARE_REPEAT):
        until = now + query.repeat_window
        db.run("bind", {**common, "kind": "repeat", "key": key, "until": until})


def _remembered(db: Database, query: Query, kind: str, key: str, now: Instant) -> Matched | Ambiguous | None:
    """The earlier answer, unless what is supplied now contradicts it; this request's flags applied afresh."""
    matches = []
    for asked in query.numbers:
        parameters = {"number_id": asked.number_id, "kind": kind, "key": key, "now": now}
        for session_id, data_id, phone, code, late in db.rows("get_bindings", parameters):
            if contradicts(query, asked, phone or None, code or None) is None:
                values = _values(db, query, data_id, now)
                matches.append(Match(session_id, data_id, bool(late), values))
    if not matches:
        return None
    if len(matches) > 1 and not query.policy.multiple:
        return Ambiguous(None)
    answered = matches[: query.policy.max_matches]
    if query.delete:
        for found in answered:
            _delete(db, query, found, now)
    return Matched(tuple(answered), repeated=True)
