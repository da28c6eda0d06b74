"""What the server answers, as typed values. Numbers and flags are texts on the wire, and are none here."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field


class Answer(Struct, frozen=True, kw_only=True):
    """What is not known of an answer is passed over, so that a newer server does no harm."""


class Access(Answer, frozen=True, kw_only=True):
    """What a customer dials."""

    access_number: str = field(name="_access_number")  # as it was configured
    access_code: str | None = field(name="_access_code", default=None)
    expires_in: int = field(name="_expiration_time")  # seconds
    tel_url: str | None = field(name="_tel_url", default=None)


class PoolHealth(Answer, frozen=True, kw_only=True):
    group: str = field(name="_group")
    strategy: str = field(name="_strategy")
    total: int = field(name="_total")
    free: int = field(name="_free")
    reserved: int = field(name="_reserved")
    cooling: int = field(name="_cooling")


class Reserved(Access, frozen=True, kw_only=True):
    """A session that has begun."""

    id: str = field(name="_id")
    data_id: str = field(name="_data_id")
    pool_health: PoolHealth | None = field(name="_pool_health", default=None)


class Renewed(Access, frozen=True, kw_only=True):
    id: str = field(name="_id")


class Match(Answer, frozen=True, kw_only=True):
    """Whose call it is."""

    id: str = field(name="_id")
    data_id: str = field(name="_data_id")
    user_data: dict[str, str] | None = None  # when it was asked for
    late: bool = field(name="_late", default=False)
    reason: str | None = field(name="_reason", default=None)


class Matches(Answer, frozen=True, kw_only=True):
    matches: list[Match]  # best first


class Session(Answer, frozen=True, kw_only=True):
    id: str = field(name="_id")
    service: str = field(name="_service")
    data_id: str = field(name="_data_id")
    state: str = field(name="_state")  # waiting or matched
    ttl_left: int = field(name="_ttl_left")  # seconds
    access_number: str | None = field(
        name="_access_number", default=None
    )  # while it is reserved, as the next two
    access_code: str | None = field(name="_access_code", default=None)
    expires_in: int | None = field(name="_expiration_time", default=None)


class Done(Answer, frozen=True, kw_only=True):
    id: str = field(name="_id")


class Stored(Answer, frozen=True, kw_only=True):
    id: str


class Booked(Answer, frozen=True, kw_only=True):
    """A callback that was booked; its id is its session's."""

    id: str = field(name="_id")
    data_id: str = field(name="_data_id")


class Rescheduled(Answer, frozen=True, kw_only=True):
    id: str = field(name="_id")
    desired_at: datetime = field(name="_desired_time")


class Callback(Answer, frozen=True, kw_only=True):
    id: str = field(name="_id")
    service: str = field(name="_service_name")
    customer_number: str = field(name="_customer_number")  # as it was given
    state: str = field(name="_callback_state")  # SCHEDULED, QUEUED, ROUTING, PROCESSING, COMPLETED
    desired_at: datetime = field(name="_desired_time")
    ends_at: datetime = field(name="_expiration_time")  # of its session
    url: str = field(name="_url")
    reason: str | None = field(name="_callback_reason", default=None)


Slots = dict[datetime, int]  # free slots → how many callbacks each still takes


class SessionEvent(Answer, frozen=True, kw_only=True):
    """What happened to a session; what it holds now is told with `reserved` and `renewed`."""

    type: str = ""
    id: str = field(name="_id")
    access_number: str | None = field(name="_access_number", default=None)
    access_code: str | None = field(name="_access_code", default=None)
    expires_in: int | None = field(name="_expiration_time", default=None)
    tel_url: str | None = field(name="_tel_url", default=None)


class Event(Answer, frozen=True, kw_only=True):
    """What happened on the server, for administrators."""

    id: int  # the cursor
    type: str
    time: str
    session: str = field(name="_id", default="")
    service: str = ""
    group: str = ""
    access_number: str = field(name="_access_number", default="")
    seconds: int | None = None


class Events(Answer, frozen=True, kw_only=True):
    events: list[Event]


class AuditEntry(Answer, frozen=True, kw_only=True):
    id: int
    time: str
    who: str
    what: str
    before: dict[str, str]
    after: dict[str, str]


class Audit(Answer, frozen=True, kw_only=True):
    entries: list[AuditEntry]


class Options(Answer, frozen=True, kw_only=True):
    version: int
    sections: dict[str, dict[str, str]]


class Changes(Answer, frozen=True, kw_only=True):
    changes: list[str]


class Removed(Answer, frozen=True, kw_only=True):
    section: str


class Number(Answer, frozen=True, kw_only=True):
    number: str
    draining: bool


class Group(Answer, frozen=True, kw_only=True):
    """A resource group. What its numbers do is known where each is one session's at a time."""

    group: str
    strategy: str
    total: int
    free: int | None = None
    reserved: int | None = None
    cooling: int | None = None
    numbers: list[Number] | None = None


class Groups(Answer, frozen=True, kw_only=True):
    groups: list[Group]


class Key(Answer, frozen=True, kw_only=True):
    """An API key, without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    used_at: str | None = None
    services: list[str] | None = None
    groups: list[str] | None = None


class CreatedKey(Key, frozen=True, kw_only=True):
    key: str  # the secret, told this once


class Keys(Answer, frozen=True, kw_only=True):
    keys: list[Key]


class Revoked(Answer, frozen=True, kw_only=True):
    id: str


class Sessions(Answer, frozen=True, kw_only=True):
    """A page of live sessions; each is told as the description says."""

    sessions: list[dict[str, str]]
    next: str | None = None


class Inspected(Answer, frozen=True, kw_only=True):
    """All that is known of one session; of one that has ended what is left."""

    id: str = field(name="_id")
    live: bool
    session: dict[str, str] | None = None
    data: dict[str, str] | None = None
    events: list[dict[str, str]]
    calls: list[dict[str, str]]
    complete: bool


class History(Answer, frozen=True, kw_only=True):
    """How a resource group fared, minute by minute."""

    group: str
    samples: list[dict[str, str]]


class CallEntry(Answer, frozen=True, kw_only=True):
    """A call that was asked about, and what came of it."""

    id: int
    seconds_ago: int
    number: str
    verdict: str
    reason: str
    late: bool
    repeated: bool
    service: str
    caller: str | None = None
    session: str | None = None
    call_id: str | None = None


class Calls(Answer, frozen=True, kw_only=True):
    calls: list[CallEntry]
    next: int | None = None


class Explanation(Answer, frozen=True, kw_only=True):
    """Why a call would match or not; `reservations` are told as the description says."""

    verdict: str
    reason: str
    readings: list[str]
    reservations: list[dict[str, Any]]
    history: list[CallEntry]
