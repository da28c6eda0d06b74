"""The Basic HTTP Event I/O Processor (appendix C.2): messages to requests and back, without sending any."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

import msgspec

from matchline.scxml.events import HTTP_PROCESSOR, Event

EVENT_NAME = "_scxmleventname"
FORM = "application/x-www-form-urlencoded"


class HttpRequest(msgspec.Struct, frozen=True, tag_field="effect", tag=True):
    """A POST that the host is to make. A status outside 2xx is `error.communication` for the sender."""

    session: str
    url: str
    content_type: str
    body: str
    sendid: str | None = None


def request(session: str, url: str, event: Event) -> HttpRequest:
    """`event.data` are an object's members as form fields, or content as the body."""
    data = msgspec.json.decode(event.data) if event.data is not None else {}
    if isinstance(data, dict):
        fields = [(EVENT_NAME, event.name)] if event.name else []
        fields += [(name, _text(value)) for name, value in data.items()]
        return HttpRequest(session, url, FORM, urlencode(fields), event.sendid)
    return HttpRequest(session, url, "text/plain", _text(data), event.sendid)


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def received(method: str, fields: Iterable[tuple[str, str]], body: str | None = None) -> Event:
    """The event for a request that came in: named by a field, or else by the method.

    `fields` are those of the query and the form; `body` is given when it was no form.
    """
    named = dict(fields)
    name = named.pop(EVENT_NAME, None) or f"HTTP.{method.upper()}"
    data: object = named if body is None else body
    return Event(name, data=msgspec.json.encode(data).decode(), origintype=HTTP_PROCESSOR)


def form_fields(body: str) -> list[tuple[str, str]]:
    return parse_qsl(body, keep_blank_values=True)
