"""The decision whose call it is: pure functions over what is supplied and who waits (rules 7 to 10).

Every store asks this module within its atomic match step, so that there is one decision, not one per store.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from msgspec import Struct

from matchline.clock import LARGEST_DIFFERENCE, Instant
from matchline.model import Values
from matchline.observing.masking import Private


class RequireCode(StrEnum):
    """When a session that has a code is found by it alone (rule 7)."""

    NEVER = "never"
    SHARED = "shared"
    ALWAYS = "always"


class MatchPolicy(Struct, frozen=True):
    """How a match service wants its calls decided."""

    require_code: RequireCode = RequireCode.SHARED
    newest_of_equals: bool = False
    code_overrides_phone: bool = False
    multiple: bool = False
    max_matches: int = 100


class Asked(Private, Struct, frozen=True):
    """One reading of the called number, and the caller as read in the region of that number's group."""

    number_id: int
    phone: str | None


class CallNote(Private, Struct, frozen=True):
    """What the call log keeps of a call besides its verdict (rule 23)."""

    number: str
    caller: str | None  # as it is to be kept
    service: str


class GuessBudget(Struct, frozen=True):
    """A token bucket for guesses (rule 6); what is kept of it is the instant at which it is full again."""

    guesses: int  # that a full bucket allows
    refill: int  # ms until one more is allowed

    def wait(self, full_at: Instant, now: Instant) -> int:
        """Milliseconds until one more is allowed; 0: it is now."""
        return max(0, full_at - now - (self.guesses - 1) * self.refill)

    def allows_one(self, full_at: Instant, now: Instant) -> bool:
        return self.wait(full_at, now) == 0

    def spent(self, full_at: Instant, now: Instant) -> Instant:
        """When it is full again after one more guess."""
        return max(full_at, now) + self.refill


class GuessBudgets(Struct, frozen=True):
    """Of each caller, and of each called number for all callers without one. None: no limit."""

    caller: GuessBudget | None = None
    number: GuessBudget | None = None


NO_BUDGETS = GuessBudgets()


class Query(Private, Struct, frozen=True):
    """A call that is asked about, and what is to be done with the session that it belongs to."""

    numbers: tuple[Asked, ...]
    code: str | None = None
    call_id: str | None = None
    policy: MatchPolicy = MatchPolicy()
    with_values: bool = False
    delete: bool = False
    keep_multiple: bool = False  # several matches stay reserved
    ttl_after_match: int = 0
    call_memory: int = 0
    repeat_window: int = 0
    note: CallNote | None = None  # None: the call log is off
    budgets: GuessBudgets = NO_BUDGETS


class Candidate(Private, Struct, frozen=True):
    """An unsettled reservation on the called number, held or within its grace window."""

    reservation_id: int
    session_id: str
    data_id: str
    number_id: int
    shared: bool
    phone: str | None
    code: str | None
    started_at: Instant
    expires_at: Instant
    cooldown: int = 0  # ms that its slot rests after a match

    @property
    def holds_slot(self) -> bool:
        return not self.shared or self.code is not None


class Rank(IntEnum):
    """What spoke for a candidate; the lowest is best (rule 9)."""

    CODE_AND_PHONE = 1
    CODE = 2
    PHONE = 3
    NUMBER = 4


class Refusal(StrEnum):
    """Why a candidate is not the one."""

    HAS_NO_CODE = "a code was keyed in, the session has none"
    WRONG_CODE = "the code is another"
    OTHER_PHONE = "the caller's number is another"
    NEEDS_CODE = "the session is found by its code only"
    NEEDS_PHONE = "on a shared number the session is found by its phone only"


class Match(Private, Struct, frozen=True):
    """A session that a call belongs to."""

    session_id: str
    data_id: str
    late: bool
    values: Values | None = None
    waited: int = 0  # ms since it was reserved; 0 in an answer that is repeated


class Matched(Struct, frozen=True):
    matches: tuple[Match, ...]
    repeated: bool = False  # the answer of an earlier match, given again


@dataclass(frozen=True, slots=True)
class Ambiguous:
    digits: int | None


@dataclass(frozen=True, slots=True)
class NeedsCode:
    digits: int


@dataclass(frozen=True, slots=True)
class NoneMatches:
    slowed: bool = False  # the caller has guessed too often, so that the codes were not compared (rule 6)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The candidates that match, best first; the store settles them and answers `Matched`."""

    candidates: tuple[Candidate, ...]


Verdict = Matched | Ambiguous | NeedsCode | NoneMatches
Decision = Chosen | Ambiguous | NeedsCode | NoneMatches


