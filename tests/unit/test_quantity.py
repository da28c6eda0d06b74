"""Rates, durations and shares as people write them."""

import pytest

from matchline import quantity


@pytest.mark.parametrize(
    ("text", "per_second"),
    [
        ("5/s", 5),
        ("5 / s", 5),
        ("300/min", 5),
        ("300 per minute", 5),
        ("18,000/h", 5),
        ("432_000 a day", 5),
        ("0.5/s", 0.5),
        ("2", 2),
        (" 5/S ", 5),
    ],
)
def test_a_rate_is_read(text: str, per_second: float) -> None:
    assert quantity.rate(text) == pytest.approx(per_second)


@pytest.mark.parametrize(
    "text", ["", "x", "0/s", "-1/s", "5/", "5/fortnight", "5//s", "1,5/s", "5 s", "nan", "inf"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        quantity.rate(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("5 min", 300),
        ("1h30m", 5400),
        ("1 h 30 min", 5400),
        ("250ms", 0.25),
        ("1.5 hours", 5400),
        ("2d", 172_800),
        ("90", 90),
        ("0", 0),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert quantity.duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "m", "-5m", "5 parsecs", "1h30", "1:30", "5m!", "1,5h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        quantity.duration(text)


@pytest.mark.parametrize(
    ("text", "part"), [("1%", 0.01), ("0.5 %", 0.005), ("0.01", 0.01), (".01", 0.01), ("50%", 0.5)]
)
def test_a_share_is_read(text: str, part: float) -> None:
    assert quantity.share(text) == pytest.approx(part)


@pytest.mark.parametrize("text", ["", "1", "0", "0%", "100%", "-1%", "%", "one"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be more than nothing"):
        quantity.share(text)
