"""A configuration file: TOML with the section and option names of the wire."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from matchline.engine.check import ConfigurationFault, declared_faults, faults
from matchline.engine.declared import (
    ADAPTER_PREFIX,
    GROUP_PREFIX,
    PROCESS_OPTIONS,
    PROCESS_SECTION,
    SERVICE_PREFIX,
)
from matchline.engine.policy import Builtins
from matchline.model import Number, Stored

_BYTE_ORDER_MARK = "\ufeff"  # some editors begin a file with it

_NESTED = (GROUP_PREFIX.rstrip("."), SERVICE_PREFIX.rstrip("."), ADAPTER_PREFIX.rstrip("."))


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
        tables = tomllib.loads(text.removeprefix(_BYTE_ORDER_MARK))
    except RecursionError:
        return Document(), (PlacedFault(0, "is nested too deeply"),)
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
    found += declared_faults(PROCESS_SECTION, PROCESS_OPTIONS, process)
    found += faults(document.stored(), builtins)
    lines = _lines(text)
    placed = (PlacedFault(_line(lines, fault), str(fault)) for fault in found)
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


def _lines(text: str) -> Mapping[tuple[str, str], int]:
    """(section, option) → its line; with the option '' the section's head."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for place, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("["):
            section = bare.strip("[]").replace('"', "").replace("'", "").strip()
            found.setdefault((section, ""), place)
        elif "=" in bare:
            found.setdefault((section, bare.partition("=")[0].strip(" \"'")), place)
    return found


def _line(lines: Mapping[tuple[str, str], int], fault: ConfigurationFault) -> int:
    """The line of the option, or of its section's head."""
    head = lines.get((fault.section, ""), 0)
    return lines.get((fault.section, fault.option or ""), head)
