"""The one source of time: everything else is handed an instant and reads no clock.

An *instant* is an integer of milliseconds since 1970-01-01T00:00Z; a duration is in milliseconds
unless its name says seconds.
"""

import time
from typing import Protocol, TypeAlias

Instant: TypeAlias = int

SECOND = 1000
_NANOSECONDS = 1_000_000  # in a millisecond


def whole_seconds(milliseconds: int) -> int:
    """Seconds, rounded up: a caller told to wait this long never comes too early."""
    return -(-milliseconds // SECOND)


class Clock(Protocol):
    def now(self) -> Instant: ...


class SystemClock:
    """The machine's clock, which within one process neither runs backwards nor stands still (rule 15).

    After the machine's time was set back it goes on at the pace of the monotonic clock.
    """

    def __init__(self) -> None:
        self._latest = 0
        self._steady = time.monotonic_ns()

    def now(self) -> Instant:
        steady = time.monotonic_ns()
        passed = (steady - self._steady) // _NANOSECONDS
        self._steady += passed * _NANOSECONDS
        self._latest = max(self._latest + passed, time.time_ns() // _NANOSECONDS)
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
