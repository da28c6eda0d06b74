"""Rates, durations and shares as people write and read them: `5/s`, `300/min`, `90s`, `1h30m`, `1%`.

Each function that reads one raises ValueError with the rest of a sentence that begins with what was asked for.
"""

import math
import re

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONG_NAMES = {
    **dict.fromkeys(("millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "minute", "minutes"), "m"),
    **dict.fromkeys(("hr", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
}

_NUMBER = r"\d+(?:\.\d+)?"
_PART = re.compile(rf"({_NUMBER})\s*([a-z]*)\s*")
_RATE = re.compile(rf"({_NUMBER})\s*(?:(?:/|per|an?)\s*([a-z]+))?")
_SHARE = re.compile(rf"({_NUMBER}|\.\d+)\s*(%?)")


def rate(text: str) -> float:
    """Events per second; a bare number counts per second."""
    found = _RATE.fullmatch(_plain(text))
    seconds = _unit(found[2] or "s") if found else None
    if found is None or seconds is None:
        raise ValueError("must be a rate such as 5/s, 300/min or 18000/h")
    return _positive(float(found[1]) / seconds)


def duration(text: str) -> float:
    """Seconds, 0 or more; a bare number counts seconds."""
    plain = _plain(text)
    parts = _PART.findall(plain)
    units = [_unit(unit or "s") for _, unit in parts]
    bare = any(not unit for _, unit in parts) and len(parts) > 1
    if not parts or bare or None in units or _PART.sub("", plain):
        raise ValueError("must be a duration such as 90s, 5m or 1h30m")
    return math.fsum(float(number) * (unit or 0) for (number, _), unit in zip(parts, units, strict=True))


def share(text: str) -> float:
    """A share strictly between 0 and 1: `1%` or `0.01`."""
    found = _SHARE.fullmatch(_plain(text))
    part = float(found[1]) / (100 if found[2] else 1) if found else 0.0
    if not 0 < part < 1:
        raise ValueError("must be more than nothing and less than all, such as 1% or 0.01")
    return part


def _plain(text: str) -> str:
    """Without what people put between thousands; a decimal comma is not guessed at."""
    return re.sub(r"(?<=\d)[,_](?=\d{3}(?!\d))", "", text.strip().lower())


def _unit(name: str) -> float | None:
    return _SECONDS.get(_LONG_NAMES.get(name, name))


def _positive(number: float) -> float:
    if number <= 0:
        raise ValueError("must be more than nothing")
    return number


# For people to read

_DAY = 86_400  # seconds
_UNNOTICED = 1e-8  # a share below which nobody could tell it from nothing


def often(per_second: float, noun: str) -> str:
    """In the shortest unit in which there is at least one."""
    for seconds, unit in ((1, "second"), (60, "minute"), (3600, "hour")):
        if per_second * seconds >= 1:
            return f"{amount(per_second * seconds)} {noun} a {unit}"
    return f"{amount(per_second * _DAY)} {noun} a day"


def amount(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:,.3g}"


def percent(share: float) -> str:
    return f"{share * 100:.3g} %" if share > _UNNOTICED else "0 %"


def lasting(seconds: float) -> str:
    for size, unit in ((_DAY, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{amount(seconds / size)} {unit}"
    return f"{amount(seconds)} seconds"
