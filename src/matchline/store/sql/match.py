"""The step that decides whose call it is and settles what matched (rules 7 to 12)."""

from collections.abc import Callable

from matchline.clock import Instant
from matchline.guessing import Guessers, guessers, may_be_answered_again, without_budget
from matchline.kept.call_log import Reason, why_matched, why_not
from matchline.model import Values
from matchline.store import DELETED_DATA_MEMORY
from matchline.store.sql import (
    Database,
    Parameters,
    Row,
    call_log,
    chart_events,
    events,
    guesses,
    records,
    reserve,
    slots,
)
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
    may_be_meant,
    may_repeat,
    repeat_key,
    waited,
)

# Two of a class of equals show that a single answer is ambiguous.
_ENOUGH_TO_DECIDE = 2

# How many of a class are looked at for the longest code, when the caller must be asked for it.
_ENOUGH_FOR_DIGITS = 1000


def match(db: Database, query: Query, now: Instant) -> Verdict:
    if query.call_id is not None:
        db.lock("lock_call", {"key": query.call_id})
        _foresee_candidates(db, query, now)
        bound = remembered_call(db, query, now)
        if bound:
            return bound
    decision, candidates, guessing = decide_now(db, query, now)
    if isinstance(decision, Chosen):
        return Matched(_settle_all(db, query, decision.candidates, now))
    repeated = remembered_repeat(db, query, decision, now)
    if repeated:
        return repeated
    if isinstance(decision, NoneMatches):
        guesses.spend(db, guessing, now)
    call_log.add(db, query, why_not(query, decision, candidates), now)
    return decision


def decide_now(db: Database, query: Query, now: Instant) -> tuple[Decision, list[Candidate], Guessers]:
    """The decision, over whom it was made, and who is charged when it is none."""
    decision, candidates = _decide(db, query, now)
    guessing = guessers(query, decision)
    if guessing and not guesses.have_budget(db, guessing, now):
        return without_budget(query, decision), candidates, {}
    return decision, candidates, guessing


def _decide(db: Database, query: Query, now: Instant) -> tuple[Decision, list[Candidate]]:
    _foresee_candidates(db, query, now)
    candidates = _candidates(db, query, _limit(query), now)
    decision = decide(query, candidates)
    if isinstance(decision, Chosen | NoneMatches):
        return decision, candidates
    candidates = _candidates(db, query, _ENOUGH_FOR_DIGITS, now)
    return decide(query, candidates), candidates


def _candidates(db: Database, query: Query, limit: int, now: Instant) -> list[Candidate]:
    rows: dict[int, Row] = {}
    for asked in query.numbers:
        for row in db.rows(*_candidates_of(asked, query.code, limit, now)):
            rows[row[0]] = row
    candidates = map(candidate_of, rows.values())
    return [each for each in candidates if may_be_meant(query, each, now)]


def _foresee_candidates(db: Database, query: Query, now: Instant) -> None:
    for asked in query.numbers:
        db.foresee(*_candidates_of(asked, query.code, _limit(query), now))


def _limit(query: Query) -> int:
    return query.policy.max_matches if query.policy.multiple else _ENOUGH_TO_DECIDE


def _candidates_of(asked: Asked, code: str | None, limit: int, now: Instant) -> tuple[str, Parameters]:
    common = {"number_id": asked.number_id, "limit": limit, "now": now}
    if code is not None:
        return "candidates_by_code", {**common, "code": code}
    if asked.phone is not None:
        return "candidates_of_caller", {**common, "phone": asked.phone}
    return "candidates_of_anyone", common


def candidate_of(row: Row) -> Candidate:
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
    if not keep:
        _lock(db, candidates)
    values = [_values(db, query, candidate.data_id, now) for candidate in candidates]
    if not keep:
        for place, candidate in enumerate(candidates):
            _settle(db, candidate, now)
            events.note_match(db, candidate, now)
            chart_events.tell_match(db, query, candidate, now)
            _remember(db, query, asked[candidate.number_id], candidate, place=place, now=now)
            _prolong_or_delete(db, query, candidate, now)
    if query.note:
        for candidate in candidates:
            reason, late = why_matched(query, candidate), is_late(candidate, now)
            call_log.add(db, query, reason, now, session_id=candidate.session_id, late=late)
    db.finish()
    return tuple(
        Match(
            candidate.session_id, candidate.data_id, is_late(candidate, now), read(), waited(candidate, now)
        )
        for candidate, read in zip(candidates, values, strict=True)
    )


