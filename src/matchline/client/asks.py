"""What may be asked: each function makes a request, which a client then sends (`Client.ask`, `AsyncClient.ask`).

Parameters that are None are left out, and the service's own options count. Data may hold files (`File`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from secrets import token_urlsafe
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from matchline.client import routes
from matchline.client.answers import Access, Done, Match, Matches, Renewed, Reserved, Session, Stored
from matchline.client.routes import Route, Texts, Told

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class File:
    """A file among user data."""

    body: bytes
    content_type: str = "application/octet-stream"
    name: str = "file"


Data = Mapping[str, str | File]


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """A request that is ready to be sent, as often as one likes."""

    route: Route[T]
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    files: Mapping[str, File] | None = None
    text: str | None = None  # a body that is neither
    again: bool = True  # whether it may be sent again when its answer is lost


def ask(
    route: Route[T],
    path: Mapping[str, str] | None = None,
    *,
    query: Mapping[str, object] | None = None,
    headers: Mapping[str, str | None] | None = None,
    data: Data | None = None,
    json: Mapping[str, Any] | None = None,
) -> Ask[T]:
    """A request of any route; what is None is left out."""
    address = route.path
    for name, text in (path or {}).items():
        address = address.replace(f"{{{name}}}", quote(text, safe="/" if name == "key" else ""))
    given = {name: value for name, value in (json or {}).items() if value is not None}
    files = {name: value for name, value in (data or {}).items() if isinstance(value, File)}
    texts = {name: value for name, value in (data or {}).items() if not isinstance(value, File)}
    has_body = json is not None or data is not None
    return Ask(
        route,
        address,
        {name: _text(value) for name, value in (query or {}).items() if value is not None},
        {name: text for name, text in (headers or {}).items() if text is not None},
        {**texts, **given} if has_body else None,
        files or None,
        again=route.again,
    )


# The built-in services


def reserve(  # noqa: PLR0913 - as many as the service has
    data: Data | None = None,
    *,
    phone: str | None = None,
    group: str | None = None,
    with_code: bool | None = None,
    code_length: int | None = None,
    hold_seconds: int | None = None,
    ttl_seconds: int | None = None,
    with_pool_health: bool | None = None,
    idempotency_key: str | None = None,
    service: str = "request-interaction",
) -> Ask[Reserved]:
    """Begin a session for a customer who will call. Sent twice, the same request takes one number only."""
    parameters = _access_parameters(phone, group, with_code, code_length, hold_seconds)
    parameters |= {"_ttl": ttl_seconds, "_return_pool_health": with_pool_health}
    headers = once(idempotency_key)
    return _of_service(routes.RESERVE, service, parameters, headers=headers, data=data or {})


def request_access(
    session_id: str,
    *,
    phone: str | None = None,
    group: str | None = None,
    with_code: bool | None = None,
    code_length: int | None = None,
    hold_seconds: int | None = None,
    service: str = "request-access",
) -> Ask[Access]:
    """A number for a session that runs already; the one that it has, renewed, where that will do."""
    parameters = _access_parameters(phone, group, with_code, code_length, hold_seconds)
    return _of_service(routes.REQUEST_ACCESS, service, {"_id": session_id, **parameters})


def match(
    access_number: str,
    phone: str | None = None,
    code: str | None = None,
    *,
    call_id: str | None = None,
    with_data: bool | None = None,
    delete: bool | None = None,
    with_reason: bool | None = None,
    service: str = "match-interaction",
) -> Ask[Match]:
    """Whose call this is. With a call id it may be asked again, and gets the same answer."""
    parameters = _call_parameters(access_number, phone, code, call_id)
    parameters |= {"_return_user_data": with_data, "_delete_service": delete, "_return_reason": with_reason}
    asked = _of_service(routes.MATCH, service, parameters)
    return replace(asked, again=call_id is not None)


def matches(
    access_number: str,
    phone: str | None = None,
    code: str | None = None,
    *,
    call_id: str | None = None,
    with_data: bool | None = None,
    delete: bool | None = None,
    service: str = "match-interaction",
) -> Ask[Matches]:
    """Every session that this call may belong to, best first."""
    parameters = _call_parameters(access_number, phone, code, call_id)
    parameters |= {
        "_return_user_data": with_data,
        "_delete_service": delete,
        "_return_multiple_matches": True,
    }
    asked = _of_service(routes.MATCHES, service, parameters)
    return replace(asked, again=call_id is not None)


def options_of_service(service: str = "get") -> Ask[Texts]:
    """The options of a service that is bound to `get`, while its node is online."""
    return replace(ask(routes.OPTIONS_OF_SERVICE), path=_service_path(service))


# Services that are charts


def start(service: str, data: Data | None = None, *, idempotency_key: str | None = None) -> Ask[Told]:
    """Begin a session; besides `_id` and `_data_id` the answer holds what the chart responds."""
    return ask(routes.START, {"name": service}, headers=once(idempotency_key), data=data or {})


def request(session_id: str, name: str, data: Data | None = None) -> Ask[Told]:
    """A request that the chart of a session knows. It is not sent again when its answer is lost."""
    return ask(routes.REQUEST, {"id": session_id, "request": name}, data=data or {})


# A running session


def session(session_id: str) -> Ask[Session]:
    return ask(routes.SESSION, {"name": session_id})


def end(session_id: str) -> Ask[Done]:
    """The number is released, the data are deleted."""
    return ask(routes.END, {"name": session_id})


def renew(session_id: str) -> Ask[Renewed]:
    """Reservation and time to live begin again."""
    return ask(routes.RENEW, {"id": session_id, "request": "renew"}, json={})


def update(session_id: str, data: Data) -> Ask[Done]:
    return ask(routes.UPDATE, {"id": session_id, "request": "update"}, data=data)


def qr_code(session_id: str) -> Ask[bytes]:
    """The link that dials the session's number, as an SVG image."""
    return ask(routes.QR_CODE, {"id": session_id})


