"""Numbers that a person pastes or uploads: read in any format, and judged before anything is changed. Pure functions.

A CSV file has a line of names, of which `number` is needed. Anything else is numbers, one a line, or several with
commas, semicolons or tabs between them.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchline import phone
from matchline.engine.policy import Configuration
from matchline.model import Number

COLUMNS = ("group", "number", "reading", "state")  # of a CSV file
DRAINING, IN_USE = "draining", "in use"  # states there

_MARK = "\ufeff"  # that some programs begin a file with
_DELIMITERS = ",;\t"
_URI = re.compile(r"\s*(tel|sips?):", re.IGNORECASE)  # semicolons belong to it
_READABLE = re.compile(r"\+?[0-9*#]+")

# Spreadsheets take what begins so for a formula, `+1 800` excepted; the guard itself is guarded too.
_FORMULA = re.compile(r"^(?:['=@\t\r-]|\+(?![0-9]))")
_GUARD = "'"


class Finding(StrEnum):
    NEW = "new"
    BACK = "taken back"
    KNOWN = "there already"
    LEFT = "left to drain"
    TWICE = "given twice"
    OWNED = "of another group"
    UNREADABLE = "unreadable"

    @property
    def is_wanted(self) -> bool:
        return self in (Finding.NEW, Finding.BACK)

    @property
    def is_trouble(self) -> bool:
        return self in (Finding.OWNED, Finding.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Given:
    place: int  # its line
    text: str
    group: str = ""  # that a CSV file names
    drains: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    place: int
    text: str
    reading: str
    finding: Finding
    about: str = ""


def read_given(text: str) -> list[Given]:
    text = text.removeprefix(_MARK)
    first, _, _ = text.lstrip().partition("\n")
    delimiter = next((each for each in _DELIMITERS if each in first), ",")
    names = [cell.strip().strip('"').lower() for cell in first.split(delimiter)]
    return list(_rows(text.lstrip(), delimiter, names) if "number" in names else _lines(text))


def judge(current: Configuration, group: str, given: Iterable[Given]) -> list[Judged]:
    """What would become of each."""
    known = current.groups.get(group)
    region = known.region if known else current.server.default_region
    seen: dict[str, int] = {}
    judged = []
    for each in given:
        reading = phone.normalise(each.text, region)
        finding, about = _finding(current, group, each, reading, seen)
        seen.setdefault(reading, each.place)
        judged.append(Judged(each.place, each.text, reading, finding, about))
    return judged


def csv_of(group: str, numbers: Sequence[Number], region: str | None) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for each in numbers:
        state = DRAINING if each.draining else IN_USE
        writer.writerow(map(_guarded, (group, each.text, phone.normalise(each.text, region), state)))
    return written.getvalue()


def _rows(text: str, delimiter: str, names: Sequence[str]) -> Iterator[Given]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    next(reader)
    for cells in reader:
        row = {name: _bare(cell).strip() for name, cell in zip(names, cells, strict=False)}
        if row.get("number"):
            yield Given(reader.line_num, row["number"], row.get("group", ""), row.get("state") == DRAINING)


def _lines(text: str) -> Iterator[Given]:
    for place, line in enumerate(text.splitlines(), 1):
        parts = re.split(r"[,\t]" if _URI.match(line) else r"[,;\t]", line)
        yield from (Given(place, part.strip()) for part in parts if part.strip())


def _finding(
    current: Configuration, group: str, given: Given, reading: str, seen: dict[str, int]
) -> tuple[Finding, str]:
    if given.group not in ("", group):
        return Finding.OWNED, f"the file says that it is of {given.group}"
    if reading in seen:
        return Finding.TWICE, f"as in line {seen[reading]}"
    owner = _owner(current, group, given.text, reading)
    if owner and owner.group != group:
        return Finding.OWNED, f"{owner.text} of {owner.group}{', where it drains' if owner.draining else ''}"
    return _found_here(given, reading, owner)


def _found_here(given: Given, reading: str, owner: Number | None) -> tuple[Finding, str]:
    """`owner`: this number as the group has it."""
    if given.drains:
        return Finding.LEFT, ""
    if owner:
        return (Finding.BACK, "it drains now") if owner.draining else (Finding.KNOWN, "")
    if not _READABLE.fullmatch(reading) or len(given.text) > phone.MAX_TEXT:
        return Finding.UNREADABLE, "no telephone number"
    is_public = reading.startswith("+")
    return Finding.NEW, "" if is_public else "no public number here: calls must bring it just so"


def _owner(current: Configuration, group: str, text: str, reading: str) -> Number | None:
    """Whose number it is already, under any spelling; another group's first."""
    known = current.groups.get(group)
    found: list[Number] = []
    for spelling in {reading, *phone.spellings(text, known.region if known else None)}:
        found += current.directory.find(spelling)
    return next((each for each in found if each.group != group), next(iter(found), None))


def _guarded(cell: str) -> str:
    return f"{_GUARD}{cell}" if _FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith(_GUARD) and _FORMULA.match(cell[1:]) else cell
