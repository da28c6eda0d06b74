"""What people look for, as it stands in the address of a page."""

from collections.abc import Mapping
from urllib.parse import urlencode

from matchline import phone
from matchline.ui.asked import Asked

_LONGEST = phone.MAX_TEXT  # characters: nothing that is looked for is longer
_DIGITS = 18  # of whole numbers, which every store can hold


def text(asked: Asked, name: str) -> str:
    """Empty for none, and for what no name or number can be."""
    given = asked.query(name)
    return "" if len(given) > _LONGEST or "\0" in given else given


def whole_number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _DIGITS else None


def address(path: str, query: Mapping[str, str | None]) -> str:
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{given}" if given else path
