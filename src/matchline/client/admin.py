"""What administrators may ask; sent like all else (`Client.ask`, `AsyncClient.ask`).

A `version` is that of the configuration that is to be changed: when it is another by now, ConfigurationChanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matchline.client import routes
from matchline.client.answers import (
    Audit,
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
    Options,
    Removed,
    Revoked,
    Sessions,
)
from matchline.client.asks import Ask, ask
from matchline.client.routes import Texts


def node_status() -> Ask[str]:
    """`ONLINE` or `OFFLINE`."""
    return ask(routes.NODE_STATUS)


def alive() -> Ask[str]:
    return ask(routes.ALIVE)


def ready() -> Ask[str]:
    """Raises NodeOffline or StoreUnavailable when it is not."""
    return ask(routes.READY)


def metrics() -> Ask[str]:
    """In Prometheus' text format."""
    return ask(routes.METRICS)


def description() -> Ask[dict[str, Any]]:
    """The API, as OpenAPI 3.1 describes it."""
    return ask(routes.DESCRIPTION)


def options() -> Ask[Options]:
    return ask(routes.OPTIONS)


def apply(file: str, *, dry_run: bool = False, version: int | None = None) -> Ask[Changes]:
    """Make every section that a configuration file names as the file says."""
    headers = {**_version(version), "content-type": "application/toml"}
    return replace(ask(routes.APPLY, query={"dry_run": dry_run}, headers=headers), text=file)


def section(name: str) -> Ask[Texts]:
    return ask(routes.SECTION, {"section": name})


def set_options(section: str, options: Mapping[str, str | None], *, version: int | None = None) -> Ask[Texts]:
    """None removes an option."""
    made = ask(routes.SET_OPTIONS, {"section": section}, headers=_version(version))
    return replace(made, json=dict(options))


def remove_section(name: str, *, version: int | None = None) -> Ask[Removed]:
    return ask(routes.REMOVE_SECTION, {"section": name}, headers=_version(version))


def groups() -> Ask[Groups]:
    return ask(routes.GROUPS)


def group(name: str) -> Ask[Group]:
    """With its numbers."""
    return ask(routes.GROUP, {"group": name})


def add_numbers(group: str, numbers: Sequence[str], *, version: int | None = None) -> Ask[Group]:
    json = {"numbers": list(numbers)}
    return ask(routes.ADD_NUMBERS, {"group": group}, headers=_version(version), json=json)


def remove_number(group: str, number: str, *, version: int | None = None) -> Ask[Group]:
    """It drains: no new reservations."""
    return ask(routes.REMOVE_NUMBER, {"group": group, "number": number}, headers=_version(version))


def history(group: str, *, hours: int | None = None) -> Ask[History]:
    """How a resource group fared."""
    return ask(routes.HISTORY, {"group": group}, query={"hours": hours})


def sessions(
    *,
    number: str | None = None,
    phone: str | None = None,
    service: str | None = None,
    state: str | None = None,
    session_id: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Ask[Sessions]:
    """Live sessions, the latest first; `after` is the `next` of the page before."""
    query = {"number": number, "phone": phone, "service": service, "state": state, "id": session_id}
    return ask(routes.SESSIONS, query={**query, "after": after, "limit": limit})


def inspect(session_id: str) -> Ask[Inspected]:
    return ask(routes.INSPECT, {"id": session_id})


def end(session_id: str) -> Ask[Done]:
    """By hand: its number is released, its data are deleted."""
    return ask(routes.END_BY_HAND, {"id": session_id})


def release(session_id: str) -> Ask[Done]:
    """By hand: its number goes back, the session stays."""
    return ask(routes.RELEASE, {"id": session_id})


def keys() -> Ask[Keys]:
    return ask(routes.KEYS)


def create_key(
    name: str,
    scopes: Sequence[str],
    *,
    services: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
) -> Ask[CreatedKey]:
    json = {"name": name, "scopes": list(scopes), "services": services, "groups": groups}
    return ask(routes.CREATE_KEY, json=json)


def revoke_key(key_id: str) -> Ask[Revoked]:
    return ask(routes.REVOKE_KEY, {"id": key_id})


def calls(
    *,
    number: str | None = None,
    caller: str | None = None,
    verdict: str | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Ask[Calls]:
    """The call log, newest first; `after` is the `next` of the page before."""
    query = {"number": number, "caller": caller, "verdict": verdict, "after": after, "limit": limit}
    return ask(routes.CALLS, query=query)


def explain(
    number: str,
    phone: str | None = None,
    digits: str | None = None,
    *,
    call_id: str | None = None,
    service: str | None = None,
) -> Ask[Explanation]:
    """Why a call would match or not now; nothing is released."""
    json = {"number": number, "phone": phone, "digits": digits, "call_id": call_id, "service": service}
    return ask(routes.EXPLAIN, json=json)


def forget(phone: str, *, dry_run: bool = False) -> Ask[Texts]:
    """Remove what is known of a person; how much that was."""
    return ask(routes.FORGET, query={"dry_run": dry_run}, json={"phone": phone})


def events(*, after: int | None = None, limit: int | None = None) -> Ask[Events]:
    return ask(routes.EVENTS, query={"after": after, "limit": limit})


def audit(*, before: int | None = None, limit: int | None = None) -> Ask[Audit]:
    return ask(routes.AUDIT, query={"before": before, "limit": limit})


def _version(version: int | None) -> dict[str, str | None]:
    return {"If-Match": None if version is None else str(version)}
