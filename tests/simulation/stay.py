"""Reservations and sessions as the rules want them: each time is reckoned here anew, with no code of a store's."""

from dataclasses import dataclass, field

from matchline.clock import Instant
from matchline.model import Held, Terms


@dataclass(slots=True, eq=False)
class Stay:
    """One reservation, from its claim to its end."""

    group: str
    number: str
    code: str | None
    phone: str | None
    shared: bool
    terms: Terms
    started_at: Instant
    settled: bool = False
    rested_at: Instant = 0  # once settled: from then on the slot is anybody's

    @property
    def holds_slot(self) -> bool:
        return not self.shared or self.code is not None

    @property
    def expires_at(self) -> Instant:
        return self.started_at + self.terms.timeout

    @property
    def late_until(self) -> Instant:
        return self.expires_at + self.terms.late_grace

    @property
    def guarded_until(self) -> Instant:
        """Until then the slot is nobody else's (rule 18)."""
        if self.settled:
            return self.rested_at
        return self.expires_at + (self.terms.cooldown if self.holds_slot else self.terms.late_grace)

    def is_held(self, now: Instant) -> bool:
        return not self.settled and now < self.expires_at

    def match(self, now: Instant) -> None:
        rested_at = now + (self.terms.cooldown_after_match if self.holds_slot else 0)
        self.settled, self.rested_at = True, rested_at

    def let_go(self, now: Instant) -> None:
        """Released; what is over already rests as it would have."""
        rested_at = self.guarded_until
        if self.is_held(now):
            rested_at = now + (self.terms.cooldown if self.holds_slot else 0)
        self.settled, self.rested_at = True, rested_at

    def bars(self, other: "Stay") -> bool:
        """Whether the two cannot have their slots at one time."""
        if self.number != other.number:
            return False
        if not (self.shared and other.shared):
            return True
        if self.code is None or other.code is None:
            return False
        return self.code.startswith(other.code) or other.code.startswith(self.code)


@dataclass(slots=True, eq=False)
class Life:
    """One session, from its claim to its end."""

    id: str
    data_id: str
    marker: str  # whose data these are
    ttl: int
    ends_at: Instant
    stays: list[Stay] = field(default_factory=list)
    matched: bool = False
    calls: set[str | None] = field(default_factory=set)  # the call ids that it was matched to

    @property
    def stay(self) -> Stay:
        return self.stays[-1]

    def is_live(self, now: Instant) -> bool:
        return now < self.ends_at

    def held(self, now: Instant) -> Held | None:
        stay = self.stay
        return Held(stay.group, stay.number, stay.code, stay.expires_at) if stay.is_held(now) else None
