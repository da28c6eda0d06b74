"""The one source of time: everything else is handed an instant and reads no clock.

An *instant* is an integer of milliseconds since 1970-01-01T00:00Z; a duration is in milliseconds
unless its name says seconds.
"""

import time
from typing import Protocol, TypeAlias

Instant: TypeAlias = int

SECOND = 1000


def whole_seconds(milliseconds: int) -> int:
    """Seconds, rounded up: a caller told to wait this long never comes too early."""
    return -(-milliseconds // SECOND)


class Clock(Protocol):
    def now(self) -> Instant: ...


class SystemClock:
    """The machine's clock, which never runs backwards within one process (rule 15: once expired, expired)."""

    def __init__(self) -> None:
        self._latest = 0

    def now(self) -> Instant:
        self._latest = max(self._latest, time.time_ns() // 1_000_000)
        return self._latest


class ManualClock:
    """A clock that stands still until it is told to move: for tests, the demo and simulations."""

    def __init__(self, start: Instant = 1_700_000_000_000) -> None:
        self._now = start

    def now(self) -> Instant:
        return self._now

    def advance(self, seconds: float) -> None:
        assert seconds >= 0, "time does not run backwards"
        self._now += round(seconds * SECOND)
