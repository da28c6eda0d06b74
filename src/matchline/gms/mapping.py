"""Decides what of an export can be configured here, and says of the rest why not.

What comes out is a configuration without a fault: a section or option that would be refused is left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from matchline import phone
from matchline.engine.check import ConfigurationFault, faults
from matchline.engine.declared import (
    GROUP_OPTIONS,
    GROUP_PREFIX,
    PORT_RESTRICTIONS,
    SERVER_OPTIONS,
    SERVICE_PREFIX,
    STORAGE_OPTIONS,
)
from matchline.engine.document import Document
from matchline.engine.orchestration_policy import ORCHESTRATION_OPTIONS
from matchline.engine.policy import Builtins, directory, group, server_policy
from matchline.engine.service import BUILTIN, ORS, bound_to
from matchline.gms.export import Entry, Export, Remark, place
from matchline.model import Stored
from matchline.options import Choice, Flag, Option, is_extra_name, listed

# An option with the same meaning and another name here.
_RENAMED = {("server", "external_url_base"): "public_url"}

_OTHER_SECTIONS = {
    "business-attributes": "configuration of the Genesys environment",
    "callback": "what callbacks need are options of the services: see docs/callbacks.md",
    "cassandra": "the store is named with --store",
    "cassandra-authentication-security": "the store is named with --store",
    "chat": "chat is not served",
    "email": "e-mail is not served",
    "gms": "the address and port are settings of the process: --host and --port",
    "log": "the log goes to standard error; its level is --log-level",
    "notification": "push notifications are not sent",
    "openmedia": "open media are not served",
    "push": "push notifications are not sent",
    "resources": "resource groups are sections named resources.<group>",
    "stat": "no statistics server is asked",
    "urs": "no Universal Routing Server is asked",
}
_STRATEGY = "_allocation_strategy"
_GROUP_OPTION = "_resource_group"
_NO_REGION = "name the region of national numbers with --region"


@dataclass(slots=True)
class _Draft:
    """A configuration in the making. `lines` has the line of each (section, option), with the option '' its head."""

    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, section: str, name: str, reason: str, line: int | None = None) -> None:
        if line is None:
            line = self.lines.get((section, name)) or self.lines.get((section, ""), 0)
        self.remarks.append(Remark(line, place(section, name), reason))

    def set(self, section: str, name: str, text: str, line: int) -> None:
        self.sections[section][name] = text
        self.lines[section, name] = line

    def document(self) -> Document:
        numbers = {name: tuple(texts) for name, texts in self.numbers.items()}
        return Document({name: dict(options) for name, options in self.sections.items() if options}, numbers)


def map_export(
    export: Export, builtins: Builtins, region: str | None = None
) -> tuple[Document, tuple[Remark, ...]]:
    """The configuration, and in the order of the file what is not in it or not as it stood.

    `region` is where national numbers are read; an export does not say.
    """
    draft = _Draft(remarks=list(export.remarks))
    if region:
        draft.sections["server"] = {"default_region": region}
    for spelled, line in export.sections.items():
        entries = tuple(entry for entry in export.entries if entry.section == spelled)
        _map_section(draft, spelled, line, entries, builtins)
    _leave_out_faults(draft, builtins)
    _remark_missing_groups(draft, builtins)
    _remark_missing_region(draft)
    return draft.document(), tuple(sorted(draft.remarks, key=lambda remark: remark.line))


def _map_section(
    draft: _Draft, spelled: str, line: int, entries: tuple[Entry, ...], builtins: Builtins
) -> None:
    section = _section_name(spelled)
    draft.lines[section, ""] = line
    if section.startswith(SERVICE_PREFIX):
        _map_service(draft, section, entries, builtins)
    elif section.startswith(GROUP_PREFIX):
        _map_group(draft, section, entries)
    elif section in ("server", "storage"):
        declared = SERVER_OPTIONS if section == "server" else STORAGE_OPTIONS
        draft.sections.setdefault(section, {})
        for entry in entries:
            _map_option(draft, section, entry, declared)
    elif section == ORS:
        draft.sections.setdefault("server", {})
        for entry in entries:
            _map_option(draft, "server", entry, ORCHESTRATION_OPTIONS)
    elif section == PORT_RESTRICTIONS:
        draft.sections.setdefault(section, {})
        draft.remark(section, "", "the server must listen on these ports: --port may be given several times")
        for entry in entries:
            draft.set(section, entry.name, entry.text, entry.line)
    else:
        known = _OTHER_SECTIONS.get(section) or _OTHER_SECTIONS.get(section.partition(".")[0])
        count = f"{len(entries)} option{'' if len(entries) == 1 else 's'} not configured"
        draft.remark(section, "", f"{count}: {known or 'there is no such section here'}")


def _section_name(spelled: str) -> str:
    """What we look for in lower case; the names of services and groups as they are."""
    kind, dot, name = spelled.partition(".")
    return f"{kind.lower()}.{name}" if dot else spelled.lower()


# Options


def _map_option(draft: _Draft, section: str, entry: Entry, declared: Mapping[str, Option]) -> None:
    option = _named(declared, _RENAMED.get((section, entry.name.lower()), entry.name))
    if option is None:
        draft.remark(section, entry.name, "there is no such option here", entry.line)
    elif entry.text == "":
        draft.remark(section, entry.name, "has no value, which counts as not set", entry.line)
    else:
        draft.set(section, option.name, _text(option, entry.text), entry.line)


def _named(declared: Mapping[str, Option], name: str) -> Option | None:
    return next((option for option in declared.values() if option.name.casefold() == name.casefold()), None)


def _text(option: Option, text: str) -> str:
    """Values that the export may spell in other letters than we do."""
    match option.kind:
        case Flag() if text.lower() in ("true", "false"):
            return text.lower()
        case Choice(among):
            return next((value for value in among if value.casefold() == text.casefold()), text)
    return text


# Services


def _map_service(draft: _Draft, section: str, entries: tuple[Entry, ...], builtins: Builtins) -> None:
    found = {entry.name.lower(): entry.text for entry in entries}
    kind = (found.get("_type") or BUILTIN).lower()
    if kind not in (BUILTIN, ORS):
        draft.remark(section, "", f"is not configured: its _type is {kind}")
        return
    builtin = bound_to({**found, "_type": kind}).lower()
    if not builtin and section.removeprefix(SERVICE_PREFIX) in builtins:
        builtin = section.removeprefix(SERVICE_PREFIX)
        draft.remark(section, "", f"has no _service: taken for {builtin}, as its name says")
    if builtin not in builtins:
        draft.remark(
            section, "", f"is not configured: the built-in {builtin or 'of no name'} is not served here"
        )
        return
    document = found.get("_service") or found.get("_name") or ""
    draft.sections[section] = {"_type": kind, "_service": document if kind == ORS else builtin}
    for entry in entries:
        _map_service_option(draft, section, entry, builtins[builtin])


def _map_service_option(draft: _Draft, section: str, entry: Entry, declared: Mapping[str, Option]) -> None:
    name = entry.name.lower()
    if name in ("_type", "_service", "_name"):
        draft.lines[section, name] = entry.line
    elif _named(declared, entry.name) is None and is_extra_name(entry.name):
        draft.set(section, entry.name, entry.text, entry.line)  # a parameter of its own
    else:
        _map_option(draft, section, entry, declared)


# Resource groups


def _map_group(draft: _Draft, section: str, entries: tuple[Entry, ...]) -> None:
    """Options begin with `_`; every other entry is a number under a name of the administrator's choice."""
    draft.sections[section] = {
        "_allocation_strategy": "CLUSTER"
    }  # a group exists by its options; the default
    numbers = draft.numbers.setdefault(section.removeprefix(GROUP_PREFIX), [])
    for entry in entries:
        if entry.name.startswith("_"):
            _map_option(draft, section, entry, GROUP_OPTIONS)
            continue
        texts = listed(entry.text)
        if not texts and any(character.isdigit() for character in entry.name):
            texts = (entry.name,)
            draft.remark(section, entry.name, "has no value: its name was taken for the number", entry.line)
        if not texts or any(len(text) > phone.MAX_TEXT for text in texts):
            draft.remark(section, entry.name, "holds no number", entry.line)
            continue
        for text in texts:
            draft.lines[section, text] = entry.line
        numbers += texts


