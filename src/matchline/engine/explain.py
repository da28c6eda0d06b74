"""Why a call would match or not (rule 14): how it was read, what speaks for whom, what happened before.

It decides nothing: the store says what would be answered, and `verdict.weigh` what became of each candidate.
"""

from enum import StrEnum

from msgspec import Struct

from matchline import phone
from matchline.clock import SECOND, Instant, whole_seconds
from matchline.engine.handling import Call
from matchline.engine.policy import Configuration
from matchline.foretold import Foretold, Known, State
from matchline.kept.call_log import CallEntry, Reason, why_matched, why_not
from matchline.model import Number
from matchline.observing.masking import Private
from matchline.verdict import (
    Asked,
    Candidate,
    Matched,
    Query,
    Rank,
    Refusal,
    Verdict,
    contradicts,
    weigh,
)


class Finding(StrEnum):
    MET = "met"
    CONTRADICTED = "contradicted"
    NEUTRAL = "neutral"


class Criterion(Struct, frozen=True):
    name: str
    finding: Finding
    why: str


class Weighed(Private, Struct, frozen=True):
    """One reservation on the called number, as this call bears on it."""

    session_id: str
    phone: str | None
    state: State
    when: str  # such as "expired 12 s ago"
    criteria: tuple[Criterion, ...]
    weight: Rank | Refusal | None  # None: it is no candidate any more
    answered: bool


class Explanation(Struct, frozen=True):
    """Everything about one call that would be asked about now."""

    at: Instant
    readings: tuple[str, ...]
    verdict: Verdict
    reason: Reason
    weighed: tuple[Weighed, ...]
    history: tuple[CallEntry, ...]  # of the called number, newest first


_WEIGHTS = {
    Rank.CODE_AND_PHONE: "found by number, code and phone",
    Rank.CODE: "found by number and code",
    Rank.PHONE: "found by number and phone",
    Rank.NUMBER: "found by the number alone",
}


def in_words(weight: Rank | Refusal) -> str:
    return _WEIGHTS[weight] if isinstance(weight, Rank) else str(weight)


def readings(current: Configuration, call: Call, query: Query) -> tuple[str, ...]:
    """How the numbers and digits of the call were read, a sentence each."""
    return (
        *_called(current, call),
        *_caller(call, query),
        *_digits(call, query),
    )


def weighed(foretold: Foretold, query: Query, now: Instant) -> tuple[Weighed, ...]:
    asked = {each.number_id: each for each in query.numbers}
    matches = foretold.verdict.matches if isinstance(foretold.verdict, Matched) else ()
    answered = {match.session_id for match in matches}
    return tuple(
        _weighed(query, asked[known.candidate.number_id], known, answered, now) for known in foretold.known
    )


def reason(foretold: Foretold, query: Query, now: Instant) -> Reason:
    """As the call log would have it."""
    verdict = foretold.verdict
    waiting = [known.candidate for known in foretold.known if known.is_open(now)]
    if not isinstance(verdict, Matched):
        return why_not(query, verdict, waiting)
    first = next((each for each in waiting if each.session_id == verdict.matches[0].session_id), None)
    if verdict.repeated or first is None:
        return Reason.SAME_CALL
    return why_matched(query, first)


def ago(instant: Instant, now: Instant) -> str:
    """Such as "12 s ago"."""
    return f"{(now - instant) // SECOND} s ago"


def _called(current: Configuration, call: Call) -> list[str]:
    found = current.directory.find(call.access_number)
    if not found:
        region = current.server.default_region
        read = _read_as(call.access_number, call.access_number, region)
        return [f"{read}: no access number that is configured"]
    return [_found(current, call.access_number, number) for number in found]


def _found(current: Configuration, called: str, number: Number) -> str:
    drains = ", which drains" if number.draining else ""
    read = _read_as(called, number.text, current.directory.region(number))
    return f"{read}: {number.text}, a number of group {number.group}{drains}"


def _read_as(given: str, meant: str, region: str | None) -> str:
    where = f"in region {region}" if region else "without a region"
    return f"{given} read as {phone.normalise(meant, region)} {where}"


def _caller(call: Call, query: Query) -> list[str]:
    read = sorted({asked.phone for asked in query.numbers if asked.phone})
    if read:
        return [f"the caller's number {call.phone} read as {each}" for each in read]
    return ["the caller shows no number"] if query.numbers else []


def _digits(call: Call, query: Query) -> list[str]:
    if query.code is None:
        return ["no code was keyed in"]
    cleaned = "" if query.code == call.digits else " once the separators are gone"
    return [f"a code of {len(query.code)} digits was keyed in{cleaned}"]


def _weighed(query: Query, asked: Asked, known: Known, answered: set[str], now: Instant) -> Weighed:
    candidate, state = known.candidate, known.state(now)
    return Weighed(
        candidate.session_id,
        candidate.phone,
        state,
        _when(known, state, now),
        (_code(query, candidate), _phone(query, asked, candidate)),
        weigh(query, asked, candidate) if known.is_open(now) else None,
        candidate.session_id in answered,
    )


def _when(known: Known, state: State, now: Instant) -> str:
    candidate = known.candidate
    expired = f"expired {ago(candidate.expires_at, now)}"
    match state:
        case State.HELD:
            since = (now - candidate.started_at) // SECOND
            return f"held since {since} s, for {_left(candidate.expires_at, now)} s more"
        case State.IN_GRACE:
            return f"{expired}, calls may come late for {_left(known.late_until, now)} s more"
        case State.EXPIRED:
            return expired
    return f"{state}; its slot rests"


def _left(until: Instant, now: Instant) -> int:
    return whole_seconds(until - now)


def _code(query: Query, candidate: Candidate) -> Criterion:
    if query.code is None:
        why = "no code was keyed in" if candidate.code else "the session has none"
        return Criterion("code", Finding.NEUTRAL, why)
    alone = contradicts(query, Asked(candidate.number_id, None), None, candidate.code)
    if alone:
        return Criterion("code", Finding.CONTRADICTED, str(alone))
    return Criterion("code", Finding.MET, "it is the session's")


def _phone(query: Query, asked: Asked, candidate: Candidate) -> Criterion:
    if asked.phone is None:
        return Criterion("phone", Finding.NEUTRAL, "the caller shows no number")
    if candidate.phone is None:
        return Criterion("phone", Finding.NEUTRAL, "the session has none")
    if asked.phone == candidate.phone:
        return Criterion("phone", Finding.MET, "it is the session's")
    if contradicts(query, asked, candidate.phone, query.code) is None:
        return Criterion("phone", Finding.NEUTRAL, "it is another, and a right code overrides it")
    return Criterion("phone", Finding.CONTRADICTED, str(Refusal.OTHER_PHONE))
