"""Long lists come a page at a time, by their place: those of which all is known at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from matchline.ui.asked import Asked
from matchline.ui.looked_up import address, whole_number

PAGE = 100  # rows

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Row]):
    """One page of a list, and where those beside it are."""

    rows: Sequence[Row]
    place: int  # of the page, from 0
    found: int  # rows of all pages
    previous: str | None
    next: str | None

    @property
    def first(self) -> int:
        """Of its rows, counted from 1."""
        return self.place * PAGE + 1

    @property
    def last(self) -> int:
        return self.place * PAGE + len(self.rows)


def leaf(
    asked: Asked, path: str, rows: Sequence[Row], query: Mapping[str, str] | None = None, at: str = ""
) -> Leaf[Row]:
    """The page that the address asks for, or the last that there is; `at`: the part of the page that has the list."""
    last = max(0, (len(rows) - 1) // PAGE)
    place = min(whole_number(asked.query("page")) or 0, last)

    def turn(to: int) -> str:
        return address(path, {**(query or {}), "page": str(to)}) + at

    return Leaf(
        rows[place * PAGE : (place + 1) * PAGE],
        place,
        len(rows),
        turn(place - 1) if place else None,
        turn(place + 1) if place < last else None,
    )
