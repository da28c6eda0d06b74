"""Writes a configuration as a file that `matchline serve --config` reads."""

import json
import re
from collections.abc import Iterator, Mapping

from matchline.engine.declared import GROUP_PREFIX
from matchline.engine.document import Document

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Document) -> str:
    return "\n".join(
        line
        for section, options in document.sections.items()
        for line in _section(document, section, options)
    )


def _section(document: Document, section: str, options: Mapping[str, str]) -> Iterator[str]:
    kind, dot, name = section.partition(".")
    yield f"[{kind}{dot}{_name(name)}]" if dot else f"[{_name(section)}]"
    for option, text in options.items():
        yield f"{_name(option)} = {_string(text)}"
    numbers = document.numbers.get(section.removeprefix(GROUP_PREFIX)) if kind + dot == GROUP_PREFIX else None
    if numbers:
        yield "numbers = ["
        yield from (f"    {_string(number)}," for number in numbers)
        yield "]"
    yield ""


def _name(text: str) -> str:
    return text if _BARE.fullmatch(text) else _string(text)


def _string(text: str) -> str:
    """JSON's escapes are TOML's too, but for one character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
