"""The one source of randomness: ids, codes and random choices are drawn from here and passed on."""

import random
import re
import secrets
from typing import Protocol

from matchline.clock import SECOND, Instant

ID_BYTES = 16  # 128 bits: an id cannot be guessed
SECRET_BYTES = 32

_MOMENT = 8  # hexadecimal digits
_MADE_HERE = re.compile(rf"[0-9a-f]{{{_MOMENT}}}[\w-]{{{ID_BYTES}}}", re.ASCII)


class Chance(Protocol):
    def new_id(self, now: Instant) -> str:
        """An opaque, URL-safe id of at least 128 random bits.

        Ids of one moment stand side by side, so that a database touches few pages for what is under way.
        """
        ...

    def below(self, limit: int) -> int:
        """A uniform integer in [0, limit)."""
        ...

    def several_below(self, limit: int, count: int) -> tuple[int, ...]:
        """So many of them, each independent of the others."""
        ...

    def ticket(self, limit: int) -> int:
        """A number in [0, limit) that tells processes apart; nothing that is drawn depends on it."""
        ...

    def secret(self) -> bytes:
        """256 random bits."""
        ...


class SystemChance:
    """The operating system's cryptographic generator."""

    def new_id(self, now: Instant) -> str:
        return _moment(now) + secrets.token_urlsafe(ID_BYTES)

    def below(self, limit: int) -> int:
        return secrets.randbelow(limit)

    def several_below(self, limit: int, count: int) -> tuple[int, ...]:
        """The digits of one large number, for each question to the system costs a microsecond."""
        drawn, digits = secrets.randbelow(limit**count), []
        for _ in range(count):
            drawn, digit = divmod(drawn, limit)
            digits.append(digit)
        return tuple(digits)

    def ticket(self, limit: int) -> int:
        return secrets.randbelow(limit)

    def secret(self) -> bytes:
        return secrets.token_bytes(SECRET_BYTES)


class SeededChance:
    """Repeatable draws from a seed: for tests and simulations, never for a server."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatability is the point

    def new_id(self, now: Instant) -> str:
        return f"{_moment(now)}{self._random.getrandbits(ID_BYTES * 8):032x}"

    def below(self, limit: int) -> int:
        return self._random.randrange(limit)

    def several_below(self, limit: int, count: int) -> tuple[int, ...]:
        return tuple(self.below(limit) for _ in range(count))

    def ticket(self, limit: int) -> int:
        return limit - 1

    def secret(self) -> bytes:
        return self._random.randbytes(SECRET_BYTES)


def made_at(made_id: str) -> Instant | None:
    """When an id was made, to the second before; None for one that was made elsewhere."""
    return int(made_id[:_MOMENT], 16) * SECOND if _MADE_HERE.match(made_id) else None


def _moment(now: Instant) -> str:
    """The second, as text that sorts in its order (until the year 2106)."""
    return f"{now // SECOND:08x}"
