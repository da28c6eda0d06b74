"""The clock: it follows the machine's time forwards, and its own pace when that is set back."""

import itertools
import time

import pytest

from matchline.clock import FollowingClock, ManualClock, Reading, SystemClock, whole_seconds


def test_it_neither_runs_back_nor_stands_still_when_the_time_is_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall, steady = [5_000_000_000], [0]
    monkeypatch.setattr(time, "time_ns", lambda: wall[0])
    monkeypatch.setattr(time, "monotonic_ns", lambda: steady[0])
    clock = SystemClock()
    assert clock.now() == 5_000
    wall[0] -= 3_600_000_000
    for _ in range(4):
        steady[0] += 500_000  # half a millisecond: nothing is lost by looking often
        clock.now()
    assert clock.now() == 5_002
    wall[0] = 9_000_000_000
    assert clock.now() == 9_000


def test_a_reading_tells_the_offset_and_how_wrong_it_may_be() -> None:
    reading = Reading(10_000, asked=2.0, answered=2.5)
    assert (reading.offset, reading.uncertainty) == (7_750, 250)


class Steady:
    """The machine's steady clock, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 5.0
        monkeypatch.setattr(time, "monotonic", lambda: self.seconds)


def test_a_clock_that_follows_goes_at_the_steady_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = Steady(monkeypatch)
    clock = FollowingClock(offset=1_000_000)
    assert clock.now() == 1_005_000
    steady.seconds += 0.25
    assert clock.now() == 1_005_250


def test_a_clock_that_follows_catches_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Steady(monkeypatch)
    clock = FollowingClock(offset=0)
    clock.offset = 3_600_000
    assert clock.now() == 3_605_000


def test_a_clock_that_is_ahead_waits_without_standing_still(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = Steady(monkeypatch)
    clock = FollowingClock(offset=1_000)
    clock.offset = 0
    seen = [clock.now()]
    for _ in range(30):
        steady.seconds += 0.1
        seen.append(clock.now())
    assert all(later > earlier for earlier, later in itertools.pairwise(seen))
    assert seen[0] == 6_000
    assert seen[-1] == pytest.approx(steady.seconds * 1000, abs=1), (
        "after twice the difference it is the authority's again"
    )


def test_seconds_are_rounded_up() -> None:
    assert [whole_seconds(each) for each in (0, 1, 1000, 1001)] == [0, 1, 1, 2]


def test_a_manual_clock_moves_when_told() -> None:
    clock = ManualClock(10)
    clock.advance(1.5)
    assert clock.now() == 1510
