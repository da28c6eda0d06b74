"""The step that decides whose call it is and settles what matched (rules 7 to 12)."""

from matchline.clock import Instant
from matchline.model import Values
from matchline.store.memory import records
from matchline.store.memory.sessions import close, find_session, prolong
from matchline.store.memory.tables import Binding, BindingKey, Tables
from matchline.verdict import (
    BARE_REPEAT,
    Ambiguous,
    Asked,
    Candidate,
    Chosen,
    Match,
    Matched,
    Query,
    Verdict,
    contradicts,
    decide,
    is_late,
    may_repeat,
    repeat_key,
)


def match(tables: Tables, query: Query, now: Instant) -> Verdict:
    if query.call_id is not None:
        bound = _remembered(tables, query, query.numbers, "call", now)
        if bound:
            return bound
    decision = decide(query, _candidates(tables, query, now))
    if isinstance(decision, Chosen):
        return Matched(_settle_all(tables, query, decision.candidates, now))
    for asked in query.numbers:
        if may_repeat(query, asked, decision):
            repeated = _remembered(tables, query, (asked,), "repeat", now)
            if repeated:
                return repeated
    return decision


def _candidates(tables: Tables, query: Query, now: Instant) -> list[Candidate]:
    asked = {asked.number_id for asked in query.numbers}
    return [
        each.candidate()
        for number_id in asked
        if number_id in tables.numbers
        for each in tables.numbers[number_id].reservations.values()
        if each.open and now < each.span.late_until
    ]


def _settle_all(
    tables: Tables, query: Query, candidates: tuple[Candidate, ...], now: Instant
) -> tuple[Match, ...]:
    keep = query.keep_multiple and len(candidates) > 1
    asked = {asked.number_id: asked for asked in query.numbers}
    matches = []
    for place, each in enumerate(candidates):
        values = _values(tables, query, each.data_id, now)
        matches.append(Match(each.session_id, each.data_id, is_late(each, now), values))
        if not keep:
            reservation = tables.reservations[each.reservation_id]
            reservation.settle(reservation.terms.cooldown_after_match, now)
            tables.settled(reservation, now)
            _remember(tables, query, asked[each.number_id], each, place=place, now=now)
            _prolong_or_delete(tables, query, each.session_id, now)
    return tuple(matches)


def _prolong_or_delete(tables: Tables, query: Query, session_id: str, now: Instant) -> None:
    if query.delete:
        _delete(tables, query, session_id, now)
        return
    session = tables.sessions[session_id]
    session.matched = True
    prolong(tables, session, now + query.ttl_after_match, now)


def _delete(tables: Tables, query: Query, session_id: str, now: Instant) -> None:
    """End the session; its data stay for a moment when the same call may be asked again."""
    session = find_session(tables, session_id, now)
    if session is None:
        return
    close(tables, session, now)
    if query.call_id is not None or query.repeat_window:
        records.hide_data(tables, session.data_id, now)
    else:
        records.remove_data(tables, session.data_id)


def _values(tables: Tables, query: Query, data_id: str, now: Instant) -> Values | None:
    return records.remembered_values(tables, data_id, now) if query.with_values else None


# The same call asked again


def _key(query: Query, asked: Asked, kind: str) -> str:
    return query.call_id or "" if kind == "call" else repeat_key(query, asked)


def _remember(
    tables: Tables, query: Query, asked: Asked, found: Candidate, *, place: int, now: Instant
) -> None:
    bare = found.shared and repeat_key(query, asked) == BARE_REPEAT
    memories = {
        "call": query.call_memory if query.call_id is not None else 0,
        "repeat": 0 if bare else query.repeat_window,
    }
    for kind, memory in memories.items():
        if memory:
            key = BindingKey(found.number_id, kind, _key(query, asked, kind), found.session_id)
            late = is_late(found, now)
            tables.bindings[key] = Binding(found.data_id, found.phone, found.code, late, place, now + memory)


def _remembered(
    tables: Tables, query: Query, numbers: tuple[Asked, ...], kind: str, now: Instant
) -> Matched | Ambiguous | None:
    """The earlier answer, unless what is supplied now contradicts it; this request's flags applied afresh."""
    found = [entry for asked in numbers for entry in _bound(tables, query, asked, kind, now)]
    if not found:
        return None
    if len(found) > 1 and not query.policy.multiple:
        return Ambiguous(None)
    answered = found[: query.policy.max_matches]
    matches = [
        Match(session_id, each.data_id, each.late, _values(tables, query, each.data_id, now))
        for session_id, each in answered
    ]
    if query.delete:
        for session_id, _ in answered:
            _delete(tables, query, session_id, now)
    return Matched(tuple(matches), repeated=True)


def _bound(tables: Tables, query: Query, asked: Asked, kind: str, now: Instant) -> list[tuple[str, Binding]]:
    """The sessions that this call was matched to on one number, in the order of the answer."""
    found = [
        (key.session_id, each)
        for key, each in tables.bindings.items()
        if (key.number_id, key.kind, key.key) == (asked.number_id, kind, _key(query, asked, kind))
        and now < each.until
        and contradicts(query, asked, each.phone, each.code) is None
    ]
    return sorted(found, key=lambda entry: (entry[1].place, entry[0]))
