"""Free slots are those that somebody finds who looks at every minute: nothing between, before or after."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from matchline.clock import SECOND, Instant, instant_of
from matchline.engine.callback_slots import DAY, MINUTE, Calendar, Capacity, OfficeHours, nearest
from matchline.engine.timetable import DAYS, read, zone

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
LENGTHS = (5, 10, 15, 20, 30, 60, 120)
AROUND = [instant_of(f"{day}T00:00:00Z") for day in ("2026-03-28", "2026-10-24", "2026-04-04", "2026-12-30")]

Spans = list[tuple[int, int, int]]  # day of the week, hour, hours

spans = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(1, 24)), max_size=5)
starts = st.builds(lambda day, minutes: day + minutes * MINUTE, st.sampled_from(AROUND), st.integers(0, 2880))


def clipped(found: Spans) -> Spans:
    return [(day, first, min(24, first + hours)) for day, first, hours in found]


def text(found: Spans) -> str:
    return ", ".join(f"{DAYS[day]} {first:02}:00-{last:02}:00" for day, first, last in found)


def by_hand(
    at: Instant, name: str, length: int, regular: Spans, few: Spans, usual: int, booked: list[Instant]
) -> int:
    """How many more the slot takes that begins at this instant; 0 where none does."""
    wall = datetime.fromtimestamp(at / SECOND, ZoneInfo(name))
    if at % (length * MINUTE) or not any(
        wall.weekday() == day and first <= wall.hour < last for day, first, last in regular
    ):
        return 0
    is_few = any(wall.weekday() == day and first <= wall.hour < last for day, first, last in few)
    taken = sum(at <= desired < at + length * MINUTE for desired in booked)
    return max(0, (1 if is_few else usual) - taken)


@given(
    name=st.sampled_from(ZONES),
    length=st.sampled_from(LENGTHS),
    regular=spans.map(clipped),
    few=spans.map(clipped),
    usual=st.integers(0, 3),
    start=starts,
    minutes=st.integers(0, 1500),
    offsets=st.lists(st.integers(-60, 1560), max_size=30),
)
@example("Europe/Berlin", 30, [(6, 1, 4)], [(6, 2, 3)], 2, AROUND[1], 1500, [60, 61, 90])
def test_free_slots_are_those_found_minute_by_minute(
    name: str,
    length: int,
    regular: Spans,
    few: Spans,
    usual: int,
    start: Instant,
    minutes: int,
    offsets: list[int],
) -> None:
    end = start + minutes * MINUTE
    booked = [start + each * MINUTE for each in offsets]
    fewer = ", ".join(f"{each}=1" for each in text(few).split(", ") if each)
    hours = OfficeHours(zone(name), read(text(regular)), read(""))
    calendar = Calendar("c", length * MINUTE, hours, Capacity(zone(name), usual, read(fewer)))
    expected = {
        at: room
        for at in range(start, end, MINUTE)
        if (room := by_hand(at, name, length, regular, few, usual, booked))
    }
    found = dict(calendar.free(start, end, Counter(booked)))
    assert found == expected
    assert list(found) == sorted(found)


@given(
    free=st.dictionaries(st.integers(0, 200), st.integers(1, 3)),
    to=st.integers(0, 200),
    most=st.integers(1, 10),
)
def test_no_free_slot_is_nearer_than_those_that_are_told(free: dict[int, int], to: int, most: int) -> None:
    told = nearest(free, to, most)
    farthest = max((abs(each - to) for each in told), default=0)
    assert list(told.items()) == sorted((each, free[each]) for each in told)
    assert len(told) == min(most, len(free))
    assert all(abs(each - to) >= farthest for each in free if each not in told)


def test_a_year_of_slots_is_looked_through_as_far_as_is_wanted() -> None:
    calendar = Calendar("c", 5 * MINUTE, None, Capacity(zone("UTC"), 1, read("")))
    first = next(iter(calendar.free(AROUND[0], AROUND[0] + 366 * DAY, {})))
    assert first == (AROUND[0], 1)
