"""JSON webhooks: voice agents in the shape of Retell's inbound webhook, and whatever can post a neutral shape."""

import hashlib
import hmac
import json
import re

from matchline.adapters import Adapter
from matchline.adapters.dialogue import Collect, HandOver, Heard, Step
from matchline.adapters.flat import flat
from matchline.adapters.handoff import parameters
from matchline.adapters.json_event import Members, inner, members, text
from matchline.adapters.prompts import PROMPT_OPTIONS, prompt
from matchline.adapters.signing import is_recent, is_signed, same
from matchline.adapters.talk import Event, Reply, Talk
from matchline.clock import Instant
from matchline.engine.line import Line
from matchline.options import Option, Text

SIGNATURE = "matchline-signature"
RETELL_SIGNATURE = "x-retell-signature"

_INBOUND = "call_inbound"
_RETELL = re.compile(r"v=([0-9]{1,15}),d=([0-9a-f]{64})")  # milliseconds, HMAC-SHA256 of the body and these


def is_genuine(line: Line, event: Event, now: Instant) -> bool:
    secret = line.secret or ""
    given = event.headers.get(RETELL_SIGNATURE)
    if given is None:
        return is_signed(event.headers.get(SIGNATURE, ""), secret, event.body, now)
    found = _RETELL.fullmatch(given)
    if not event.body or not found or not is_recent(found[1], 1, now):
        return False
    return same(found[2], retell_digest(secret, event.body, found[1]))


def hear(event: Event) -> Heard | None:
    told = members(event)
    if "event" in told:
        return _inbound(told, event.body)
    return Heard(
        text(told, "number") or "",
        text(told, "caller"),
        text(told, "digits"),
        text(told, "call_id"),
        Collect.of_state({name: text(told, name) or "" for name in ("length", "attempt")}),
    )


def say(line: Line, event: Event, step: Step | None) -> Reply:
    answer: dict[str, object] = {}
    if step is not None:
        answer = _retell(step) if _is_retell(event) else _neutral(line, step)
    return Reply(json.dumps(answer).encode(), "application/json")


def retell_digest(secret: str, body: bytes, milliseconds: str) -> str:
    return hmac.new(secret.encode(), body + milliseconds.encode(), hashlib.sha256).hexdigest()


def _inbound(told: Members, body: bytes) -> Heard | None:
    """The call has no id yet. Where its time is told, a repeated event is the same to the byte, which is an id."""
    if told["event"] != _INBOUND:
        return None
    call = inner(told, _INBOUND)
    call_id = hashlib.sha256(body).hexdigest() if "event_timestamp" in told else None
    return Heard(text(call, "to_number") or "", text(call, "from_number"), None, call_id)


def _is_retell(event: Event) -> bool:
    try:
        return "event" in members(event)
    except ValueError:
        return False


def _retell(step: Step) -> dict[str, object]:
    """The agent's prompt can refer to each of the variables."""
    variables = flat(step)
    if isinstance(step, HandOver):
        variables = {**parameters(step.session_id, step.data), **variables}
    return {_INBOUND: {"dynamic_variables": variables}}


def _neutral(line: Line, step: Step) -> dict[str, object]:
    match step:
        case HandOver():
            return {**flat(step), "data": dict(step.data)}
        case Collect():
            return {**flat(step), "prompt": prompt(line, step)}
    return {**flat(step)}


adapter = Adapter(
    name="json",
    summary="JSON webhooks: Retell's inbound webhook, and a neutral shape.",
    options=(
        Option(
            "secret",
            Text(512),
            "What requests are signed with; of Retell it is the API key. Without it the server's own credentials are "
            "asked for.",
            secret=True,
        ),
        *PROMPT_OPTIONS,
    ),
    talk=Talk(hear, say, is_genuine),
)
