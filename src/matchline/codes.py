"""Access codes: how they are drawn, and how digits that a caller keyed in are read.

A code is a string of digits from end to end, so that leading zeros survive (rule 4).
"""

import unicodedata
from dataclasses import dataclass

from matchline.chance import Chance

MIN_LENGTH = 4
MAX_LENGTH = 15
MAX_PREFIX_LENGTH = 2  # leaves at least a hundred codes of the shortest length

# A number lends out at most half of its codes. Then each draw is free with a chance of at least one half, so
# that this many draws in one step fail together once in 2**32 claims; the claim is then tried anew.
CANDIDATES = 32

_FULL_WIDTH_HASH = "\uff03"


def keyed(text: str) -> str | None:
    """The digits that a caller keyed in, without separators and a closing `#`; None when there are none (rule 5).

    Whatever is not a digit stays in the answer, so that it matches no code.
    """
    folded = "".join(_ascii_digit(char) for char in text if not char.isspace() and char not in "-*")
    return folded.rstrip("#") or None


def _ascii_digit(char: str) -> str:
    return "#" if char == _FULL_WIDTH_HASH else str(unicodedata.decimal(char, char))


@dataclass(frozen=True, slots=True)
class CodeSpace:
    """The codes that a node may hand out: all digits, or those that begin with one of its prefixes."""

    prefixes: tuple[str, ...] = ("",)

    @classmethod
    def parse(cls, text: str) -> "CodeSpace":
        """Read the option `access_code_prefix`: digits (`7`, `42`) or a range of equal length (`7-9`, `10-19`).

        Raises ValueError with a sentence when no code could begin so.
        """
        low, dash, high = text.partition("-")
        if not dash:
            high = low
        if not (_digits(low) and _digits(high)):
            raise ValueError("must be digits or a range of digits such as 7-9")
        if len(low) != len(high):
            raise ValueError("both ends of the range must have the same number of digits")
        if len(low) > MAX_PREFIX_LENGTH:
            raise ValueError(f"must not be longer than {MAX_PREFIX_LENGTH} digits")
        if low > high:
            raise ValueError("the range must not run backwards")
        return cls(tuple(str(n).zfill(len(low)) for n in range(int(low), int(high) + 1)))

    @property
    def leads(self) -> frozenset[str]:
        """The digits that its codes begin with."""
        return frozenset(prefix[0] for prefix in self.prefixes if prefix) or frozenset("0123456789")

    def size(self, length: int) -> int:
        """How many codes of this length there are."""
        return len(self.prefixes) * int(10 ** (length - len(self.prefixes[0])))

    def draw(self, length: int, count: int, chance: Chance) -> tuple[str, ...]:
        """`count` independent, uniform codes of `length` digits."""
        free_digits = length - len(self.prefixes[0])
        size = int(10**free_digits)
        draws = chance.several_below(len(self.prefixes) * size, count)
        return tuple(self.prefixes[n // size] + str(n % size).zfill(free_digits) for n in draws)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
