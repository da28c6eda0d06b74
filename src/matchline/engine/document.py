"""A configuration file: TOML with the section and option names of the wire."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from matchline.engine.check import ConfigurationFault, faults
from matchline.engine.declared import GROUP_PREFIX, SERVICE_PREFIX
from matchline.engine.policy import Builtins
from matchline.model import Number, Stored

# Settings of one process, such as its address: they are read from the file at each start and never stored.
PROCESS_SECTION = "process"

_NESTED = (GROUP_PREFIX.rstrip("."), SERVICE_PREFIX.rstrip("."))


@dataclass(frozen=True, slots=True)
class Document:
    """The sections and numbers that a file names."""

    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # group → numbers
    process: Mapping[str, str] = field(default_factory=dict)  # settings of the process, not of the store

    def stored(self) -> Stored:
        """What a store holds to which nothing but this document was applied."""
        entries = ((group, text) for group, texts in self.numbers.items() for text in texts)
        numbers = (Number(place, group, text) for place, (group, text) in enumerate(entries, 1))
        return Stored(0, self.sections, tuple(numbers))


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault and its line in the file, 0 when it has none."""

    line: int
    message: str


def read(text: str, builtins: Builtins) -> tuple[Document, tuple[PlacedFault, ...]]:
    """The document, and every fault of it."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column \d+\)", str(error))
        return Document(), (PlacedFault(int(at[1]) if at else 0, str(error)),)
    sections: dict[str, dict[str, str]] = {}
    numbers: dict[str, tuple[str, ...]] = {}
    found: list[ConfigurationFault] = []
    for section, table in _tables(tables):
        if not isinstance(table, dict):
            found.append(ConfigurationFault(section, None, "must be a section"))
            continue
        found += _read_section(section, table, sections, numbers)
    process = sections.pop(PROCESS_SECTION, {})
    document = Document(sections, numbers, process)
    found += faults(document.stored(), builtins)
    placed = (PlacedFault(_line(text, fault), str(fault)) for fault in found)
    return document, tuple(sorted(placed, key=lambda fault: fault.line))


def _tables(tables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, table in tables.items():
        if name in _NESTED and isinstance(table, dict):
            yield from ((f"{name}.{inner}", nested) for inner, nested in table.items())
        else:
            yield name, table


def _read_section(
    section: str,
    table: Mapping[str, object],
    sections: dict[str, dict[str, str]],
    numbers: dict[str, tuple[str, ...]],
) -> Iterator[ConfigurationFault]:
    options = sections.setdefault(section, {})
    for name, value in table.items():
        if name == "numbers" and section.startswith(GROUP_PREFIX):
            if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
                numbers[section.removeprefix(GROUP_PREFIX)] = tuple(value)
            else:
                yield ConfigurationFault(section, name, "must be a list of strings")
        elif isinstance(value, bool):
            options[name] = str(value).lower()
        elif isinstance(value, str | int | float):
            options[name] = str(value)
        else:
            yield ConfigurationFault(section, name, "must be a string, a number or a boolean")
    if not options and section.startswith(GROUP_PREFIX):
        options["_allocation_strategy"] = "CLUSTER"  # a group exists by its options; this is the default


def _line(text: str, fault: ConfigurationFault) -> int:
    """The line of the option, or of its section's head."""
    inside, head = False, 0
    for place, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            name = line.strip().strip("[]").replace('"', "").replace("'", "").strip()
            inside = name == fault.section
            head = place if inside else head
        elif inside and fault.option and re.match(rf"\s*[\"']?{re.escape(fault.option)}[\"']?\s*=", line):
            return place
    return head
