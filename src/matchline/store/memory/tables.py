"""What the store in memory holds: plain objects that know their times, in plain dictionaries."""

from dataclasses import dataclass, field, replace

from matchline.clock import Instant
from matchline.kept.audit import Audited
from matchline.kept.call_log import CallEntry
from matchline.kept.callback import CallbackState
from matchline.kept.charting import ChartEvent, ChartStep, NewChart, Response
from matchline.kept.events import SILENCE, Event, Recording
from matchline.kept.history import PoolSample
from matchline.model import Granted, Key, Pool, Span, Terms, Value
from matchline.observing.masking import Private
from matchline.verdict import Candidate


@dataclass(slots=True)
class AccessNumber:
    id: int
    group: str
    text: str
    turn: int
    draining: bool = False
    last: "Reservation | None" = None  # the exclusive reservation that had it last
    shared_until: Instant = 0  # until then it was promised to those who share it
    reservations: "dict[int, Reservation]" = field(default_factory=dict)

    def released_at(self) -> Instant:
        return self.last.released_at if self.last else 0

    def free_at(self, *, shared: bool) -> Instant:
        """When an exclusive session, or one that shares the number, may have it."""
        busy_until = self.last.span.busy_until if self.last else 0
        return busy_until if shared else max(busy_until, self.shared_until)


@dataclass(slots=True, repr=False)
class Reservation(Private):
    id: int
    session_id: str
    data_id: str
    number: AccessNumber
    shared: bool
    code: str | None
    phone: str | None
    terms: Terms
    client: str | None  # of whose quota it is
    span: Span = field(init=False)
    released_at: Instant = field(init=False)
    open: bool = True
    outcome: str = "expired"  # once it is no longer open

    @property
    def settled_as(self) -> str | None:
        return None if self.open else self.outcome

    @property
    def holds_slot(self) -> bool:
        return not self.shared or self.code is not None

    def is_held(self, now: Instant) -> bool:
        return self.open and now < self.span.expires_at

    def is_still_held(self, now: Instant) -> bool:
        """Whether it is held and its slot was not given to somebody else since, by a step that overtook this one."""
        if not self.is_held(now) or not self.holds_slot:
            return self.is_held(now)
        if not self.shared:
            return self.number.last is self
        return not any(self.clashes(other, now) for other in self.number.reservations.values())

    def clashes(self, other: "Reservation", now: Instant) -> bool:
        """Whether both have codes of which one begins with the other, and the other's is in use."""
        if other is self or not (self.code and other.code) or now >= other.span.busy_until:
            return False
        return self.code.startswith(other.code) or other.code.startswith(self.code)

    def begin(self, terms: Terms, now: Instant) -> None:
        self.terms = terms
        self.span = terms.span(now, holds_slot=self.holds_slot)
        self.released_at = self.span.expires_at
        if self.shared:
            self.number.shared_until = max(self.number.shared_until, self.span.busy_until)

    def settle(self, outcome: str, cooldown: int, now: Instant) -> None:
        """Matched or released: the slot rests from now on."""
        self.open, self.outcome = False, outcome
        self.released_at = now
        self.span = replace(self.span, busy_until=now + (cooldown if self.holds_slot else 0))

    def let_go(self, now: Instant) -> None:
        """Settle without a match: released, or expired when its time is over."""
        if self.is_held(now):
            self.settle("released", self.terms.cooldown, now)
        else:
            self.open = False

    def candidate(self) -> Candidate:
        return Candidate(
            self.id,
            self.session_id,
            self.data_id,
            self.number.id,
            self.shared,
            self.phone,
            self.code,
            self.span.started_at,
            self.span.expires_at,
            self.terms.cooldown_after_match,
        )


@dataclass(slots=True, repr=False)
class RunningSession(Private):
    id: str
    service: str
    data_id: str
    phone_text: str | None
    ttl: int
    ends_at: Instant
    reservation: Reservation | None  # the last that it had
    answer_key: str | None = None  # of its idempotent request
    matched: bool = False
    maker: str | None = None

    def granted(self, held: Reservation, pool: Pool | None = None) -> Granted:
        number = held.number
        return Granted(self.id, self.data_id, number.group, number.text, held.code, held.terms.timeout, pool)


