"""The call log: what was asked about, and what came of it (rule 23). Plain data and pure functions.

An entry tells no more of the caller than the note that came with the call: as a rule the number masked.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from matchline.clock import Instant
from matchline.observing.masking import Private
from matchline.verdict import (
    Ambiguous,
    Candidate,
    Decision,
    NeedsCode,
    NoneMatches,
    Query,
    Rank,
    Refusal,
    weigh,
)


class Outcome(StrEnum):
    """A verdict in a word; the wire's `_reason` uses the same."""

    MATCHED = "matched"
    NO_MATCH = "no-match"
    CODE_NEEDED = "code-needed"
    AMBIGUOUS = "ambiguous"


class Reason(StrEnum):
    """Why the verdict was what it was."""

    # matched: what spoke for the session
    CODE_AND_PHONE = "code-and-phone"
    CODE = "code"
    PHONE = "phone"
    NUMBER = "number"
    SAME_CALL = "same-call"  # an earlier answer, given again
    # not matched
    UNKNOWN_NUMBER = "unknown-number"  # the called number is not configured
    NO_SUCH_CODE = "no-such-code"
    SLOWED = "slowed"  # guessed too often, so that the code was not compared
    OTHER_PHONE = "other-phone"
    PHONE_NEEDED = "phone-needed"
    CODE_NEEDED = "code-needed"
    EQUALS = "equals"
    NOBODY_WAITS = "nobody-waits"

    @property
    def outcome(self) -> Outcome:
        return _OUTCOMES.get(self, Outcome.NO_MATCH)


_OUTCOMES = {
    **dict.fromkeys(
        (Reason.CODE_AND_PHONE, Reason.CODE, Reason.PHONE, Reason.NUMBER, Reason.SAME_CALL), Outcome.MATCHED
    ),
    Reason.CODE_NEEDED: Outcome.CODE_NEEDED,
    Reason.EQUALS: Outcome.AMBIGUOUS,
}

_OF_RANK = {
    Rank.CODE_AND_PHONE: Reason.CODE_AND_PHONE,
    Rank.CODE: Reason.CODE,
    Rank.PHONE: Reason.PHONE,
    Rank.NUMBER: Reason.NUMBER,
}


class CallEntry(Private, Struct, frozen=True):
    """One call that was asked about. Where several sessions were answered there is an entry for each."""

    id: int  # grows
    at: Instant
    number: str  # the called number as configured, or as it was given when it is not
    caller: str | None  # masked unless the server keeps whole numbers; None: the caller showed none
    reason: Reason
    late: bool
    repeated: bool
    session_id: str | None
    service: str
    call_id: str | None


class CallsWanted(Private, Struct, frozen=True):
    """Which entries are wanted; None: whatever it is."""

    numbers: frozenset[str] | None = None
    phones: frozenset[str] | None = None  # the caller's number, masked and whole
    outcome: Outcome | None = None
    before: int | None = None  # entries with a lower id
    limit: int = 100
    session_id: str | None = None
    since: Instant | None = None  # entries from before this instant end the page

    def has(self, entry: CallEntry) -> bool:
        return (
            (self.numbers is None or entry.number in self.numbers)
            and (self.phones is None or entry.caller in self.phones)
            and (self.outcome is None or entry.reason.outcome is self.outcome)
            and (self.session_id is None or entry.session_id == self.session_id)
        )


class CallPage(Struct, frozen=True):
    """Entries, newest first; older ones begin before `next`, where there may be any."""

    entries: tuple[CallEntry, ...]
    next: int | None


LOOKED_AT = 5000  # entries that one page goes through, so that it holds up no one for long


def page(newest: Iterable[CallEntry], wanted: CallsWanted) -> CallPage:
    """What is wanted of the newest `LOOKED_AT` entries, newest first."""
    found: list[CallEntry] = []
    looked, last = 0, None
    for entry in newest:
        if wanted.since is not None and entry.at < wanted.since:
            return CallPage(tuple(found), None)
        looked, last = looked + 1, entry.id
        if wanted.has(entry):
            found.append(entry)
        if len(found) == wanted.limit:
            return CallPage(tuple(found), last)
    return CallPage(tuple(found), last if looked == LOOKED_AT else None)


def why_matched(query: Query, candidate: Candidate) -> Reason:
    asked = next(each for each in query.numbers if each.number_id == candidate.number_id)
    rank = weigh(query, asked, candidate)
    assert isinstance(rank, Rank), "it was chosen"
    return _OF_RANK[rank]


def why_not(query: Query, decision: Decision, candidates: Iterable[Candidate]) -> Reason:
    """Of those who wait under another code, or on a shared number for another phone, a store need not know."""
    match decision:
        case NeedsCode():
            return Reason.CODE_NEEDED
        case Ambiguous():
            return Reason.EQUALS
        case NoneMatches(slowed=True):
            return Reason.SLOWED
    return _why_nobody(query, candidates) if query.numbers else Reason.UNKNOWN_NUMBER


def _why_nobody(query: Query, candidates: Iterable[Candidate]) -> Reason:
    asked = {each.number_id: each for each in query.numbers}
    refusals = {
        weigh(query, asked[each.number_id], each)
        for each in candidates
        if (not _waits_for_another(query, each) if query.code is None else each.code == query.code)
    }
    if Refusal.OTHER_PHONE in refusals:
        return Reason.OTHER_PHONE
    if query.code is not None:
        return Reason.NO_SUCH_CODE
    return Reason.PHONE_NEEDED if Refusal.NEEDS_PHONE in refusals else Reason.NOBODY_WAITS


def _waits_for_another(query: Query, candidate: Candidate) -> bool:
    """On a shared number those of other callers are not looked at."""
    phones = {each.phone for each in query.numbers if each.number_id == candidate.number_id}
    return candidate.shared and candidate.phone is not None and phones.isdisjoint({None, candidate.phone})
