"""Numbers out of measurements: quantiles, medians and spread. All times are in seconds unless a name says more."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest-rank quantile: a value that was measured, not one between two."""
    ordered = sorted(values)
    assert ordered, "nothing was measured"
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Spread:
    """The same thing measured several times."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))


def count_text(value: float) -> str:
    return f"{value:,.0f}"


def spread_text(values: Sequence[float]) -> str:
    """`median (lowest to highest)`."""
    spread = Spread.of(values)
    return f"{count_text(spread.middle)} ({count_text(spread.low)} to {count_text(spread.high)})"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.2f}"


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.0f}"


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def mebibytes(octets: float) -> str:
    return f"{octets / 2**20:.0f}"


def size_text(count: int) -> str:
    """`1k`, `100k`, `1M`."""
    if count >= 1_000_000:
        return f"{count / 1e6:g}M"
    return f"{count / 1e3:g}k" if count >= 1000 else str(count)
