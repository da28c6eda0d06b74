"""Reading the JSON that platforms send."""

import json
from collections.abc import Mapping

from matchline.adapters.talk import Event

Members = Mapping[str, object]


def members(event: Event) -> Members:
    """The members of the body's object; those of the query when there is no body. Raises ValueError."""
    if not event.body:
        return event.parameters
    try:
        found = json.loads(event.body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - of what was sent
    return found


def inner(members: object, *names: str) -> Members:
    """The object within, or one without members."""
    for name in names:
        members = members.get(name) if isinstance(members, dict) else None
    return members if isinstance(members, dict) else {}


def text(members: Members, name: str) -> str | None:
    """A member as text; numbers too, since somebody will send digits as one."""
    value = members.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
