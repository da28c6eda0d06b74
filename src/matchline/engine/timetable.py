"""Hours that come again: on days of the week, on dates, on dates of every year. They are told by the clock on the
wall of a time zone, so that an office opens at nine in summer and in winter.

An entry is a day (`Mon`), days (`Mon-Fri`), a date (`2026-12-24`) or a date of every year (`12-25`), then hours
(`09:00-17:30`) or `closed`, and where numbers are wanted `=` and a number.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from matchline.clock import SECOND, Instant
from matchline.options import Schema, listed

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MINUTES = 24 * 60
_LEAP_YEAR = 2000  # has every date

_ENTRY = re.compile(r"(?P<day>\S+?)(?:\s+(?P<hours>[\d:]+-[\d:]+|closed))?(?:\s*=\s*(?P<number>\d{1,6}))?")
_HOURS = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
_DATE = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the week, or one date, or one of every year."""

    weekdays: frozenset[int] = frozenset()  # 0: Monday
    year: int | None = None
    month: int = 0
    day: int = 0

    @property
    def rank(self) -> int:
        """A date counts more than a date of every year, and that more than days of the week."""
        if self.weekdays:
            return 0
        return 1 if self.year is None else 2

    def on(self, day: date) -> bool:
        if self.weekdays:
            return day.weekday() in self.weekdays
        return (self.month, self.day) == (day.month, day.day) and self.year in (None, day.year)


@dataclass(frozen=True, slots=True)
class Entry:
    days: Days
    first: int  # minute of the day
    end: int  # the minute after the last; where it is closed, the same as the first
    number: int | None = None

    @property
    def is_closed(self) -> bool:
        return self.first == self.end

    def __str__(self) -> str:
        (first, begun), (end, over) = divmod(self.first, 60), divmod(self.end, 60)
        return f"{first:02}:{begun:02}-{end:02}:{over:02}"

    def covers(self, minute: int) -> bool:
        return self.first <= minute < self.end


@dataclass(frozen=True, slots=True)
class Timetable:
    entries: tuple[Entry, ...]

    def on(self, day: date) -> tuple[Entry, ...]:
        """The entries of the highest rank that there are for a day."""
        fitting = [entry for entry in self.entries if entry.days.on(day)]
        highest = max((entry.days.rank for entry in fitting), default=0)
        return tuple(entry for entry in fitting if entry.days.rank == highest)

    def number_at(self, day: date, minute: int) -> int | None:
        """Of the entries that cover this minute the one of the highest rank counts, and of those the last."""
        found = [entry for entry in self.entries if entry.days.on(day) and entry.covers(minute)]
        ordered = sorted(found, key=lambda entry: entry.days.rank)
        return ordered[-1].number if ordered else None


def on_the_wall(at: Instant, zone: ZoneInfo) -> tuple[date, int]:
    """The date and the minute of the day that a clock in this zone shows."""
    shown = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)
    return shown.date(), shown.hour * 60 + shown.minute


def days(first: date, last: date) -> Iterator[date]:
    """All from the first to the last."""
    return (date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1))


@lru_cache(256)
def read(text: str) -> Timetable:
    """Raises ValueError with the rest of a sentence."""
    return Timetable(tuple(map(_entry, listed(text))))


def _entry(text: str) -> Entry:
    found = _ENTRY.fullmatch(text)
    if not found:
        raise ValueError(f"has {text[:40]!r}, which is no day with its hours")
    first, end = _hours(found["hours"])
    return Entry(_days(found["day"]), first, end, int(found["number"]) if found["number"] else None)


def _hours(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, DAY_MINUTES
    if text == "closed":
        return 0, 0
    found = _HOURS.fullmatch(text)
    if not found:
        raise ValueError(f"has {text[:40]!r}, which are no hours such as 09:00-17:30")
    first, end = (int(hour) * 60 + int(minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    if max(int(found[2]), int(found[4])) > 59 or not first < end <= DAY_MINUTES:
        raise ValueError(f"has {text[:40]!r}: hours end after they begin, at 24:00 at the latest")
    return first, end


def _days(text: str) -> Days:
    found = _DATE.fullmatch(text)
    if found:
        year = int(found[1]) if found[1] else None
        try:
            date(year or _LEAP_YEAR, int(found[2]), int(found[3]))
        except ValueError:
            raise ValueError(f"has {text[:40]!r}, which is no date") from None
        return Days(year=year, month=int(found[2]), day=int(found[3]))
    first, dash, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS or bool(dash) != bool(last):
        raise ValueError(
            f"has {text[:40]!r}, which is no day: {', '.join(DAYS)}, or a date such as 2026-12-24"
        )
    start, count = DAYS.index(first), (DAYS.index(last or first) - DAYS.index(first)) % len(DAYS) + 1
    return Days(frozenset((start + each) % len(DAYS) for each in range(count)))


def zone(name: str) -> ZoneInfo:
    """Raises ValueError with the rest of a sentence."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be an IANA time zone such as Europe/Berlin") from None


# Kinds of options


@dataclass(frozen=True, slots=True)
class TimeZone:
    def parse(self, text: str) -> str:
        return zone(text.strip()).key

    @property
    def values(self) -> str:
        return "an IANA time zone, such as `Europe/Berlin`"

    def schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Hours:
    """Which days the entries may name, and whether they have numbers."""

    on_weekdays: bool = True
    on_dates: bool = True
    numbered: bool = False

    def parse(self, text: str) -> str:
        self._demand_fitting(read(text).entries)
        return text

    def _demand_fitting(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if (entry.number is not None) != self.numbered:
                raise ValueError(
                    "needs = and a number in each entry" if self.numbered else "takes no numbers"
                )
            if not (self.on_weekdays if entry.days.weekdays else self.on_dates):
                raise ValueError(f"takes {'days of the week' if self.on_weekdays else 'dates'} only")

    @property
    def values(self) -> str:
        days = [f"`{each}`" for each in ("Mon-Fri",) if self.on_weekdays]
        days += ["`2026-12-24`", "`12-25`"] if self.on_dates else []
        number = " and `=` a number" if self.numbered else ""
        closed = " or `closed`" if self.on_dates and not self.numbered else ""
        return f"a comma list of {', '.join(days)} with hours `09:00-17:30`{closed}{number}"

    def schema(self) -> Schema:
        return {"type": "string"}
