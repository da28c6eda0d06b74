"""The steps of every SQL store: each module stands beside the statements that it runs.

The steps are plain functions over a `Database`, run by a store within one transaction; a step that raises
leaves nothing behind. They know no driver.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Protocol

SCHEMA_VERSION = 1

Row = tuple[Any, ...]
Parameters = Mapping[str, object]

_NAMED = re.compile(r"^-- name: (\w+)\n(.*?);$", re.MULTILINE | re.DOTALL)


class Database(Protocol):
    """A transaction that is under way: runs the named statements."""

    def row(self, name: str, parameters: Parameters) -> Row | None:
        """The first row."""
        ...

    def rows(self, name: str, parameters: Parameters) -> list[Row]: ...

    def run(self, name: str, parameters: Parameters) -> None: ...

    def run_each(self, name: str, parameters: Sequence[Parameters]) -> None: ...


def statements() -> dict[str, str]:
    """Every named statement of the package."""
    found: dict[str, str] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            for name, text in _NAMED.findall(file.read_text()):
                assert name not in found, f"two statements are named {name}"
                found[name] = text
    return found


def schema() -> str:
    return files(__package__).joinpath("schema.sql").read_text()