def _keep_group(options: dict[str, str], section: str) -> None:
    """A group exists by its options: one that has none gets the default of one."""
    if not options and section.startswith(GROUP_PREFIX):
        options[_STRATEGY] = GROUP_OPTIONS[_STRATEGY].default or ""


# What would be refused


def _leave_out_faults(draft: _Draft, builtins: Builtins) -> None:
    """First what is wrong with options, because they say how numbers are read; then numbers; then the whole."""
    _leave_out(draft, lambda: faults(Stored(0, draft.document().sections), builtins))
    _leave_out_double_numbers(draft)
    _leave_out(draft, lambda: faults(draft.document().stored(), builtins), tolerate=False)


def _leave_out(
    draft: _Draft, look: Callable[[], Iterable[ConfigurationFault]], *, tolerate: bool = True
) -> None:
    while found := [fault for fault in look() if not (tolerate and fault.tolerable)]:
        for fault in found:
            draft.remark(fault.section, fault.option or "", f"is not configured: {fault.message}")
            options = draft.sections.get(fault.section, {})
            if fault.option in options and fault.option != "_service":  # without that there is no service
                del options[fault.option]
                _keep_group(options, fault.section)
            else:
                draft.sections.pop(fault.section, None)
                draft.numbers.pop(fault.section.removeprefix(GROUP_PREFIX), None)


def _leave_out_double_numbers(draft: _Draft) -> None:
    """A number belongs to one group: the one that the file names first."""
    stored = draft.document().stored()
    server = server_policy(draft.sections.get("server", {}), {})
    groups = {name: group(name, draft.sections[GROUP_PREFIX + name], server) for name in draft.numbers}
    doubles = {number: owner for owner, number in directory(stored.numbers, groups).collisions}
    for number, owner in doubles.items():
        reason = f"is left out: it is {owner.text} of the group {owner.group}"
        draft.remark(GROUP_PREFIX + number.group, number.text, reason)
    for name in draft.numbers:
        kept = (number for number in stored.numbers if number.group == name and number not in doubles)
        draft.numbers[name] = [number.text for number in kept]


def _remark_missing_groups(draft: _Draft, builtins: Builtins) -> None:
    """A service whose group is not there would refuse every request."""
    for section, options in draft.sections.items():
        declared = builtins.get(bound_to(options), {}).get(_GROUP_OPTION)
        wanted = options.get(_GROUP_OPTION) or (declared.default if declared else None)
        if wanted and wanted not in draft.numbers and "$" not in wanted:
            draft.remark(section, _GROUP_OPTION, f"the resource group {wanted} is not in the export")


def _remark_missing_region(draft: _Draft) -> None:
    if "default_region" in draft.sections.get("server", {}):
        return
    national = [text for texts in draft.numbers.values() for text in texts if not text.startswith("+")]
    if national:
        draft.remarks.append(
            Remark(0, "", f"{national[0]} and other numbers are compared as they stand: {_NO_REGION}")
        )
