"""The examples of docs/clients.md, as programs."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
SERVER = "http://127.0.0.1:8080"  # in the examples

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def example(title: str, language: str, server: str = SERVER, *, place: int = 0) -> str:
    """An example in a language below a title, the first or a later one, asking this server."""
    _, _, below = PAGE.read_text().partition(f"\n## {title}")
    section = below.partition("\n## ")[0]
    found = [text for kind, text in _BLOCK.findall(section) if kind == language]
    assert len(found) > place, f"{PAGE.name} has no {language} below {title!r}"
    return str(found[place]).replace(SERVER, server)
