"""The plain data that travels between the layers. It decides nothing and knows no one.

All times are instants or durations in milliseconds (`clock.py`). `phone` is always a caller's number as
compared (`phone.caller`), `number` an access number's text as configured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct

from matchline.clock import Instant
from matchline.kept.audit import AuditEntry
from matchline.observing.masking import Private
from matchline.principal import Scopes


class Strategy(StrEnum):
    """How a resource group hands out its numbers."""

    CLUSTER = "CLUSTER"
    LOCAL = "LOCAL"
    RANDOM = "RANDOM"
    ROUND_ROBIN = "ROUND_ROBIN"

    @property
    def exclusive(self) -> bool:
        """Whether a number belongs to one session at a time; otherwise codes tell apart those who share it."""
        return self in (Strategy.CLUSTER, Strategy.LOCAL)


class Value(Private, Struct, frozen=True, array_like=True):
    """One stored value: a string (UTF-8, no content type) or a file."""

    body: bytes
    content_type: str | None = None

    @classmethod
    def text(cls, text: str) -> "Value":
        return cls(text.encode())

    @property
    def is_file(self) -> bool:
        return self.content_type is not None


Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a reservation is held on. It keeps them for life, whatever is configured later."""

    timeout: int
    late_grace: int = 0
    cooldown: int = 0
    cooldown_after_match: int = 0

    def __post_init__(self) -> None:
        assert self.timeout > 0
        assert 0 <= self.late_grace <= self.cooldown, "a slot must not be given away in its grace window"

    def span(self, start: Instant, *, holds_slot: bool) -> "Span":
        """The times of a reservation that begins now (rules 15 and 18)."""
        expires_at = start + self.timeout
        late_until = expires_at + self.late_grace
        return Span(start, expires_at, late_until, expires_at + self.cooldown if holds_slot else late_until)


@dataclass(frozen=True, slots=True)
class Span:
    """When a reservation is held, may still match late, and keeps its slot from others. Each end is excluded."""

    started_at: Instant
    expires_at: Instant
    late_until: Instant
    busy_until: Instant


class CodeWish(Private, Struct, frozen=True):
    """Which code a reservation wants: candidates in order, all of one length."""

    candidates: tuple[str, ...]
    most_in_use: int  # live and cooling codes of this length that one number may have, this one included
    leads: frozenset[str]  # the first digits among which `most_in_use` is counted

    @property
    def length(self) -> int:
        return len(self.candidates[0])


class Quota(Struct, frozen=True):
    """How many reservations a client may hold at once, the one that it asks for included."""

    client: str
    most: int


class Wish(Private, Struct, frozen=True):
    """A slot that is asked for."""

    group: str
    strategy: Strategy
    terms: Terms
    phone: str | None = None
    code: CodeWish | None = None
    pick: int = 0  # a random number, for the strategy RANDOM
    quota: Quota | None = None  # None: as many as there are

    @property
    def code_length(self) -> int:
        return self.code.length if self.code else 0


class NewSession(Private, Struct, frozen=True):
    id: str
    service: str
    data_id: str
    phone_text: str | None  # the device's number as it was given
    ttl: int
    maker: str | None = None  # the id of the principal that began it, if one is known


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's promise that a repeated request is the same request."""

    key: str  # client, service and header, folded into one
    digest: str  # of the request


class Claim(Private, Struct, frozen=True):
    """A new session with its data and its reservation, all in one step."""

    session: NewSession
    values: Values
    wish: Wish
    idempotency: Idempotency | None = None
    with_pool: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """The slots of an exclusive group at one instant: free + reserved + cooling = total."""

    total: int
    free: int
    reserved: int
    cooling: int


class Granted(Private, Struct, frozen=True):
    """A slot that was given to a session."""

    session_id: str
    data_id: str
    group: str
    number: str
    code: str | None
    timeout: int
    pool: Pool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Held(Private):
    """A reservation that is held now."""

    group: str
    number: str
    code: str | None
    expires_at: Instant


class Lost(StrEnum):
    """What became of the last reservation of a live session, where no call came."""

    EXPIRED = "expired"
    RELEASED = "released"  # by hand


@dataclass(frozen=True, slots=True, repr=False)
class Session(Private):
    """A live session."""

    id: str
    service: str
    data_id: str
    phone_text: str | None
    ends_at: Instant
    matched: bool
    held: Held | None
    maker: str | None = None
    lost: Lost | None = None  # None: it holds one, was matched, or never had any


@dataclass(frozen=True, slots=True, repr=False)
class Record(Private):
    """A stored set of user data."""

    id: str
    owner: str | None
    expires_at: Instant
    values: Values
    maker: str | None = None  # the id of the principal that stored it, if one is known


@dataclass(frozen=True, slots=True)
class Number:
    """An access number as stored."""

    id: int
    group: str
    text: str
    draining: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, without its secret."""

    id: str
    name: str  # for people
    digest: str  # of the secret
    scopes: Scopes
    services: frozenset[str] | None  # None: any
    groups: frozenset[str] | None
    created_at: Instant


Sections = Mapping[str, Mapping[str, str]]  # section → option → text


@dataclass(frozen=True, slots=True)
class Stored:
    """The configuration as the store holds it; `version` grows with every change."""

    version: int = 0
    sections: Sections = field(default_factory=dict)
    numbers: tuple[Number, ...] = ()
    keys: tuple[Key, ...] = ()  # in the order of their ids


@dataclass(frozen=True, slots=True)
class Change:
    """Changes of the configuration, applied in one step. A text of None removes the option or section."""

    options: tuple[tuple[str, str, str | None], ...] = ()  # section, option, text
    removed_sections: tuple[str, ...] = ()
    added: tuple[tuple[str, str], ...] = ()  # group, number; one that is draining is taken back
    removed: tuple[int, ...] = ()  # ids of numbers that drain from now on
    created: tuple[Key, ...] = ()
    revoked: tuple[str, ...] = ()  # ids of keys
    entry: AuditEntry | None = None  # of the audit trail, written in the same step

    def __bool__(self) -> bool:
        return any(
            (self.options, self.removed_sections, self.added, self.removed, self.created, self.revoked)
        )


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed because its time was over."""

    sessions: int = 0
    reservations: int = 0
    records: int = 0
    bindings: int = 0
    numbers: int = 0
    budgets: int = 0  # against guessing, that are full again

    @property
    def total(self) -> int:
        return self.sessions + self.reservations + self.records + self.bindings + self.numbers + self.budgets
