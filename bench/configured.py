"""The configuration under measurement: one group of each kind, and the two services."""

import enum

from tests.sections import builtins

from matchline.model import Strategy

HOLD_SECONDS = 1800  # the longest reservation that may be asked for: nothing expires while we measure
CODE_LENGTH = 6
SHARED_NUMBERS = 5
EXCLUSIVE_NUMBERS = 4000

_SERVICES = builtins("request-interaction", "match-interaction")


class Kind(enum.StrEnum):
    """How the sessions of a group are told apart; the value is the group's name."""

    NUMBER = "DNIS"  # each has a number of its own
    CODE = "CODES"  # few numbers, an access code each
    PHONE = "PHONES"  # few numbers, told apart by the caller's number

    @property
    def strategy(self) -> Strategy:
        return Strategy.CLUSTER if self is Kind.NUMBER else Strategy.ROUND_ROBIN


def numbers_of(kind: Kind) -> list[str]:
    count, area = {
        Kind.NUMBER: (EXCLUSIVE_NUMBERS, 800),
        Kind.CODE: (SHARED_NUMBERS, 855),
        Kind.PHONE: (SHARED_NUMBERS, 866),
    }[kind]
    return [number_text(area, place) for place in range(count)]


def document_text(kind: Kind) -> str:
    """A configuration file with the group of this kind."""
    numbers = ", ".join(f'"{number}"' for number in numbers_of(kind))
    return (
        f'[server]\ndefault_region = "US"\n{_SERVICES}\n[resources.{kind}]\n'
        f'_allocation_strategy = "{kind.strategy}"\n'
        f"_booking_expiration_timeout = {HOLD_SECONDS}\nnumbers = [{numbers}]\n"
    )


def number_text(area: int, place: int) -> str:
    return f"+1{area}{2_000_000 + place}"
