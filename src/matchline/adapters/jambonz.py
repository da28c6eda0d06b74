"""jambonz: an application's calling webhook, answered with verbs."""

import json
import re
from collections.abc import Mapping

from matchline.adapters import AGENT, COLLECT_SECONDS, QUEUE, Adapter
from matchline.adapters.dialogue import Collect, HandOver, Heard, Queue, Reason, Step
from matchline.adapters.handoff import queue_headers, sip_headers
from matchline.adapters.json_event import members, text
from matchline.adapters.prompts import PROMPT_OPTIONS, prompt
from matchline.adapters.signing import is_signed
from matchline.adapters.talk import Event, Reply, Talk
from matchline.clock import Instant
from matchline.engine.line import Line
from matchline.options import Choice, Option, Text

SIGNATURE = "jambonz-signature"

_OVER = frozenset({"completed", "failed", "busy", "no-answer"})

# Where an event says what came of a call that was sent on: a word, or the status code of SIP.
_SENT_ON = ("dial_call_status", "final_referred_call_status", "refer_status", "referStatus")

_DIAL, _REFER = "dial", "refer"

Verb = Mapping[str, object]


def is_genuine(line: Line, event: Event, now: Instant) -> bool:
    return is_signed(event.headers.get(SIGNATURE, ""), line.secret or "", event.body, now)


def hear(event: Event) -> Heard | None:
    told = members(event)
    sent_on = next((text(told, name) for name in _SENT_ON if name in told), None)
    if text(told, "call_status") in _OVER or _is_taken(sent_on or ""):
        return None
    return Heard(
        text(told, "to") or "",
        text(told, "from"),
        text(told, "digits"),
        text(told, "call_sid"),
        Collect.of_state(event.parameters),
        unanswered=sent_on is not None,
    )


def _is_taken(status: str) -> bool:
    return status == "completed" or bool(re.fullmatch("2[0-9][0-9]", status))


def say(line: Line, event: Event, step: Step | None) -> Reply:
    verbs = () if step is None else (_verb(line, event, step),)
    return Reply(json.dumps(verbs).encode(), "application/json")


def _verb(line: Line, event: Event, step: Step) -> Verb:
    agent, queue = line.given(AGENT.name), line.given(QUEUE.name)
    refers = line.text("transfer") == _REFER
    match step:
        case Collect():
            return _gather(line, event, step)
        case HandOver():
            headers = sip_headers(step.session_id, step.data)
            send = _refer if refers else _dial
            return {**send(agent, headers), "actionHook": event.address}
        case Queue(reason) if refers and reason is not Reason.UNANSWERED:
            return {**_refer(queue, queue_headers(reason)), "actionHook": event.address}
    return _dial(queue, queue_headers(step.reason))


def _gather(line: Line, event: Event, step: Collect) -> Verb:
    seconds = line.number(COLLECT_SECONDS.name)
    return {
        "verb": "gather",
        "actionHook": event.back(step.state),
        "input": ["digits"],
        "numDigits": step.length,
        "finishOnKey": "#",
        "dtmfBargein": True,
        "timeout": seconds,
        "interDigitTimeout": seconds,
        "say": {"text": prompt(line, step)},
    }


def _refer(destination: str, headers: Mapping[str, str]) -> Verb:
    return {"verb": "sip:refer", "referTo": destination, "headers": headers}


def _dial(destination: str, headers: Mapping[str, str]) -> Verb:
    if destination.startswith("sip"):
        target = {"type": "sip", "sipUri": destination}
    else:
        target = {"type": "phone", "number": destination.removeprefix("tel:")}
    return {"verb": "dial", "target": [target], "headers": headers, "answerOnBridge": True}


adapter = Adapter(
    name="jambonz",
    summary="The calling webhook of a jambonz application, answered with verbs.",
    options=(
        AGENT,
        QUEUE,
        Option(
            "transfer",
            Choice((_DIAL, _REFER)),
            "How calls are sent on: `dial`, jambonz stays in the call; `refer`, the caller's side is asked to call "
            "there itself.",
            _DIAL,
        ),
        Option(
            "secret",
            Text(512),
            "The account's webhook secret: what requests are signed with. Without it the server's own credentials "
            "are asked for.",
            secret=True,
        ),
        COLLECT_SECONDS,
        *PROMPT_OPTIONS,
    ),
    talk=Talk(hear, say, is_genuine),
)
