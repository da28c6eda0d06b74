"""Which slots of a callback service are free: its office hours, its capacity, and what is booked. Pure functions.

Slots begin at whole multiples of their length since 1970 in UTC: so each instant is in one slot, whatever the clocks
on the wall do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from matchline.clock import SECOND, Instant
from matchline.engine.timetable import Entry, Timetable, days, on_the_wall
from matchline.kept.callback import Booking

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class OfficeHours:
    zone: ZoneInfo
    regular: Timetable
    exceptions: Timetable

    def is_open(self, at: Instant) -> bool:
        day, minute = on_the_wall(at, self.zone)
        return any(entry.covers(minute) for entry in self._on(day))

    def shown(self, start: Instant, end: Instant) -> Mapping[str, list[str]]:
        """The hours of each date on which part of [start, end) is."""
        (first, _), (last, _) = on_the_wall(start, self.zone), on_the_wall(max(start, end - 1), self.zone)
        return {day.isoformat(): sorted(map(str, self._on(day))) for day in days(first, last)}

    def _on(self, day: date) -> tuple[Entry, ...]:
        """On a day that has exceptions only those count."""
        return tuple(each for each in self.exceptions.on(day) or self.regular.on(day) if not each.is_closed)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many callbacks a slot takes: a number, and others at some hours."""

    zone: ZoneInfo
    usual: int
    hours: Timetable

    def at(self, start: Instant) -> int:
        found = self.hours.number_at(*on_the_wall(start, self.zone)) if self.hours.entries else None
        return self.usual if found is None else found


@dataclass(frozen=True, slots=True)
class Calendar:
    """What callbacks of a service are booked in."""

    name: str
    slot: int  # milliseconds
    hours: OfficeHours | None  # None: always open
    capacity: Capacity

    def is_open(self, at: Instant) -> bool:
        return self.hours is None or self.hours.is_open(at)

    def start_of(self, at: Instant) -> Instant:
        return at // self.slot * self.slot

    def booking(self, at: Instant) -> Booking:
        start = self.start_of(at)
        return Booking(self.name, start, start + self.slot, self.capacity.at(start))

    def starts(self, start: Instant, end: Instant) -> Iterator[Instant]:
        """Of the slots that begin in [start, end) while it is open."""
        first = -(-start // self.slot) * self.slot
        return (each for each in range(first, end, self.slot) if self.is_open(each))

    def taken(self, booked: Mapping[Instant, int]) -> Mapping[Instant, int]:
        """How much is booked in each slot; `booked` is by desired time."""
        taken: dict[Instant, int] = {}
        for desired_at, count in booked.items():
            start = self.start_of(desired_at)
            taken[start] = taken.get(start, 0) + count
        return taken

    def free(
        self, start: Instant, end: Instant, booked: Mapping[Instant, int]
    ) -> Iterator[tuple[Instant, int]]:
        """Slots with room, in their order, and how much."""
        taken = self.taken(booked)
        for each in self.starts(start, end):
            room = self.capacity.at(each) - taken.get(each, 0)
            if room > 0:
                yield each, room


def nearest(free: Mapping[Instant, int], to: Instant, most: int) -> Mapping[Instant, int]:
    """Those nearest to an instant, in their order."""
    by_distance = sorted(free, key=lambda start: (abs(start - to), start))
    return {start: free[start] for start in sorted(by_distance[:most])}