def may_be_meant(query: Query, candidate: Candidate, now: Instant) -> bool:
    """Whether a call that was asked about at this instant can mean the reservation at all (rule 15).

    One that began later was given to somebody by a step that overtook this one. The number alone proves nothing then:
    whoever called may have had it before. A right code or the same phone does.
    """
    if candidate.started_at <= now + LARGEST_DIFFERENCE or (query.code and query.code == candidate.code):
        return True
    phones = {asked.phone for asked in query.numbers if asked.number_id == candidate.number_id}
    return candidate.phone is not None and candidate.phone in phones


def contradicts(query: Query, asked: Asked, phone: str | None, code: str | None) -> Refusal | None:
    """Why what was supplied cannot mean a session with this phone and code; None when it can (rules 7, 8)."""
    if query.code is not None and code is None:
        return Refusal.HAS_NO_CODE
    if query.code is not None and query.code != code:
        return Refusal.WRONG_CODE
    other_phone = asked.phone is not None and phone is not None and asked.phone != phone
    if other_phone and not (query.code is not None and query.policy.code_overrides_phone):
        return Refusal.OTHER_PHONE
    return None


def weigh(query: Query, asked: Asked, candidate: Candidate) -> Rank | Refusal:
    """How well one candidate matches, or why it does not."""
    refusal = contradicts(query, asked, candidate.phone, candidate.code)
    if refusal:
        return refusal
    same_phone = asked.phone is not None and asked.phone == candidate.phone
    if query.code is not None:
        return Rank.CODE_AND_PHONE if same_phone else Rank.CODE
    policy = query.policy
    if candidate.code is not None and policy.require_code is RequireCode.ALWAYS:
        return Refusal.NEEDS_CODE
    protected = candidate.shared and policy.require_code is not RequireCode.NEVER and not policy.multiple
    if protected and not same_phone:
        if candidate.code is not None:
            return Refusal.NEEDS_CODE
        if candidate.phone is not None:
            return Refusal.NEEDS_PHONE
    return Rank.PHONE if same_phone else Rank.NUMBER


def decide(query: Query, candidates: Iterable[Candidate]) -> Decision:
    """The verdict over all candidates of the asked numbers (rules 7 to 10)."""
    asked_by_number = {asked.number_id: asked for asked in query.numbers}
    ranked: list[tuple[Rank, Candidate]] = []
    needing_code: list[Candidate] = []
    for candidate in candidates:
        weight = weigh(query, asked_by_number[candidate.number_id], candidate)
        if isinstance(weight, Rank):
            ranked.append((weight, candidate))
        elif weight is Refusal.NEEDS_CODE:
            needing_code.append(candidate)
    if not ranked:
        return NeedsCode(_digits(needing_code)) if needing_code else NoneMatches()
    ranked.sort(key=lambda entry: (entry[0], -entry[1].reservation_id))
    if query.policy.multiple:
        return Chosen(tuple(candidate for _, candidate in ranked[: query.policy.max_matches]))
    best = [candidate for rank, candidate in ranked if rank == ranked[0][0]]
    if len(best) == 1:
        return Chosen((best[0],))
    if query.policy.newest_of_equals:
        return Chosen((best[0],))
    settled_by_code = query.code is None and any(candidate.code for candidate in best)
    return Ambiguous(_digits(best) if settled_by_code else None)


BARE_REPEAT = "/"  # the repeat key of a call that told nothing but the number


def repeat_key(query: Query, asked: Asked) -> str:
    """What a repeated call without a call id is recognised by: the code and the phone that it supplies."""
    return f"{query.code or ''}/{asked.phone or ''}"


def ended_repeats(phone: str | None) -> tuple[str, ...]:
    """The repeat keys that a new reservation for this phone ends on its number.

    Whoever tells no more than the number, or shows this phone, may by now mean the new session.
    """
    return (BARE_REPEAT,) if phone is None else (BARE_REPEAT, f"{BARE_REPEAT}{phone}")


def may_repeat(query: Query, asked: Asked, decision: Decision) -> bool:
    """Whether an earlier answer may be given instead of this decision.

    A call that must key in a code gets no earlier answer unless its phone tells that it is the same caller: whoever
    shares the number would get somebody else's session.
    """
    if not query.repeat_window or query.call_id is not None:
        return False
    return isinstance(decision, NoneMatches) or (isinstance(decision, NeedsCode) and asked.phone is not None)


def is_late(candidate: Candidate, now: Instant) -> bool:
    """Whether the reservation is over and only its grace window still lets the call match."""
    return candidate.expires_at <= now


def waited(candidate: Candidate, now: Instant) -> int:
    """How long ago the reservation began, in ms."""
    return now - candidate.started_at


def _digits(candidates: list[Candidate]) -> int:
    return max(len(candidate.code or "") for candidate in candidates)
