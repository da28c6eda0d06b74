"""What a call would be answered, and what it would be decided over (rule 14). Plain data and pure functions."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from matchline.clock import Instant
from matchline.verdict import Candidate, Chosen, Decision, Match, Matched, Query, Verdict, is_late


class State(StrEnum):
    """What became of a reservation."""

    HELD = "held"
    IN_GRACE = "in grace"  # over, and a call may still come late
    EXPIRED = "expired"
    MATCHED = "matched"
    RELEASED = "released"


class Known(Struct, frozen=True):
    """A reservation on the called number that the store still knows."""

    candidate: Candidate
    late_until: Instant
    outcome: str | None  # what settled it, if anything did

    def is_open(self, now: Instant) -> bool:
        """Whether it is a candidate."""
        return self.outcome is None and now < self.late_until

    def state(self, now: Instant) -> State:
        if self.outcome is not None:
            return State(self.outcome)
        if now < self.candidate.expires_at:
            return State.HELD
        return State.IN_GRACE if now < self.late_until else State.EXPIRED


class Foretold(Struct, frozen=True):
    verdict: Verdict
    known: tuple[Known, ...]  # newest first, and not all where very many wait


KNOWN_LIMIT = 100  # reservations of each kind on one number that are told of, the newest


def rehearsal(query: Query) -> Query:
    """The same call, asked without any consequence."""
    return replace(query, with_values=False, delete=False, note=None)


def as_verdict(decision: Decision, now: Instant) -> Verdict:
    """What a match would answer, had it settled what was chosen."""
    if not isinstance(decision, Chosen):
        return decision
    return Matched(
        tuple(Match(each.session_id, each.data_id, is_late(each, now)) for each in decision.candidates)
    )