def data(session_id: str) -> Ask[Texts]:
    """A file shows as its address."""
    return ask(routes.DATA, {"id": session_id})


def set_data(session_id: str, data: Data) -> Ask[Done]:
    return ask(routes.SET_DATA, {"id": session_id}, data=data)


def value(session_id: str, key: str) -> Ask[str]:
    return ask(routes.VALUE, {"id": session_id, "key": key})


def file(session_id: str, key: str) -> Ask[bytes]:
    return ask(routes.FILE, {"id": session_id, "key": key})


def remove_value(session_id: str, key: str) -> Ask[Done]:
    return ask(routes.REMOVE_VALUE, {"id": session_id, "key": key})


# Stored data


def store(data: Data, ttl_seconds: float) -> Ask[Stored]:
    return ask(routes.STORE, {"id": str(ttl_seconds)}, data=data)


def stored(record_id: str) -> Ask[Texts]:
    return ask(routes.STORED, {"id": record_id})


def stored_value(record_id: str, key: str, user: str | None = None) -> Ask[str]:
    """With the user whose data it is, where they are stored under an id of one's own."""
    return ask(routes.STORED_VALUE, {"id": record_id, "key": key}, headers={"gms_user": user})


def stored_file(record_id: str, key: str, user: str | None = None) -> Ask[bytes]:
    return ask(routes.STORED_FILE, {"id": record_id, "key": key}, headers={"gms_user": user})


def store_more(record_id: str, data: Data, ttl_seconds: float) -> Ask[Stored]:
    """Sets these keys; the time to live begins again."""
    return ask(routes.STORE_MORE, {"id": record_id, "key": str(ttl_seconds)}, data=data)


def remove_stored(record_id: str) -> Ask[Stored]:
    return ask(routes.REMOVE_STORED, {"id": record_id})


def store_own(custom_id: str, user: str, data: Data, ttl_seconds: float) -> Ask[Stored]:
    """Under an id of one's own; what was there is overwritten."""
    where = {"customId": custom_id, "ttl": str(ttl_seconds)}
    return ask(routes.STORE_OWN, where, headers={"gms_user": user}, data=data)


def own(custom_id: str, user: str) -> Ask[Texts]:
    return ask(routes.OWN, {"customId": custom_id}, headers={"gms_user": user})


def remove_own(custom_id: str, user: str) -> Ask[Stored]:
    return ask(routes.REMOVE_OWN, {"customId": custom_id}, headers={"gms_user": user})


def _of_service(
    route: Route[T],
    service: str,
    parameters: Mapping[str, object],
    *,
    headers: Mapping[str, str | None] | None = None,
    data: Data | None = None,
) -> Ask[T]:
    given = {name: _text(value) for name, value in parameters.items() if value is not None}
    return replace(ask(route, headers=headers, data=data, json=given), path=_service_path(service))


def _service_path(service: str) -> str:
    return routes.SESSION.path.replace("{name}", quote(service, safe=""))


def _access_parameters(
    phone: str | None,
    group: str | None,
    with_code: bool | None,
    code_length: int | None,
    hold_seconds: int | None,
) -> dict[str, object]:
    return {
        "_phone_number": phone,
        "_resource_group": group,
        "_provide_code": with_code,
        "_access_code_length": code_length,
        "_booking_expiration_timeout": hold_seconds,
    }


def _call_parameters(
    access_number: str, phone: str | None, code: str | None, call_id: str | None
) -> dict[str, object]:
    return {
        "_access_number": access_number,
        "_phone_number": phone,
        "_access_code": code,
        "_call_id": call_id,
    }


def once(idempotency_key: str | None) -> dict[str, str | None]:
    """The header by which a request that is sent twice is one."""
    return {"Idempotency-Key": idempotency_key or token_urlsafe()}


def _text(value: object) -> str:
    """As the wire has it: flags in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
