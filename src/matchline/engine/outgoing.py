"""The section `events`: what is told to other programs, where, and for how long it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from matchline.clock import SECOND
from matchline.engine.declared import EVENTS_OPTIONS
from matchline.errors import shown
from matchline.kept.events import EventType, Recording
from matchline.options import Section, listed

EVENTS = "events"

_HOUR = 3600 * SECOND
_ALL = "*"


@dataclass(frozen=True, slots=True)
class EventPolicy:
    recording: Recording
    url: str | None  # where events are delivered; None: nowhere
    secret: str  # that signs them


def event_policy(options: Section, *, charts: bool = False) -> EventPolicy:
    texts = {name: options.get(name) or option.default or "" for name, option in EVENTS_OPTIONS.items()}
    url = texts["url"].strip() or None
    keep = int(texts["keep_hours"]) * _HOUR
    return EventPolicy(Recording(_types(texts["types"]), url is not None, keep, charts), url, texts["secret"])


def event_faults(options: Section) -> Iterator[tuple[str, str]]:
    """Option, and what is wrong with it."""
    for name in listed(options.get("types", "")):
        if name != _ALL and name not in set(EventType):
            known = ", ".join(EventType)
            yield "types", f"{shown(name)} is no type of event: use *, or some of {known}"
    url = options.get("url", "").strip()
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield "url", "must be an absolute http or https URL"
    if not options.get("secret"):
        yield "secret", "is missing: what is delivered is signed with it"
    if not listed(options.get("types", "")):
        yield "types", "is missing: say * to deliver every event"


def _types(text: str) -> frozenset[EventType]:
    names = listed(text)
    return frozenset(EventType if _ALL in names else map(EventType, names))
