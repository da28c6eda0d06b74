"""Amazon Connect: the event that a flow sends to AWS Lambda, answered with the flat strings that a flow can use."""

import json
import re
from collections.abc import Mapping

from matchline.adapters import Adapter
from matchline.adapters.dialogue import Collect, HandOver, Heard, Step
from matchline.adapters.flat import flat
from matchline.adapters.json_event import inner, members, text
from matchline.adapters.signing import is_signed
from matchline.adapters.talk import Event, Reply, Talk
from matchline.clock import Instant
from matchline.engine.line import Line
from matchline.options import Option, Text

SIGNATURE = "matchline-signature"

MOST_BYTES = 32_000  # of an answer: Connect takes 32 kB
_KEY = re.compile(r"[A-Za-z0-9_-]{1,255}")  # what a flow can refer to


def is_genuine(line: Line, event: Event, now: Instant) -> bool:
    return is_signed(event.headers.get(SIGNATURE, ""), line.secret or "", event.body, now)


def hear(event: Event) -> Heard | None:
    told = members(event)
    contact, sent = inner(told, "Details", "ContactData"), inner(told, "Details", "Parameters")
    return Heard(
        text(inner(contact, "SystemEndpoint"), "Address") or "",
        text(inner(contact, "CustomerEndpoint"), "Address"),
        text(sent, "digits"),
        text(contact, "ContactId"),
        Collect.of_state({name: text(sent, name) or "" for name in ("length", "attempt")}),
    )


def say(_line: Line, _event: Event, step: Step | None) -> Reply:
    answer = {} if step is None else flat(step)
    if isinstance(step, HandOver):
        answer = _with_data(answer, step.data)
    return Reply(_encoded(answer), "application/json")


def _with_data(answer: dict[str, str], data: Mapping[str, str]) -> dict[str, str]:
    """All of the data, or none of it when it is too much: the id leads to it."""
    whole = {**{key: value for key, value in data.items() if _KEY.fullmatch(key)}, **answer}
    return whole if len(_encoded(whole)) <= MOST_BYTES else answer


def _encoded(answer: Mapping[str, str]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode(errors="replace")


adapter = Adapter(
    name="connect",
    summary="Amazon Connect, through a Lambda function of a few lines.",
    options=(
        Option(
            "secret",
            Text(512),
            "What the Lambda function signs events with. Without it the server's own credentials are asked for.",
            secret=True,
        ),
    ),
    talk=Talk(hear, say, is_genuine),
)
