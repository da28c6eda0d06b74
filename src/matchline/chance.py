"""The one source of randomness: ids, codes and random choices are drawn from here and passed on."""

import random
import secrets
from typing import Protocol

ID_BYTES = 16  # 128 bits: an id cannot be guessed


class Chance(Protocol):
    def new_id(self) -> str:
        """An opaque, URL-safe id of at least 128 random bits."""
        ...

    def below(self, limit: int) -> int:
        """A uniform integer in [0, limit)."""
        ...


class SystemChance:
    """The operating system's cryptographic generator."""

    def new_id(self) -> str:
        return secrets.token_urlsafe(ID_BYTES)

    def below(self, limit: int) -> int:
        return secrets.randbelow(limit)


class SeededChance:
    """Repeatable draws from a seed: for tests and simulations, never for a server."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatability is the point

    def new_id(self) -> str:
        return f"{self._random.getrandbits(ID_BYTES * 8):032x}"

    def below(self, limit: int) -> int:
        return self._random.randrange(limit)
