"""The steps of every SQL store: each module stands beside the statements that it runs.

The steps are plain functions over a `Database`, run by a store within one transaction; a step that raises
leaves nothing behind. They know no driver.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Protocol

from matchline.clock import Instant
from matchline.kept.events import Recording
from matchline.model import Wish
from matchline.observing.masking import Private

SCHEMA_VERSION = 1

Row = tuple[Any, ...]
Parameters = Mapping[str, object]

_NAMED = re.compile(r"^-- name: (\w+)\n(.*?);$", re.MULTILINE | re.DOTALL)


class Reader(Protocol):
    """A transaction that is under way: the rows of the named statements."""

    def row(self, name: str, parameters: Parameters) -> Row | None:
        """The first row."""
        ...

    def rows(self, name: str, parameters: Parameters) -> list[Row]: ...

    def locked(self, name: str, parameters: Parameters) -> Row | None:
        """The first row, which nobody else changes until this transaction ends."""
        ...


class Database(Reader, Protocol):
    """A transaction that may change something.

    Where other transactions run beside this one, `lock`, `locked` and `claimed` keep them off; where each round
    trip counts, `foresee`, `later` and `finish` save some. A database with one writer of its own does without.
    """

    recording: Recording  # what of the events is noted

    def run(self, name: str, parameters: Parameters) -> None: ...

    def insert(self, name: str, parameters: Parameters) -> int:
        """Adds a row; its id."""
        ...

    def lock(self, name: str, parameters: Parameters) -> None:
        """Runs a statement that only keeps others off; nothing where there are none."""
        ...

    def claimed(self, name: str, parameters: Parameters) -> Row | None:
        """The first row that nobody else has locked, locked; waits for others only when there is no such row."""
        ...

    def foresee(self, name: str, parameters: Parameters) -> None:
        """These rows will be asked for soon, unless an earlier answer makes it needless."""
        ...

    def later(self, name: str, parameters: Parameters) -> Callable[[], Row | None]:
        """The first row as it is now; to ask for it after `finish` costs nothing."""
        ...

    def finish(self) -> None:
        """Nothing more will be run in this transaction, and nothing raised."""
        ...


class SharedSlot(Protocol):
    """How a database finds a free pair of number and code; raises Exhausted."""

    def __call__(self, db: Database, wish: Wish, now: Instant) -> "Slot": ...


@dataclass(frozen=True, slots=True, repr=False)
class Slot(Private):
    number_id: int
    number: str
    code: str


def statements(*, dialect: str = "") -> dict[str, str]:
    """Every named statement; those in the folder of the dialect stand for the shared ones of the same name."""
    shared = _named(files(__package__))
    return {**shared, **_named(files(__package__).joinpath(dialect))} if dialect else shared


def schema(*, dialect: str = "") -> str:
    return files(__package__).joinpath(dialect, "schema.sql").read_text()


def _named(folder: Traversable) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            for name, text in _NAMED.findall(file.read_text()):
                assert name not in found, f"two statements are named {name}"
                found[name] = text
    return found
