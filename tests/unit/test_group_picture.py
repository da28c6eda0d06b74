"""How a resource group's future is foretold, and its past drawn."""

from matchline.clock import Instant
from matchline.kept.history import MINUTE, PoolSample
from matchline.ui.plot import marks, room_for, shortly
from matchline.ui.resources_picture import FAREST, HOUR, history_plot, hours_of, outlook_of

NOW: Instant = 1_000_000 * MINUTE


def looked(free: list[int]) -> list[PoolSample]:
    """A look a minute, the last one at the end of the minute before."""
    first = NOW - (len(free) + 1) * MINUTE
    return [PoolSample(first + place * MINUTE, "g", each, 1, 1, 2, 0) for place, each in enumerate(free)]


def test_what_falls_steadily_runs_out_when_the_line_reaches_none() -> None:
    outlook = outlook_of(looked([16, 14, 12]), 10, NOW)
    assert outlook.at == NOW + 5 * MINUTE
    assert outlook.per_minute == 2


def test_what_rises_stays_or_falls_slowly_does_not_run_out() -> None:
    for free in ([8, 9, 9], [10, 10, 10]):
        assert outlook_of(looked(free), 10, NOW).at is None
    many = FAREST // MINUTE + 10
    assert outlook_of(looked([many + 3, many + 2, many + 1]), many, NOW).at is None


def test_two_looks_are_no_trend() -> None:
    assert not outlook_of(looked([12]), 10, NOW).is_known
    assert outlook_of(looked([12, 11]), 10, NOW).is_known


def test_where_none_is_free_it_is_now() -> None:
    assert outlook_of([], 0, NOW).is_now


def test_minutes_that_nobody_looked_at_are_left_open() -> None:
    early, late = looked([5, 5, 5, 5, 5, 5])[:2], looked([5, 5])
    plot = history_plot([*early, *late], NOW)
    assert plot
    assert [shape.kind for shape in plot.shapes].count("area held") == 2
    assert history_plot([PoolSample(NOW, "g", reserved=3)], NOW) is None


def test_hours_tell_the_extremes_and_the_sums_the_latest_first() -> None:
    samples = [PoolSample(at, "g", free, 9 - free, 0, 2, 1) for at, free in ((0, 7), (MINUTE, 3), (HOUR, 5))]
    latest, first = hours_of(samples)
    assert (latest.at, latest.free, latest.reserved) == (HOUR, 5, 2)
    assert (first.free, first.held, first.reserved, first.refused) == (3, 6, 4, 2)


def test_an_axis_has_round_figures_and_ends_above_the_highest() -> None:
    assert marks(60) == [0, 20, 40, 60]
    for high in (0, 1, 3, 10, 99, 12_345, 100_000):
        assert room_for(high) > high
        assert len(marks(room_for(high))) <= 6
    assert (shortly(250), shortly(1500), shortly(20_000)) == ("250", "1.5k", "20k")
