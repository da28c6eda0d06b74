"""The clock: it follows the machine's time forwards, and its own pace when that is set back."""

import time

import pytest

from matchline.clock import ManualClock, SystemClock, whole_seconds


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


def test_seconds_are_rounded_up() -> None:
    assert [whole_seconds(each) for each in (0, 1, 1000, 1001)] == [0, 1, 1, 2]


def test_a_manual_clock_moves_when_told() -> None:
    clock = ManualClock(10)
    clock.advance(1.5)
    assert clock.now() == 1510
