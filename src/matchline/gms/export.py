"""Reads an options export in INI form: sections, `option=value`, comments. It does not know what options mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LINE_END = re.compile("\r\n|\r|\n")
_HEAD = re.compile(r"\[(?P<name>[^\]]*)\]\s*(?:[;#].*)?")
_COMMENT = (";", "#")


@dataclass(frozen=True, slots=True)
class Entry:
    """An option as the file has it."""

    line: int
    section: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something of the file that is not configured, or not as it stands, and why. Line 0 is the whole file."""

    line: int
    place: str  # `[section] option`, or what the line holds
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else self.reason


@dataclass(frozen=True, slots=True)
class Export:
    sections: dict[str, int]  # as the file spells them → line of the first head
    entries: tuple[Entry, ...]
    remarks: tuple[Remark, ...]


def place(section: str, name: str = "") -> str:
    return f"[{section}] {name}".rstrip()


def read(octets: bytes) -> Export:
    """What the file holds; of an option that is there twice the later one, whatever the case of its letters."""
    text, remarks = _decoded(octets)
    sections: dict[str, int] = {}
    spelled: dict[str, str] = {}  # a section's folded name → as it was spelled first
    entries: dict[tuple[str, str], Entry] = {}
    section = ""
    for line, content in _contents(text):
        head = _HEAD.fullmatch(content)
        name, equals, value = (_bare(part) for part in content.partition("="))
        if head:
            section = spelled.setdefault(head["name"].strip().casefold(), head["name"].strip())
            sections.setdefault(section, line)
        elif not equals or not name:
            remarks.append(Remark(line, "", "is neither a section nor option=value"))
        elif not section:
            remarks.append(Remark(line, name, "stands before the first section"))
        else:
            key = (section, name.casefold())
            if key in entries:
                earlier = entries[key]
                reason = f"is set again in line {line}, which counts"
                remarks.append(Remark(earlier.line, place(section, earlier.name), reason))
            entries[key] = Entry(line, section, name, value)
    ordered = sorted(entries.values(), key=lambda entry: entry.line)
    return Export(sections, tuple(ordered), tuple(remarks))


def _decoded(octets: bytes) -> tuple[str, list[Remark]]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if octets.startswith(mark):
            return octets.removeprefix(mark).decode(encoding, "replace"), []
    try:
        return octets.decode(), []
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        return octets.decode("latin-1"), [Remark(line, "", "is not UTF-8: the file was read as Latin-1")]


def _contents(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their places."""
    for line, content in enumerate(_LINE_END.split(text), 1):
        stripped = content.strip()
        if stripped and not stripped.startswith(_COMMENT):
            yield line, stripped


def _bare(text: str) -> str:
    """Without blanks around it and without one pair of quotes. `#` and `;` within a value belong to it."""
    stripped = text.strip()
    quoted = len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "\"'"
    return stripped[1:-1] if quoted else stripped
