"""The one source of time: everything else is handed an instant and reads no clock.

An *instant* is an integer of milliseconds since 1970-01-01T00:00Z; a duration is in milliseconds
unless its name says seconds.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

Instant: TypeAlias = int

SECOND = 1000
LARGEST_DIFFERENCE = 500  # ms between the clocks of two nodes; one that differs more wants no work
_NANOSECONDS = 1_000_000  # in a millisecond
_PACE_AHEAD = 0.5  # of a clock that waits for its authority: the difference is gone after twice its length


def whole_seconds(milliseconds: int) -> int:
    """Seconds, rounded up: a caller told to wait this long never comes too early."""
    return -(-milliseconds // SECOND)


def moment(instant: Instant) -> str:
    """An instant for people: ISO 8601, in UTC, to the second."""
    return datetime.fromtimestamp(instant // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_of(text: str) -> Instant:
    """Reads ISO 8601 with a time zone, such as `moment` writes. Raises ValueError."""
    read = datetime.fromisoformat(text.strip())
    if read.tzinfo is None:
        raise ValueError("there is no time zone")
    return (read - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def steady() -> float:
    """Seconds since some instant, to measure how long something takes; nobody's time of day."""
    return time.monotonic()


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What an authority's clock said, somewhen between two looks at this machine's steady clock."""

    instant: Instant
    asked: float  # by `steady`
    answered: float

    @property
    def uncertainty(self) -> float:
        """Milliseconds that the offset may be wrong by, either way."""
        return (self.answered - self.asked) / 2 * SECOND

    @property
    def offset(self) -> float:
        """Milliseconds from this machine's steady clock to the authority's."""
        return self.instant - (self.asked + self.answered) / 2 * SECOND


class FollowingClock:
    """This machine's steady clock, set by readings of the authority's (rule 20).

    It neither runs backwards nor stands still: while it is ahead of the authority it goes slower.
    """

    def __init__(self, offset: float) -> None:
        """The offset is that of a `Reading`."""
        self.offset = offset
        self._steady = steady()
        self._latest = self._steady * SECOND + offset

    def now(self) -> Instant:
        now = steady()
        passed = (now - self._steady) * SECOND
        self._steady = now
        self._latest = max(self._latest + passed * _PACE_AHEAD, now * SECOND + self.offset)
        return int(self._latest)


class ManualClock:
    """A clock that stands still until it is told to move: for tests, the demo and simulations."""

    def __init__(self, start: Instant = 1_700_000_000_000) -> None:
        self._now = start

    def now(self) -> Instant:
        return self._now

    def advance(self, seconds: float) -> None:
        assert seconds >= 0, "time does not run backwards"
        self._now += round(seconds * SECOND)
