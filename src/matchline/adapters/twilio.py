"""Twilio: a number's voice webhook, answered in TwiML."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl, quote

from matchline.adapters import AGENT, COLLECT_SECONDS, QUEUE, Adapter, Destination
from matchline.adapters.dialogue import Collect, HandOver, Heard, Queue, Step
from matchline.adapters.handoff import ID_KEY, STATUS_KEY, parameters, queue_headers, sip_headers
from matchline.adapters.markup import carried
from matchline.adapters.prompts import PROMPT_OPTIONS, prompt, spoken_in
from matchline.adapters.talk import Event, Reply, Talk
from matchline.clock import Instant
from matchline.engine.line import Line
from matchline.options import Option, Schema

SIGNATURE = "x-twilio-signature"

_CLIENT = "client:"  # before the name of a Twilio client

# What `CallStatus` says of a call that is over.
_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

# What `DialCallStatus` says when agents had the call, and it ended while the caller was still there.
_TAKEN = frozenset({"completed", "answered"})

# Of what a Twilio client can be given along with a call.
_MOST_PARAMETERS = 8
_LONGEST_NAME, _LONGEST_VALUE = 32, 128  # bytes


class AuthToken:
    """The token, which takes Twilio's library to be of use."""

    values = "text"

    def parse(self, text: str) -> str:
        if find_spec("twilio") is None:
            raise ValueError("needs more: pip install 'matchline[twilio]'")
        return text.strip()

    def schema(self) -> Schema:
        return {"type": "string"}


def is_genuine(line: Line, event: Event, _now: Instant) -> bool:
    from twilio.request_validator import RequestValidator

    posted = dict(parse_qsl(event.body.decode(errors="replace"), keep_blank_values=True))
    given = event.headers.get(SIGNATURE, "")
    try:
        return bool(RequestValidator(line.secret).validate(event.url, posted, given))
    except ValueError:  # the request's Host makes no address
        return False


def hear(event: Event) -> Heard | None:
    form = event.form()
    dialled = form.get("DialCallStatus")
    if form.get("CallStatus") in _OVER or dialled in _TAKEN:
        return None
    return Heard(
        form.get("To", ""),
        form.get("From"),
        form.get("Digits"),
        form.get("CallSid"),
        Collect.of_state(event.parameters),
        unanswered=dialled is not None,
    )


def say(line: Line, event: Event, step: Step | None) -> Reply:
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    match step:
        case Collect():
            gather = response.gather(
                input="dtmf",
                num_digits=step.length,
                timeout=line.number(COLLECT_SECONDS.name),
                action=event.back(step.state),
                action_on_empty_result=True,
            )
            gather.say(carried(prompt(line, step)), language=spoken_in(line, step))
        case HandOver():
            id_, data = step.session_id, step.data
            dial = response.dial(action=event.address)  # where Twilio tells whether anybody took the call
            _dial(dial, line.given(AGENT.name), sip_headers(id_, data), parameters(id_, data))
        case Queue():
            headers = queue_headers(step.reason)
            _dial(response.dial(), line.given(QUEUE.name), headers, {STATUS_KEY: step.reason})
    return Reply(response.to_xml().encode(), "text/xml")


def _dial(dial: Any, destination: str, headers: Mapping[str, str], named: Mapping[str, str]) -> None:
    """A SIP address takes headers, a client takes parameters, a telephone number takes nothing."""
    if destination.startswith(_CLIENT):
        client = dial.client()
        client.identity(destination.removeprefix(_CLIENT))
        for name, value in _fitting(named).items():
            client.parameter(name=carried(name), value=carried(value))
    elif destination.startswith("sip"):
        pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in headers.items())
        dial.sip(f"{destination}{'&' if '?' in destination else '?'}{pairs}")
    else:
        dial.number(destination.removeprefix("tel:"))


def _fitting(named: Mapping[str, str]) -> dict[str, str]:
    """All parameters, or when they are too much what leads to them."""
    fits = len(named) <= _MOST_PARAMETERS and all(
        len(name.encode()) <= _LONGEST_NAME and len(value.encode()) <= _LONGEST_VALUE
        for name, value in named.items()
    )
    return {name: value for name, value in named.items() if fits or name == ID_KEY}


_ANY_OF_TWILIO = Destination(
    ("sip", "sips", "tel", "client"),
    "a SIP URI such as `sip:agents@example.com`, `client:` and a Twilio client's name, or a telephone number, "
    "with which no id can travel",
)

adapter = Adapter(
    name="twilio",
    summary="Twilio's voice webhook, answered in TwiML.",
    options=(
        Option("agent", _ANY_OF_TWILIO, AGENT.doc, mandatory=True),
        Option("queue", _ANY_OF_TWILIO, QUEUE.doc, mandatory=True),
        Option(
            "auth_token",
            AuthToken(),
            "The auth token of the Twilio account: what requests are signed with.",
            mandatory=True,
            secret=True,
        ),
        COLLECT_SECONDS,
        *PROMPT_OPTIONS,
    ),
    talk=Talk(hear, say, is_genuine),
)