def _lock(db: Database, candidates: tuple[Candidate, ...]) -> None:
    """Sessions before reservations, as everywhere, and in one order; a candidate that changed is nobody's now."""
    for candidate in sorted(candidates, key=lambda each: each.session_id):
        db.lock("lock_session", {"id": candidate.session_id})
        db.lock(
            "lock_candidate",
            {
                "id": candidate.reservation_id,
                "phone": candidate.phone or "",
                "started_at": candidate.started_at,
                "expires_at": candidate.expires_at,
            },
        )


def _settle(db: Database, candidate: Candidate, now: Instant) -> None:
    busy_until = now + candidate.cooldown if candidate.holds_slot else now
    slots.settle(db, candidate, "matched", busy_until, now)
    slots.rest_number(db, candidate, busy_until, now)


def _prolong_or_delete(db: Database, query: Query, found: Candidate, now: Instant) -> None:
    if query.delete:
        _delete(db, query, found.session_id, found.data_id, now)
        return
    ends_at = now + query.ttl_after_match
    db.run("mark_matched", {"id": found.session_id, "ends_at": ends_at, "now": now})
    records.extend_data(db, found.data_id, ends_at, now)


def _delete(db: Database, query: Query, session_id: str, data_id: str, now: Instant) -> None:
    """End the session; its data stay for a moment when the same call may be asked again."""
    if not reserve.close(db, session_id, now):
        return
    if _is_remembered(query):
        records.hide_data(db, data_id, now, now + DELETED_DATA_MEMORY)
    else:
        records.remove_data(db, data_id)


def _values(db: Database, query: Query, data_id: str, now: Instant) -> Callable[[], Values | None]:
    """To be had after `finish`."""
    if not query.with_values:
        return _no_values
    read = records.remembered_values(db, data_id, now)
    if query.delete and not _is_remembered(query):
        values = read()  # nobody could read them anew if the answer to the commit were lost
        return lambda: values
    return read


def _is_remembered(query: Query) -> bool:
    """Whether the same call may be asked again."""
    return query.call_id is not None or bool(query.repeat_window)


def _no_values() -> None:
    return None


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


def remembered_call(db: Database, query: Query, now: Instant) -> Matched | Ambiguous | None:
    """The answer that this call id got."""
    return _remembered(db, query, "call", query.call_id or "", now)


def remembered_repeat(
    db: Database, query: Query, decision: Decision, now: Instant
) -> Matched | Ambiguous | None:
    """The answer that the same call without an id got, where it may be given instead of the decision."""
    for asked in query.numbers:
        if may_repeat(query, asked, decision) and may_be_answered_again(asked, decision):
            repeated = _remembered(db, query, "repeat", repeat_key(query, asked), now)
            if repeated:
                return repeated
    return None


def _remembered(db: Database, query: Query, kind: str, key: str, now: Instant) -> Matched | Ambiguous | None:
    """The earlier answer, unless what is supplied now contradicts it; this request's flags applied afresh."""
    for asked in query.numbers:
        db.foresee("get_bindings", _bindings_of(asked, kind, key, now))
    found = [
        (session_id, data_id, bool(late))
        for asked in query.numbers
        for session_id, data_id, phone, code, late in db.rows(
            "get_bindings", _bindings_of(asked, kind, key, now)
        )
        if contradicts(query, asked, phone or None, code or None) is None
    ]
    if not found:
        return None
    if len(found) > 1 and not query.policy.multiple:
        call_log.add(db, query, Reason.EQUALS, now, repeated=True)
        return Ambiguous(None)
    answered = found[: query.policy.max_matches]
    values = [_values(db, query, data_id, now) for _, data_id, _ in answered]
    if query.delete:
        for session_id, data_id, _ in sorted(answered):
            _delete(db, query, session_id, data_id, now)
    for session_id, _, late in answered:
        call_log.add(db, query, Reason.SAME_CALL, now, session_id=session_id, late=late, repeated=True)
    db.finish()
    return Matched(
        tuple(Match(*each, read()) for each, read in zip(answered, values, strict=True)), repeated=True
    )


def _bindings_of(asked: Asked, kind: str, key: str, now: Instant) -> Parameters:
    return {"number_id": asked.number_id, "kind": kind, "key": key, "now": now}
