"""Every fault of a configuration, found at once and each with its place (rules 1 and 3)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from matchline import phone
from matchline.engine.access import SERVER, access_faults
from matchline.engine.callback_policy import callback_faults, is_callback
from matchline.engine.chart_documents import document_faults
from matchline.engine.declared import (
    ADAPTER_PREFIX,
    EVENTS_OPTIONS,
    GROUP_OPTIONS,
    GROUP_PREFIX,
    PORT_RESTRICTIONS,
    SERVER_OPTIONS,
    SERVICE_PREFIX,
    STORAGE_OPTIONS,
)
from matchline.engine.line import platform_key
from matchline.engine.orchestration_policy import orchestration_faults, orchestration_policy
from matchline.engine.outgoing import EVENTS, event_faults
from matchline.engine.policy import Builtins, aliases, directory, group, group_names, server_policy
from matchline.engine.ports import port_faults
from matchline.engine.service import BUILTIN, MATCHING, ORS, bound_to
from matchline.errors import shown
from matchline.model import Number, Sections, Stored
from matchline.options import FIXED, HAS_NUL, Option, Section, is_extra_name, listed, section_faults

_REGIONS = ("default_region", "_default_region")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# What stands in an address as it is.
_LINE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

# What stands where a service's name would stand in an address, or may come to stand there.
RESERVED_SERVICE_NAMES = frozenset({"callback", "storage", "admin", "service"})


@dataclass(frozen=True, slots=True)
class ConfigurationFault:
    """What is wrong, and where: a section, and an option or number of it."""

    section: str
    option: str | None
    message: str
    tolerable: bool = False  # it may come about by itself, when a drained number goes

    def __str__(self) -> str:
        place = f"[{self.section}]" + (f" {self.option}" if self.option else "")
        return f"{place}: {self.message}"


def faults(stored: Stored, builtins: Builtins) -> tuple[ConfigurationFault, ...]:
    """None of them: the configuration can be put in force."""
    found = [
        fault for name, options in stored.sections.items() for fault in _section(name, options, builtins)
    ]
    found += [ConfigurationFault(*fault) for fault in access_faults(stored.sections)]
    found += [ConfigurationFault(*fault) for fault in callback_faults(stored.sections)]
    found += _unanswered_lines(stored.sections)
    found += _unusable_documents(stored.sections, found)
    found += _numbers(replace(stored, sections=_readable(stored, found)))
    return tuple(found)


def _readable(stored: Stored, found: Iterable[ConfigurationFault]) -> Sections:
    """What of the sections tells how numbers are read, for the faults of the numbers to be told with the others.

    Of a section with a fault only the region is kept, as far as that is right.
    """
    wrong = {(fault.section, fault.option) for fault in found}
    sections = {}
    for name, options in stored.sections.items():
        faulty = any(section == name for section, _ in wrong)
        sections[name] = {
            option: text
            for option, text in options.items()
            if not faulty or (option in _REGIONS and (name, option) not in wrong)
        }
    return sections


def _section(name: str, options: Section, builtins: Builtins) -> Iterator[ConfigurationFault]:
    if name.startswith(SERVICE_PREFIX):
        yield from _service(name, options, builtins)
    elif name.startswith(ADAPTER_PREFIX):
        yield from _adapter(name, options, builtins)
    elif name.startswith(GROUP_PREFIX):
        yield from declared_faults(name, GROUP_OPTIONS, options)
        yield from _group(name, options)
    elif name in ("server", "storage"):
        yield from declared_faults(name, SERVER_OPTIONS if name == "server" else STORAGE_OPTIONS, options)
        yield from (ConfigurationFault(name, *fault) for fault in orchestration_faults(options))
    elif name == EVENTS:
        yield from declared_faults(name, EVENTS_OPTIONS, options)
        for option, message in event_faults(options):
            yield ConfigurationFault(name, option, message)
    elif name == PORT_RESTRICTIONS:
        for pattern, message in port_faults(options).items():
            yield ConfigurationFault(name, pattern, message)
    else:
        message = (
            "is no section: use server, storage, events, port_restrictions, resources.<group>, service.<name> "
            "or adapter.<name>"
        )
        yield ConfigurationFault(name, None, message)


def declared_faults(
    name: str, declared: Mapping[str, Option], options: Section
) -> Iterator[ConfigurationFault]:
    """What is wrong with a section whose options are all declared."""
    for option in options:
        if option not in declared:
            yield ConfigurationFault(name, option, "is not an option of this section")
    for option, message in section_faults(declared, options).items():
        yield ConfigurationFault(name, option, message)


def _group(name: str, options: Section) -> Iterator[ConfigurationFault]:
    if not _is_name(name.removeprefix(GROUP_PREFIX)):
        yield ConfigurationFault(name, None, "a resource group cannot have this name")
    try:
        aliases(options.get("_aliases", ""))
    except ValueError as error:
        yield ConfigurationFault(name, "_aliases", str(error))
    grace, cooldown = (
        options.get(option) or GROUP_OPTIONS[option].default or "" for option in ("_late_grace", "_cooldown")
    )
    if grace.strip().isdecimal() and cooldown.strip().isdecimal() and int(grace) > int(cooldown):
        message = f"must not be longer than _cooldown ({cooldown} seconds)"
        yield ConfigurationFault(name, "_late_grace", message)


def _is_name(text: str) -> bool:
    """Whether it can stand in an address, and in a line of a log."""
    return text not in ("", ".", "..") and "/" not in text and not _CONTROL.search(text)


def _service(name: str, options: Section, builtins: Builtins) -> Iterator[ConfigurationFault]:
    service = name.removeprefix(SERVICE_PREFIX)
    if service in RESERVED_SERVICE_NAMES or not _is_name(service):
        yield ConfigurationFault(name, None, "a service cannot have this name")
    if (options.get("_type") or BUILTIN) not in (BUILTIN, ORS):
        yield ConfigurationFault(name, "_type", f"must be {BUILTIN} or {ORS}")
        return
    services = {name: each for name, each in builtins.items() if not name.startswith(ADAPTER_PREFIX)}
    declared = services.get(bound_to(options))
    if declared is None:
        known = ", ".join(sorted(set(services) - {ORS}))
        yield ConfigurationFault(name, "_service", f"must name a built-in: {known}")
        return
    for option, text in options.items():
        if option not in declared and not is_extra_name(option):
            yield ConfigurationFault(name, option, f"is not an option of {bound_to(options)}")
        elif option not in declared and "\0" in text:
            yield ConfigurationFault(name, option, HAS_NUL)
    for option, message in section_faults(declared, options, references=True).items():
        yield ConfigurationFault(name, option, message)
    yield from (ConfigurationFault(name, *fault) for fault in orchestration_faults(options))
    for option in listed(options.get("_overwritable_options", "")):
        if option in FIXED or option not in declared:
            message = f"a request cannot override {shown(option)}"
            yield ConfigurationFault(name, "_overwritable_options", message)


def _unusable_documents(
    sections: Sections, found: Iterable[ConfigurationFault]
) -> Iterator[ConfigurationFault]:
    """They are files, which may change by themselves. What another server runs is its matter."""
    if any(fault.section == SERVER for fault in found):
        return
    for name, options in sections.items():
        server = sections.get(SERVER, {})
        is_chart = name.startswith(SERVICE_PREFIX) and bound_to(options) == ORS
        if is_chart and (is_callback(options) or not orchestration_policy(options, server).servers):
            for message in document_faults(options, server):
                yield ConfigurationFault(name, "_service", message, tolerable=True)


def _adapter(name: str, options: Section, builtins: Builtins) -> Iterator[ConfigurationFault]:
    if not _LINE_NAME.fullmatch(name.removeprefix(ADAPTER_PREFIX)):
        yield ConfigurationFault(name, None, "a line's name has 1 to 64 letters, digits, `-` and `_`")
    declared = builtins.get(platform_key(options))
    if declared is None:
        known = ", ".join(
            sorted(each.removeprefix(ADAPTER_PREFIX) for each in builtins if each.startswith(ADAPTER_PREFIX))
        )
        yield ConfigurationFault(name, "_type", f"must name a platform: {known}")
        return
    yield from declared_faults(name, declared, options)
    for option in declared.values():
        if option.mandatory and not (options.get(option.name) or option.default):
            yield ConfigurationFault(name, option.name, "is missing")


def _unanswered_lines(sections: Sections) -> Iterator[ConfigurationFault]:
    """Lines whose service is not there, or decides about no calls."""
    for name, options in sections.items():
        service = options.get("_service") or MATCHING
        if (
            name.startswith(ADAPTER_PREFIX)
            and bound_to(sections.get(SERVICE_PREFIX + service, {})) != MATCHING
        ):
            message = (
                f"must name a configured service that is bound to {MATCHING}, and {shown(service)} is none"
            )
            yield ConfigurationFault(name, "_service", message)


def _numbers(stored: Stored) -> Iterator[ConfigurationFault]:
    server = server_policy(stored.sections.get("server", {}), stored.sections.get("storage", {}))
    groups = {
        name: group(name, stored.sections.get(GROUP_PREFIX + name, {}), server)
        for name in group_names(stored)
    }
    for number in stored.numbers:
        if not number.text.strip() or len(number.text) > phone.MAX_TEXT or "\0" in number.text:
            message = f"{shown(number.text)} is no number: 1 to {phone.MAX_TEXT} characters are"
            yield ConfigurationFault(GROUP_PREFIX + number.group, "numbers", message)
    book = directory(stored.numbers, groups)
    for owner, number in dict.fromkeys(book.collisions):  # one pair may meet in several spellings
        yield ConfigurationFault(GROUP_PREFIX + number.group, "numbers", f"{number.text} is {_owned(owner)}")
    for name, alias, other in dict.fromkeys(book.doubtful):
        yield ConfigurationFault(GROUP_PREFIX + name, "_aliases", f"{alias} would also mean {_owned(other)}")
    for name, alias, text in book.strays:
        message = f"{alias}={text}: the group has no number {text}"
        yield ConfigurationFault(GROUP_PREFIX + name, "_aliases", message, tolerable=True)


def _owned(number: Number) -> str:
    drains = ", where it drains" if number.draining else ""
    return f"{number.text} of the resource group {number.group}{drains}"
