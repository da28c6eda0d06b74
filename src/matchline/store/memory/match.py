"""The step that decides whose call it is and settles what matched (rules 7 to 12)."""

from matchline.clock import Instant
from matchline.guessing import Guessers, guessers, may_be_answered_again, without_budget
from matchline.kept.call_log import Reason, why_matched, why_not
from matchline.model import Values
from matchline.store.memory import call_log, chart_events, events, guesses, records
from matchline.store.memory.sessions import close, find_session, prolong
from matchline.store.memory.tables import Binding, BindingKey, Tables
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


def match(tables: Tables, query: Query, now: Instant) -> Verdict:
    if query.call_id is not None:
        bound = remembered_call(tables, query, now)
        if bound:
            return bound
    decision, candidates, guessing = decide_now(tables, query, now)
    if isinstance(decision, Chosen):
        return Matched(_settle_all(tables, query, decision.candidates, now))
    repeated = remembered_repeat(tables, query, decision, now)
    if repeated:
        return repeated
    if isinstance(decision, NoneMatches):
        guesses.spend(tables, guessing, now)
    call_log.add(tables, query, why_not(query, decision, candidates), now)
    return decision


def decide_now(tables: Tables, query: Query, now: Instant) -> tuple[Decision, list[Candidate], Guessers]:
    """The decision, over whom it was made, and who is charged when it is none."""
    candidates = _candidates(tables, query, now)
    decision = decide(query, candidates)
    guessing = guessers(query, decision)
    if guessing and not guesses.have_budget(tables, guessing, now):
        return without_budget(query, decision), candidates, {}
    return decision, candidates, guessing


def _candidates(tables: Tables, query: Query, now: Instant) -> list[Candidate]:
    asked = {asked.number_id for asked in query.numbers}
    candidates = (
        each.candidate()
        for number_id in asked
        if number_id in tables.numbers
        for each in tables.numbers[number_id].reservations.values()
        if each.open and now < each.span.late_until
    )
    return [each for each in candidates if may_be_meant(query, each, now)]


def _settle_all(
    tables: Tables, query: Query, chosen: tuple[Candidate, ...], now: Instant
) -> tuple[Match, ...]:
    keep = query.keep_multiple and len(chosen) > 1
    asked = {asked.number_id: asked for asked in query.numbers}
    matches = []
    for place, each in enumerate(chosen):
        values, late = _values(tables, query, each.data_id, now), is_late(each, now)
        matches.append(Match(each.session_id, each.data_id, late, values, waited(each, now)))
        call_log.add(tables, query, why_matched(query, each), now, session_id=each.session_id, late=late)
        if not keep:
            reservation = tables.reservations[each.reservation_id]
            reservation.settle("matched", reservation.terms.cooldown_after_match, now)
            tables.settled(reservation, now)
            events.note_match(tables, each, now)
            chart_events.tell_match(tables, query, each, now)
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


def remembered_call(tables: Tables, query: Query, now: Instant) -> Matched | Ambiguous | None:
    """The answer that this call id got."""
    return _remembered(tables, query, query.numbers, "call", now)


def remembered_repeat(
    tables: Tables, query: Query, decision: Decision, now: Instant
) -> Matched | Ambiguous | None:
    """The answer that the same call without an id got, where it may be given instead of the decision."""
    for asked in query.numbers:
        if may_repeat(query, asked, decision) and may_be_answered_again(asked, decision):
            repeated = _remembered(tables, query, (asked,), "repeat", now)
            if repeated:
                return repeated
    return None


def _remembered(
    tables: Tables, query: Query, numbers: tuple[Asked, ...], kind: str, now: Instant
) -> Matched | Ambiguous | None:
    """The earlier answer, unless what is supplied now contradicts it; this request's flags applied afresh."""
    found = [entry for asked in numbers for entry in _bound(tables, query, asked, kind, now)]
    if not found:
        return None
    if len(found) > 1 and not query.policy.multiple:
        call_log.add(tables, query, Reason.EQUALS, now, repeated=True)
        return Ambiguous(None)
    answered = found[: query.policy.max_matches]
    matches = [
        Match(session_id, each.data_id, each.late, _values(tables, query, each.data_id, now))
        for session_id, each in answered
    ]
    if query.delete:
        for session_id, _ in answered:
            _delete(tables, query, session_id, now)
    for each in matches:
        call_log.add(
            tables, query, Reason.SAME_CALL, now, session_id=each.session_id, late=each.late, repeated=True
        )
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
