"""A person who is to be forgotten, and what was removed. Plain data and pure functions."""

import re
from collections.abc import Callable

from msgspec import Struct

from matchline import phone
from matchline.observing.masking import Private

_PLAIN = re.compile(r"[\d\s()+./-]*", re.ASCII)  # digits that stand for themselves
_NO_DIGIT = re.compile(r"\D", re.ASCII)
_TAIL = 4  # digits, which no region reads in another way


class Person(Private, Struct, frozen=True):
    """Someone known by a telephone number, as it reads in each region that is configured."""

    phones: frozenset[str]
    regions: tuple[str | None, ...]

    def rules_out(self) -> Callable[[str], bool]:
        """Tells quickly of most numbers that they are not this person's, without reading them as `is_meant` does."""
        tails = tuple(_NO_DIGIT.sub("", each)[-_TAIL:] for each in self.phones)

        def is_ruled_out(phone_text: str) -> bool:
            if not _PLAIN.fullmatch(phone_text):
                return False
            digits = _NO_DIGIT.sub("", phone_text)
            return not any(tail in digits for tail in tails)

        return is_ruled_out

    def is_meant(self, phone_text: str | None) -> bool:
        """Whether a number as it was given is this person's."""
        return phone_text is not None and any(
            phone.caller(phone_text, region) in self.phones for region in self.regions
        )


def person(phone_text: str, regions: frozenset[str | None]) -> Person:
    """Of a text that is nobody's number, such as "anonymous", nothing is known."""
    ordered = tuple(sorted(regions, key=str))
    phones = frozenset(found for region in ordered if (found := phone.caller(phone_text, region)))
    return Person(phones, ordered)


class Forgotten(Struct, frozen=True):
    """How much of each kind was removed."""

    sessions: int = 0
    reservations: int = 0
    records: int = 0
    bindings: int = 0
    answers: int = 0  # to idempotent requests
    calls: int = 0  # entries of the call log
    events: int = 0
    budgets: int = 0  # against guessing
