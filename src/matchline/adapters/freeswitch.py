"""FreeSWITCH: the answers of `mod_httapi`, and the dialplan that `mod_xml_curl` asks for.

In a dialplan's data FreeSWITCH runs whatever stands in `${…}`, and reads `{name=value,…}` once that is filled in. So
nothing of a customer's gets there as it came: values are percent-encoded, names are spelled with letters, digits and
`_` alone, and numbers, which a caller's side can write, are left out where they could mean something else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree.ElementTree import Element

from matchline.adapters import COLLECT_SECONDS, Adapter
from matchline.adapters.dialogue import Collect, HandOver, Heard, Queue, Reason, Step
from matchline.adapters.handoff import ID_KEY, queue_headers, sip_headers, status
from matchline.adapters.markup import add, document, root
from matchline.adapters.prompts import PROMPT_OPTIONS, prompt
from matchline.adapters.talk import Event, Reply, Talk
from matchline.clock import SECOND
from matchline.engine.line import Line
from matchline.options import Option, Schema

_HEADER = "sip_h_"  # before the name of a header that the next INVITE is to have
_DATA = "match_data_"  # before the name of a key of the session's data
_EXTENSION = "matchline"

_PLAIN = re.compile(r"[A-Za-z0-9+*#_./:@;=-]{1,500}")

Action = tuple[str, str]  # an application of FreeSWITCH and its data


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in which FreeSWITCH finds nothing to run."""

    hint: str

    def parse(self, text: str) -> str:
        if not _PLAIN.fullmatch(text.strip()):
            raise ValueError(f"must be {self.hint}")
        return text.strip()

    @property
    def values(self) -> str:
        return self.hint

    def schema(self) -> Schema:
        return {"type": "string"}


def hear(event: Event) -> Heard | None:
    form = event.form()
    if form.get("exiting") == "true" or form.get("section", "dialplan") != "dialplan":
        return None
    return Heard(
        form.get("number") or form.get("Caller-Destination-Number", ""),
        form.get("caller") or form.get("Caller-Caller-ID-Number"),
        form.get("digits"),
        form.get("session_id") or form.get("Unique-ID"),
        Collect.of_state(event.parameters),
    )


def say(line: Line, event: Event, step: Step | None) -> Reply:
    page = _dialplan(line, event, step) if "section" in event.form() else _work(line, event, step)
    return Reply(document(page), "text/xml")


def _work(line: Line, event: Event, step: Step | None) -> Element:
    """For mod_httapi."""
    page = root("document", type="xml/freeswitch-httapi")
    work = add(page, "work")
    if isinstance(step, Collect):
        _speak(work, line, event, step)
        return page
    for application, data in _actions(line, step) if step else ():
        add(work, "execute", application=application, data=data)
    add(work, "break")
    return page


def _speak(work: Element, line: Line, event: Event, step: Collect) -> None:
    wait = str(line.number(COLLECT_SECONDS.name) * SECOND)
    speak = add(
        work,
        "speak",
        name="digits",
        engine=line.given("tts_engine"),
        voice=line.given("tts_voice"),
        text=prompt(line, step),
        temp_action=event.back(step.state),
        input_timeout=wait,
        digit_timeout=wait,
        terminators="#",
    )
    add(speak, "bind", f"~\\d{{{step.length}}}")


def _dialplan(line: Line, event: Event, step: Step | None) -> Element:
    """For mod_xml_curl: an extension that does what is to be done with the call."""
    page = root("document", type="freeswitch/xml")
    if step is None:
        add(add(page, "section", name="result"), "result", status="not found")
        return page
    section = add(page, "section", name="dialplan")
    context = add(section, "context", name=event.form().get("Caller-Context") or "public")
    condition = add(add(context, "extension", name=_EXTENSION), "condition")
    for application, data in _actions(line, step) if not isinstance(step, Collect) else _ask(event):
        add(condition, "action", application=application, data=data)
    return page


def _ask(event: Event) -> Iterator[Action]:
    """The same address goes on by mod_httapi, which can collect digits. A caller of no plain number is anonymous."""
    heard = hear(event)
    assert heard is not None, "there is a step"
    call = {"number": heard.number, "caller": heard.caller or ""}
    told = [f"{name}={text}" for name, text in call.items() if _PLAIN.fullmatch(text)]
    yield "answer", ""
    yield "httapi", f"{{{','.join(('method=POST', *told, f'url={event.address}'))}}}"


def _actions(line: Line, step: Step) -> Iterator[Action]:
    agent = line.given("agent")
    if isinstance(step, HandOver):
        headers = sip_headers(step.session_id, step.data)
        yield from _export_headers(headers)
        yield "export", f"{ID_KEY}={step.session_id}"
        for name, value in step.data.items():
            yield "export", f"{_variable(name)}={quote(value)}"
        if not _is_dialled(agent):
            yield _send(agent, line)
            return
        # Agents who cannot be reached leave the call to the queue; when they hang up it is over.
        yield "set", "hangup_after_bridge=true"
        yield "set", "continue_on_fail=true"
        yield _send(agent, line)
        yield from _export_headers(dict.fromkeys(headers, ""))
        step = Queue(Reason.UNANSWERED)
    if isinstance(step, Queue):
        yield from _export_headers(queue_headers(step.reason))
        yield "export", status(step.reason)
    yield _send(line.given("queue"), line)


def _export_headers(headers: Mapping[str, str]) -> Iterator[Action]:
    """Those of the next INVITE; one without a value goes."""
    for name, value in headers.items():
        yield "export", f"{_HEADER}{name}={value}"


def _variable(name: str) -> str:
    return _DATA + re.sub(r"[^A-Za-z0-9_]", "_", name)


def _send(destination: str, line: Line) -> Action:
    if _is_dialled(destination):
        return "bridge", destination
    return "transfer", f"{destination} XML {line.given('context')}"


def _is_dialled(destination: str) -> bool:
    return "/" in destination


_DESTINATION = Plain(
    "an extension such as `5000`, or a dial string such as `sofia/gateway/carrier/5000`, without `${}`"
)

adapter = Adapter(
    name="freeswitch",
    summary="FreeSWITCH's `mod_httapi` and `mod_xml_curl`.",
    options=(
        Option("agent", _DESTINATION, "Where matched calls go.", mandatory=True),
        Option("queue", _DESTINATION, "Where all other calls go: the ordinary queue.", mandatory=True),
        Option("context", Plain("the name of a context"), "The dialplan context of extensions.", "default"),
        Option("tts_engine", Plain("the name of an engine"), "What speaks.", "flite"),
        Option("tts_voice", Plain("the name of a voice"), "With which voice.", "slt"),
        COLLECT_SECONDS,
        *PROMPT_OPTIONS,
    ),
    talk=Talk(hear, say),
)
