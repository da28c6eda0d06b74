"""VoiceXML 2.1: documents for any voice browser.

A browser tells a server nothing of the call by itself. So the first document, where the address names no number,
sends the session's variables (VoiceXML 2.0 § 5.1.4); from then on each document carries what was told before.
"""

import json
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from matchline.adapters import COLLECT_SECONDS, QUEUE, Adapter, Destination
from matchline.adapters.dialogue import Collect, HandOver, Heard, Reason, Step
from matchline.adapters.handoff import parameters, status, user_to_user
from matchline.adapters.markup import add, document, root
from matchline.adapters.prompts import PROMPT_OPTIONS, prompt, spoken_in
from matchline.adapters.talk import Event, Reply, Talk
from matchline.engine.line import Line
from matchline.options import Choice, Option

NAMESPACE = "http://www.w3.org/2001/vxml"
MEDIA_TYPE = "application/voicexml+xml"  # RFC 4267

_CALL = ("number", "caller", "call_id")
_SESSION = {
    "number": "session.connection.local.uri",
    "caller": "session.connection.remote.uri",
}

# What a transfer that stays in the browser's hands may come to, so that the caller is still there (§ 2.3.7.1).
_TRANSFERRED = "transferred"
_UNREACHED = ("busy", "noanswer", "network_busy")


def hear(event: Event) -> Heard | None:
    form = event.form()
    if "number" not in form:
        return None
    return Heard(
        form["number"],
        form.get("caller"),
        form.get("digits"),
        form.get("call_id"),
        Collect.of_state(event.parameters),
    )


def say(line: Line, event: Event, step: Step | None) -> Reply:
    page = root("vxml", version="2.1", xmlns=NAMESPACE)
    page.set("xml:lang", spoken_in(line, step) if isinstance(step, Collect) else line.given("language"))
    match step:
        case None:
            _tell(page, event)
        case Collect():
            _collect(page, line, event, step)
        case HandOver():
            _hand_over(page, line, step)
        case _:
            _queue(page, line, step.reason)
    return Reply(document(page), MEDIA_TYPE)


def _tell(page: Element, event: Event) -> None:
    """The browser is to tell what call this is; what the address names already comes along."""
    named = {name: event.parameters[name] for name in _CALL if name in event.parameters}
    form = add(page, "form")
    block = add(form, "block")
    for name, variable in _SESSION.items():
        add(block, "var", name=name, expr=_literal(named[name]) if name in named else variable)
    add(block, "var", name="call_id", expr=_literal(named.get("call_id", "")))
    add(block, "submit", next=event.address, method="post", namelist=" ".join(_CALL))


def _collect(page: Element, line: Line, event: Event, step: Collect) -> None:
    told = event.form()
    seconds = f"{line.number(COLLECT_SECONDS.name)}s"
    for name, value in (("inputmodes", "dtmf"), ("timeout", seconds), ("interdigittimeout", seconds)):
        add(page, "property", name=name, value=value)
    for name in _CALL:
        add(page, "var", name=name, expr=_literal(told.get(name, "")))
    add(page, "catch", event="error.badfetch").append(_go_to_queue())
    form = add(page, "form", id="code")
    field = add(form, "field", name="digits", type=f"digits?length={step.length}")
    add(field, "prompt", prompt(line, step), bargein="true")
    silent = add(field, "catch", event="noinput nomatch")
    _submit(silent, event, step, _CALL)
    _submit(add(field, "filled"), event, step, (*_CALL, "digits"))
    _queue(page, line)


def _submit(parent: Element, event: Event, step: Collect, names: tuple[str, ...]) -> None:
    add(parent, "submit", next=event.back(step.state), method="post", namelist=" ".join(names))


def _hand_over(page: Element, line: Line, step: HandOver) -> None:
    agent = line.given("agent")
    add(page, "catch", event="error").append(_go_to_queue())
    form = add(page, "form", id="agent")
    if agent.startswith("http"):
        fields = parameters(step.session_id, step.data)
        block = add(form, "block")
        for name, value in _named(fields).items():
            add(block, "var", name=name, expr=_literal(value))
        add(block, "submit", next=agent, method="post", namelist=" ".join(_named(fields)))
    else:
        transfer = _transfer(form, line, agent, user_to_user(step.session_id, step.data))
        unreached = " || ".join(f"{_TRANSFERRED} == '{outcome}'" for outcome in _UNREACHED)
        add(add(transfer, "filled"), "if", cond=unreached).append(_go_to_queue())
    _queue(page, line, Reason.UNANSWERED)


def _named(fields: Mapping[str, str]) -> dict[str, str]:
    """Those whose names ECMAScript takes for a variable's."""
    return {name: value for name, value in fields.items() if name.isidentifier() and name.isascii()}


def _queue(page: Element, line: Line, reason: Reason = Reason.UNAVAILABLE) -> None:
    """In a document that goes there when something fails, the reason is that."""
    _transfer(add(page, "form", id="queue"), line, line.given(QUEUE.name), status(reason))


def _transfer(form: Element, line: Line, destination: str, about: str) -> Element:
    """`about` is what the far end is told."""
    uri = destination if ":" in destination else f"tel:{destination}"
    return add(form, "transfer", name=_TRANSFERRED, dest=uri, type=line.given("transfer"), aai=about)


def _go_to_queue() -> Element:
    return root("goto", next="#queue")


def _literal(text: str) -> str:
    """A string of ECMAScript."""
    return json.dumps(text)


adapter = Adapter(
    name="voicexml",
    summary="VoiceXML 2.1 documents for a voice browser.",
    options=(
        Option(
            "agent",
            Destination(
                ("sip", "sips", "tel", "http", "https"),
                "a telephone number, a SIP URI such as `sip:agents@example.com`, or the URL of a VoiceXML "
                "application that goes on with the call",
            ),
            "Where matched calls go.",
            mandatory=True,
        ),
        QUEUE,
        Option(
            "transfer",
            Choice(("blind", "bridge", "consultation")),
            "How calls are sent on, in the words of VoiceXML 2.1 § 7.",
            "blind",
        ),
        COLLECT_SECONDS,
        *PROMPT_OPTIONS,
    ),
    talk=Talk(hear, say),
)
