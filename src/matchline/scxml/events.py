"""Events: what they carry (section 5.10.1), and which descriptors match them (3.12.1)."""

from typing import Literal

import msgspec

SCXML_PROCESSOR = "http://www.w3.org/TR/scxml/#SCXMLEventProcessor"
HTTP_PROCESSOR = "http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor"

# What a document may call the first of them, in <send> and <invoke>; None: nothing.
SCXML_TYPES = (
    None,
    "",
    "scxml",
    "http://www.w3.org/TR/scxml",
    "http://www.w3.org/TR/scxml/",
    SCXML_PROCESSOR,
)

EXECUTION = "error.execution"
COMMUNICATION = "error.communication"
PLATFORM = "error.platform"


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    type: Literal["platform", "internal", "external"] = "external"
    data: str | None = None  # JSON; None where there is none
    sendid: str | None = None
    origin: str | None = None
    origintype: str | None = None
    invokeid: str | None = None


def descriptors(text: str) -> tuple[str, ...]:
    """The descriptors of an `event` attribute; a trailing `.` or `.*` means nothing."""
    return tuple(word.removesuffix("*").removesuffix(".") if word != "*" else word for word in text.split())


def matches(wanted: tuple[str, ...], name: str) -> bool:
    return any(word in ("*", name) or name.startswith(f"{word}.") for word in wanted)


def error(name: str, message: str, sendid: str | None = None, invokeid: str | None = None) -> Event:
    """An error event; its data are `{"message": …}`."""
    data = msgspec.json.encode({"message": message}).decode()
    return Event(name, "platform", data, sendid=sendid, invokeid=invokeid)
