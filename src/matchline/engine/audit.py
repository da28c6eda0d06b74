"""What an entry of the audit trail says of a change: each option and number before and after, secrets masked."""

from collections.abc import Mapping

from msgspec.structs import asdict

from matchline.engine.declared import (
    ADAPTER_PREFIX,
    EVENTS_OPTIONS,
    GROUP_PREFIX,
    SERVER_OPTIONS,
    SERVICE_PREFIX,
    STORAGE_OPTIONS,
)
from matchline.engine.line import platform_key
from matchline.engine.policy import Builtins, Configuration
from matchline.engine.service import bound_to
from matchline.kept.audit import MASKED, AuditEntry
from matchline.kept.person import Forgotten
from matchline.model import Change, Key
from matchline.observing.context import actor
from matchline.observing.masking import masked_phone
from matchline.options import Option, Section

MOST_NUMBERS = 100  # that one entry names; of more it says how many there were


def entry(current: Configuration, change: Change, builtins: Builtins) -> AuditEntry:
    """Of a change that is about to be made."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for section, name, text in _options(current, change):
        was = current.sections.get(section, {})
        becomes = {**was, **_set(change, section)}  # perhaps bound to something that declares other options
        secret = any(is_secret(section, name, options, builtins) for options in (was, becomes))
        for side, value in ((before, was.get(name)), (after, text)):
            if value is not None:
                side[f"[{section}] {name}"] = MASKED if secret else value
    _tell_numbers(after, "added", [f"{group} {text}" for group, text in change.added])
    texts = {number.id: f"{number.group} {number.text}" for number in current.numbers}
    _tell_numbers(before, "drained", [texts[number_id] for number_id in change.removed if number_id in texts])
    after |= {f"key {key.id}": _told(key) for key in change.created}
    before |= {f"key {key.id}": _told(key) for key in current.keys if key.id in change.revoked}
    return AuditEntry(actor(), _what(change), before, after)


def forgetting(phone_text: str) -> AuditEntry:
    """Of a person who is about to be forgotten: it stays though that be broken off."""
    return AuditEntry(actor(), "begins to forget a person", _nobody(phone_text))


def forgotten(phone_text: str, removed: Forgotten) -> AuditEntry:
    """How much there was of each kind that there was any of."""
    counts = {kind: str(count) for kind, count in asdict(removed).items() if count}
    return AuditEntry(actor(), "person forgotten", _nobody(phone_text) | counts)


def _nobody(phone_text: str) -> dict[str, str]:
    return {"phone": masked_phone(phone_text)}


def is_secret(section: str, name: str, options: Section, builtins: Builtins) -> bool:
    option = declared_options(section, options, builtins).get(name)
    return option is not None and option.secret


def declared_options(section: str, options: Section, builtins: Builtins) -> Mapping[str, Option]:
    """What is declared for a section with these options."""
    if section.startswith(SERVICE_PREFIX):
        return builtins.get(bound_to(options), {})
    if section.startswith(ADAPTER_PREFIX):
        return builtins.get(platform_key(options), {})
    known = {"server": SERVER_OPTIONS, "storage": STORAGE_OPTIONS, "events": EVENTS_OPTIONS}
    return known.get(section, {})


def _options(current: Configuration, change: Change) -> list[tuple[str, str, str | None]]:
    removed = [
        (section, name, None)
        for section in change.removed_sections
        for name in current.sections.get(section, {})
        if name not in _set(change, section)
    ]
    return [*removed, *change.options]


def _set(change: Change, section: str) -> dict[str, str]:
    return {name: text for each, name, text in change.options if each == section and text is not None}


def _tell_numbers(side: dict[str, str], what: str, numbers: list[str]) -> None:
    """`resources.DNIS +1 800 …`, as many as there is room for."""
    for number in numbers[:MOST_NUMBERS]:
        side[f"[{GROUP_PREFIX}{number}]"] = what
    if len(numbers) > MOST_NUMBERS:
        side["and more numbers"] = f"{len(numbers) - MOST_NUMBERS} {what}"


def _told(key: Key) -> str:
    return f"{key.name}: {', '.join(sorted(key.scopes))}"


def _what(change: Change) -> str:
    told = {
        "key created": change.created,
        "key revoked": change.revoked,
        "section removed": change.removed_sections,
        "options changed": change.options,
        "numbers added": change.added,
        "numbers drained": change.removed,
    }
    return ", ".join(what for what, changes in told.items() if changes)
