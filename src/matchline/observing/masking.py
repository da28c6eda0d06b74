"""What is nobody's business masks itself wherever an object is shown: in logs, errors and traces (rule 22).

A class that holds telephone numbers, codes or user data inherits `Private`. What of it is hidden follows from the
names of its fields, so that one list says it all; a test holds that no class with such a field forgets to.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields

_SHOWN_DIGITS = 2
_LEAST_HIDDEN = 2  # a text of fewer characters than this and the shown ones shows nothing

MASK = "\u2026"

_WITHOUT_LOGIN = ("sqlite", "memory")  # stores in whose URLs nobody is let in


def masked_phone(text: str) -> str:
    """A telephone number as it may be shown: its last two digits."""
    tail = text[-_SHOWN_DIGITS:]
    if len(text) < _SHOWN_DIGITS + _LEAST_HIDDEN or not (tail.isascii() and tail.isdigit()):
        return MASK
    return f"{MASK}{tail}"


def place_of(store_url: str) -> str:
    """Where a store is, without who is let in by which password."""
    scheme, separator, rest = store_url.partition("://")
    if scheme in _WITHOUT_LOGIN:
        return store_url
    place = rest.partition("?")[0]
    if "@" in rest and "@" not in place:  # what cannot be told from a password is not shown
        place = ""
    return f"{scheme}{separator}{place.rpartition('@')[2]}"


def _phone(value: object) -> str:
    return masked_phone(str(value))


def _hidden(_: object) -> str:
    return MASK


# The fields that nobody sees, by the words that all layers use. None and nothing are shown as they are.
MASKED: Mapping[str, Callable[[object], str]] = {
    **dict.fromkeys(("phone", "phone_text", "phones", "caller"), _phone),
    **dict.fromkeys(("code", "digits", "candidates", "key"), _hidden),
    **dict.fromkeys(("values", "body", "data", "extras", "parameters", "options", "tel_url"), _hidden),
}


class Private:
    """A msgspec struct or a dataclass (with `repr=False`) that shows its secret fields masked."""

    __slots__ = ()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_shown(name, getattr(self, name))}" for name in _names(self))
        return f"{type(self).__name__}({shown})"


def _names(private: object) -> tuple[str, ...]:
    names: tuple[str, ...] | None = getattr(private, "__struct_fields__", None)
    return names if names is not None else tuple(each.name for each in fields(private))  # type: ignore[arg-type]


def _shown(name: str, value: object) -> str:
    mask = MASKED.get(name)
    return repr(value) if mask is None or value is None else mask(value)