@dataclass(slots=True, repr=False)
class StoredRecord(Private):
    owner: str | None
    expires_at: Instant
    values: dict[str, Value]
    hidden: bool = False  # deleted by a match, kept a little for the same call asked again
    maker: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an idempotent request."""

    digest: str
    granted: Granted


@dataclass(frozen=True, slots=True, repr=False)
class BindingKey(Private):
    number_id: int
    kind: str  # call: the key is the call's id; repeat: the key is code and caller as supplied
    key: str
    session_id: str


@dataclass(frozen=True, slots=True, repr=False)
class Binding(Private):
    """A match that is remembered for the same call asked again."""

    data_id: str
    phone: str | None
    code: str | None
    late: bool
    place: int  # in the answer
    until: Instant


@dataclass(slots=True)
class KeptEvent:
    event: Event
    at: Instant
    keep_until: Instant
    due_at: Instant | None  # None: there is nothing to deliver
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    owner: str
    until: Instant


@dataclass(frozen=True, slots=True, repr=False)
class KeptResponse(Private):
    body: bytes
    at: Instant


@dataclass(slots=True, repr=False)
class KeptChart(Private):
    new: NewChart
    wake_at: Instant | None  # when there is something to do
    version: int = 0
    snapshot: bytes | None = None
    active: str = ""
    owner: str = ""
    lease_until: Instant = 0
    ended_at: Instant | None = None
    stopped: str | None = None
    queue: dict[int, ChartEvent] = field(default_factory=dict)  # by place, in their order
    responses: dict[str, KeptResponse] = field(default_factory=dict)  # by the request's id

    def answer(self, response: Response, now: Instant) -> None:
        """The first answer counts."""
        self.responses.setdefault(response.request_id, KeptResponse(response.body, now))

    def advance(self, step: ChartStep, now: Instant) -> None:
        self.version += 1
        self.snapshot, self.active, self.stopped = step.snapshot, step.active, step.stopped
        if not step.more:
            self.lease_until = 0
        if step.ended:
            self.queue.clear()
            self.ended_at, self.wake_at = now, None
        else:
            self.wake_at = now if self.queue or step.more else step.next_due


@dataclass(slots=True, repr=False)
class KeptEffect(Private):
    session_id: str
    key: str
    body: bytes
    due_at: Instant
    attempts: int = 0


@dataclass(slots=True, repr=False)
class KeptCallback(Private):
    service: str
    phone: str
    phone_text: str
    state: CallbackState
    desired_at: Instant
    calendar: str | None  # where it takes up a place
    reason: str = ""


@dataclass(slots=True)
class Tables:
    version: int = 0
    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: dict[int, AccessNumber] = field(default_factory=dict)
    sessions: dict[str, RunningSession] = field(default_factory=dict)
    reservations: dict[int, Reservation] = field(default_factory=dict)
    records: dict[str, StoredRecord] = field(default_factory=dict)
    bindings: dict[BindingKey, Binding] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    key_uses: dict[str, Instant] = field(default_factory=dict)
    guess_budgets: dict[str, Instant] = field(default_factory=dict)  # guesser → when its budget is full
    calls: dict[int, CallEntry] = field(default_factory=dict)  # in the order of their ids
    last_call: int = 0
    audit: list[Audited] = field(default_factory=list)
    recording: Recording = SILENCE
    events: dict[int, KeptEvent] = field(default_factory=dict)  # by place
    leases: dict[str, Lease] = field(default_factory=dict)
    charts: dict[str, KeptChart] = field(default_factory=dict)  # by session
    effects: dict[int, KeptEffect] = field(default_factory=dict)  # by id
    callbacks: dict[str, KeptCallback] = field(default_factory=dict)  # by session
    last_chart_event: int = 0
    last_effect: int = 0
    samples: dict[tuple[Instant, str], PoolSample] = field(default_factory=dict)
    last_event: int = 0
    last_number_id: int = 0
    last_reservation_id: int = 0

    def settled(self, reservation: Reservation, now: Instant) -> None:
        """A reservation that is over stays only while its slot rests; a sweep may have removed it before."""
        if reservation.span.busy_until <= now:
            self.reservations.pop(reservation.id, None)
            reservation.number.reservations.pop(reservation.id, None)

    def numbers_of(self, group: str) -> list[AccessNumber]:
        return [number for number in self.numbers.values() if number.group == group]
