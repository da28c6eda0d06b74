"""Office hours by the clock on the wall: days, dates, exceptions, and the nights in which clocks are changed."""

from zoneinfo import ZoneInfo

import pytest

from matchline.clock import instant_of, moment
from matchline.engine.callback_slots import HOUR, MINUTE, Calendar, Capacity, OfficeHours
from matchline.engine.timetable import Hours, TimeZone, read, zone
from matchline.options import Kind


def office(regular: str, exceptions: str = "", name: str = "Europe/Berlin") -> OfficeHours:
    return OfficeHours(zone(name), read(regular), read(exceptions))


def open_hours(hours: OfficeHours, start: str, end: str) -> list[str]:
    """The instants, to the half hour in UTC, at which the office is open."""
    first, last = instant_of(start), instant_of(end)
    return [moment(at)[11:16] for at in range(first, last, 30 * MINUTE) if hours.is_open(at)]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23T07:59:59Z", False),  # a Monday
        ("2026-11-23T08:00:00Z", True),
        ("2026-11-23T15:59:59Z", True),
        ("2026-11-23T16:00:00Z", False),
        ("2026-07-20T07:00:00Z", True),  # in summer an hour earlier
        ("2026-07-20T15:00:00Z", False),
        ("2026-11-28T10:00:00Z", False),  # a Saturday
        ("2026-12-24T08:30:00Z", True),  # every year's exception
        ("2026-12-24T11:00:00Z", False),
        ("2027-12-24T09:00:00Z", False),  # but that year's counts more
        ("2026-11-29T12:00:00Z", True),  # a Sunday, by exception
        ("2026-11-29T09:00:00Z", False),
    ],
)
def test_when_an_office_is_open(at: str, is_open: bool) -> None:
    exceptions = "12-24 09:00-12:00, 2027-12-24 closed, 2026-11-29 12:00-14:00, 2026-11-29 18:00-24:00"
    hours = office("Mon-Fri 09:00-12:00, Mon-Fri 12:00-17:00", exceptions)
    assert hours.is_open(instant_of(at)) is is_open


def test_a_night_that_is_an_hour_longer_is_open_an_hour_longer() -> None:
    hours = office("Sun 01:00-04:00")
    open_at = open_hours(hours, "2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z")
    assert open_at == ["23:00", "23:30", "00:00", "00:30", "01:00", "01:30", "02:00", "02:30"]


def test_a_night_that_is_an_hour_shorter_is_open_an_hour_shorter() -> None:
    hours = office("Sun 01:00-04:00")
    open_at = open_hours(hours, "2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z")
    assert open_at == ["00:00", "00:30", "01:00", "01:30"]


def test_hours_that_fall_into_the_gap_of_spring_are_none() -> None:
    assert open_hours(office("Sun 02:00-03:00"), "2026-03-28T22:00:00Z", "2026-03-29T22:00:00Z") == []


@pytest.mark.parametrize(("day", "first"), [("2026-10-24", "07:00"), ("2026-10-25", "08:00")])
def test_an_office_opens_at_nine_before_and_after_clocks_are_changed(day: str, first: str) -> None:
    assert open_hours(office("Sat-Sun 09:00-17:00"), f"{day}T00:00:00Z", f"{day}T23:00:00Z")[0] == first


def test_days_go_over_the_end_of_the_week() -> None:
    hours = office("Sat-Mon 00:00-24:00", name="UTC")
    days = [f"2026-11-{day}T12:00:00Z" for day in range(23, 30)]
    assert [hours.is_open(instant_of(day)) for day in days] == [True, False, False, False, False, True, True]


def test_hours_of_dates_as_they_are_told() -> None:
    hours = office("Mon 13:00-17:30, Mon 09:00-12:00", "2026-11-24 closed")
    told = hours.shown(instant_of("2026-11-22T23:00:00Z"), instant_of("2026-11-24T23:00:00Z"))
    assert told == {"2026-11-23": ["09:00-12:00", "13:00-17:30"], "2026-11-24": []}


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ("2026-11-23T08:00:00Z", 5),
        ("2026-11-23T12:00:00Z", 2),
        ("2026-11-28T12:00:00Z", 0),
        ("2026-12-25T12:00:00Z", 1),
        ("2026-12-25T15:00:00Z", 7),
    ],
)
def test_how_much_a_slot_takes(at: str, number: int) -> None:
    hours = read("Mon-Fri 12:00-13:00=2, Sat-Sun=0, 12-25 = 3, 12-25=1, 2026-12-25 15:00-16:00 = 7")
    assert Capacity(ZoneInfo("UTC"), 5, hours).at(instant_of(at)) == number


def test_a_slot_has_its_instants() -> None:
    calendar = Calendar("c", HOUR, None, Capacity(zone("Asia/Kolkata"), 5, read("Mon 10:30-11:30=1")))
    booking = calendar.booking(instant_of("2026-11-23T05:59:59Z"))
    assert (booking.start, booking.end, booking.most) == (
        instant_of("2026-11-23T05:00:00Z"),
        instant_of("2026-11-23T06:00:00Z"),
        1,
    )


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        (Hours(), "Mon 9-17", "no hours such as"),
        (Hours(), "Monday 09:00-17:00", "no day"),
        (Hours(), "Mon-", "no day"),
        (Hours(), "Mon 17:00-09:00", "end after they begin"),
        (Hours(), "Mon 09:00-24:01", "end after they begin"),
        (Hours(), "Mon 09:60-10:00", "end after they begin"),
        (Hours(), "2026-02-30 closed", "no date"),
        (Hours(), "Mon 09:00-17:00 or so", "no day with its hours"),
        (Hours(), "Mon 09:00-17:00=3", "takes no numbers"),
        (Hours(numbered=True), "Mon 09:00-17:00", "needs = and a number"),
        (Hours(on_dates=False), "12-24 closed", "days of the week only"),
        (Hours(on_weekdays=False), "Mon closed", "dates only"),
        (TimeZone(), "Europe", "an IANA time zone"),
        (TimeZone(), "../../etc/passwd", "an IANA time zone"),
        (TimeZone(), "CET/Berlin", "an IANA time zone"),
    ],
)
def test_what_is_no_timetable(kind: Kind, text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        kind.parse(text)


def test_a_leap_day_comes_every_year_that_has_one() -> None:
    hours = office("Mon-Sun 09:00-17:00", "02-29 closed", "UTC")
    assert not hours.is_open(instant_of("2028-02-29T10:00:00Z"))
    assert hours.is_open(instant_of("2027-02-28T10:00:00Z"))
