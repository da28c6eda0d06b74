"""The operations of the API as this client knows them. A test compares them with the server's own description."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from matchline.client.answers import (
    Access,
    Audit,
    Booked,
    Callback,
    Calls,
    Changes,
    CreatedKey,
    Done,
    Events,
    Explanation,
    Group,
    Groups,
    History,
    Inspected,
    Keys,
    Match,
    Matches,
    Options,
    Removed,
    Renewed,
    Rescheduled,
    Reserved,
    Revoked,
    Session,
    Sessions,
    Slots,
    Stored,
)

T = TypeVar("T")

Texts = dict[str, str]
Told = dict[str, Any]  # what a chart answers: its author knows


@dataclass(frozen=True, slots=True)
class Route(Generic[T]):
    method: str
    path: str
    answer: type[T]  # bytes and str: the body as it is
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()  # the members that have a meaning of their own
    again: bool = True  # whether it does no harm to ask twice


_API = "/genesys/1"
_SERVICE = f"{_API}/service"
_SESSION = f"{_SERVICE}/{{id}}"
_CALLBACKS = f"{_SERVICE}/callback"
_CALLBACKS_OF = f"{_CALLBACKS}/{{name}}"
_CALLBACK = f"{_CALLBACKS_OF}/{{id}}"
_STORAGE = f"{_API}/storage"
_CUSTOM = f"{_STORAGE}/custom/{{customId}}"
_ADMIN = f"{_API}/admin"
_GROUP = f"{_ADMIN}/resources/{{group}}"

_ACCESS = (
    *("_resource_group", "_phone_number", "_provide_code"),
    *("_access_code_length", "_booking_expiration_timeout"),
)
_CALL = ("_access_number", "_phone_number", "_access_code", "_call_id")
_FLAGS = (
    "_return_user_data",
    "_return_data",
    "_delete_service",
    "_return_reason",
    "_return_multiple_matches",
)
_WANTED = ("_id", "_customer_number", "_callback_state")
_IDEMPOTENT = ("Idempotency-Key",)
_VERSION = ("If-Match",)
_OWNER = ("gms_user",)

# The built-in services, under the names that they are configured by as a rule.
RESERVE = Route(
    "POST",
    f"{_SERVICE}/request-interaction",
    Reserved,
    headers=_IDEMPOTENT,
    body=(*_ACCESS, "_ttl", "_return_pool_health"),
)
REQUEST_ACCESS = Route("POST", f"{_SERVICE}/request-access", Access, body=("_id", *_ACCESS))
MATCH = Route("POST", f"{_SERVICE}/match-interaction", Match, body=(*_CALL, *_FLAGS), again=False)
MATCHES = Route("POST", f"{_SERVICE}/match-interaction", Matches, body=(*_CALL, *_FLAGS), again=False)
OPTIONS_OF_SERVICE = Route("GET", f"{_SERVICE}/get", Texts)

# Services that are charts
START = Route("POST", f"{_SERVICE}/{{name}}", Told, headers=_IDEMPOTENT)
REQUEST = Route("POST", f"{_SESSION}/{{request}}", Told, again=False)

# Callbacks
BOOK = Route("POST", _CALLBACKS_OF, Booked, headers=_IDEMPOTENT, body=("_customer_number", "_desired_time"))
RESCHEDULE = Route("PUT", _CALLBACK, Rescheduled, body=("_new_desired_time",))
CANCEL = Route("DELETE", _CALLBACK, Done)
CALLBACKS = Route("GET", _CALLBACKS, list[Callback], query=_WANTED)
CALLBACKS_OF = Route("GET", _CALLBACKS_OF, list[Callback], query=_WANTED)
FREE_SLOTS = Route(
    "GET",
    f"{_CALLBACKS_OF}/availability",
    Slots,
    query=("start", "number-of-days", "end", "max-time-slots"),
)

# Sessions
SESSION = Route("GET", f"{_SERVICE}/{{name}}", Session)
END = Route("DELETE", f"{_SERVICE}/{{name}}", Done)
RENEW = Route("POST", f"{_SESSION}/{{request}}", Renewed)
UPDATE = Route("POST", f"{_SESSION}/{{request}}", Done)
QR_CODE = Route("GET", f"{_SESSION}/qr.svg", bytes)
DATA = Route("GET", f"{_SESSION}/storage", Texts)
SET_DATA = Route("POST", f"{_SESSION}/storage", Done)
VALUE = Route("GET", f"{_SESSION}/storage/{{key}}", str)
FILE = Route("GET", f"{_SESSION}/storage/binary/{{key}}", bytes)
REMOVE_VALUE = Route("DELETE", f"{_SESSION}/storage/{{key}}", Done)

# Stored data
STORE = Route("POST", f"{_STORAGE}/{{id}}", Stored, again=False)
STORED = Route("GET", f"{_STORAGE}/{{id}}", Texts)
STORED_VALUE = Route("GET", f"{_STORAGE}/{{id}}/{{key}}", str, headers=_OWNER)
STORED_FILE = Route("GET", f"{_STORAGE}/binary/{{id}}/{{key}}", bytes, headers=_OWNER)
STORE_MORE = Route("POST", f"{_STORAGE}/{{id}}/{{key}}", Stored)
REMOVE_STORED = Route("DELETE", f"{_STORAGE}/{{id}}", Stored)
STORE_OWN = Route("POST", f"{_CUSTOM}/{{ttl}}", Stored, headers=_OWNER)
OWN = Route("GET", _CUSTOM, Texts, headers=_OWNER)
REMOVE_OWN = Route("DELETE", _CUSTOM, Stored, headers=_OWNER)

# Administration
NODE_STATUS = Route("GET", f"{_ADMIN}/node/status", str)
OPTIONS = Route("GET", f"{_ADMIN}/options", Options)
APPLY = Route("POST", f"{_ADMIN}/options", Changes, query=("dry_run",), headers=_VERSION)
SECTION = Route("GET", f"{_ADMIN}/options/{{section}}", Texts)
SET_OPTIONS = Route("PATCH", f"{_ADMIN}/options/{{section}}", Texts, headers=_VERSION)
REMOVE_SECTION = Route("DELETE", f"{_ADMIN}/options/{{section}}", Removed, headers=_VERSION)
GROUPS = Route("GET", f"{_ADMIN}/resources", Groups)
GROUP = Route("GET", _GROUP, Group)
ADD_NUMBERS = Route("POST", f"{_GROUP}/numbers", Group, headers=_VERSION, body=("numbers",))
REMOVE_NUMBER = Route("DELETE", f"{_GROUP}/numbers/{{number}}", Group, headers=_VERSION)
HISTORY = Route("GET", f"{_GROUP}/history", History, query=("hours",))
SESSIONS = Route(
    "GET",
    f"{_ADMIN}/sessions",
    Sessions,
    query=("number", "phone", "service", "state", "id", "after", "limit"),
)
INSPECT = Route("GET", f"{_ADMIN}/sessions/{{id}}", Inspected)
END_BY_HAND = Route("POST", f"{_ADMIN}/sessions/{{id}}/end", Done)
RELEASE = Route("POST", f"{_ADMIN}/sessions/{{id}}/release", Done)
KEYS = Route("GET", f"{_ADMIN}/keys", Keys)
CREATE_KEY = Route(
    "POST", f"{_ADMIN}/keys", CreatedKey, body=("name", "scopes", "services", "groups"), again=False
)
REVOKE_KEY = Route("DELETE", f"{_ADMIN}/keys/{{id}}", Revoked)
CALLS = Route("GET", f"{_ADMIN}/calls", Calls, query=("number", "caller", "verdict", "after", "limit"))
EXPLAIN = Route(
    "POST", f"{_ADMIN}/explain", Explanation, body=("number", "phone", "digits", "call_id", "service")
)
FORGET = Route("POST", f"{_ADMIN}/forget", Texts, query=("dry_run",), body=("phone",))
EVENTS = Route("GET", f"{_ADMIN}/events", Events, query=("after", "limit"))
AUDIT = Route("GET", f"{_ADMIN}/audit", Audit, query=("before", "limit"))

# This node
ALIVE = Route("GET", "/healthz", str)
READY = Route("GET", "/readyz", str)
METRICS = Route("GET", "/metrics", str)
DESCRIPTION = Route("GET", "/openapi.json", dict)

# Streams, which the description leaves out because they have no end
SESSION_EVENTS = f"{_SESSION}/events"
ALL_EVENTS = f"{_ADMIN}/events/stream"
