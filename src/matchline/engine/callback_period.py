"""From when to when free slots or hours are asked for, in the words of Genesys Mobile Services."""

from collections.abc import Mapping
from dataclasses import dataclass

from matchline.clock import SECOND, Instant, instant_of
from matchline.engine.callback_slots import DAY
from matchline.errors import BadParameter
from matchline.options import Integer

MOST_DAYS = 62  # two months of slots are looked through in some ten milliseconds
FURTHEST = 3660 * DAY  # from now; nobody books so far ahead, and a calendar ends at the year 9999
MOST_SLOTS = 1000  # unless fewer are asked for

_DAYS = Integer(1, MOST_DAYS, "days")
_SLOTS = Integer(1, MOST_SLOTS, "slots")


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end), and how many slots of it are wanted."""

    start: Instant
    end: Instant
    slots: int


def period(given: Mapping[str, str], now: Instant) -> Period:
    """`start` (now), `number-of-days` or `end` (a day), `max-time-slots`. Raises BadParameter."""
    start = max(now, instant(given, "start", now))
    if start > now + FURTHEST:
        raise BadParameter("start", "must not be more than ten years ahead.")
    days = _number(given, "number-of-days", _DAYS, 1)
    end = instant(given, "end", start + days * DAY)
    if end > start + MOST_DAYS * DAY:
        raise BadParameter("end", f"must not be more than {MOST_DAYS} days after the start.")
    return Period(start, end, _number(given, "max-time-slots", _SLOTS, MOST_SLOTS))


def instant(given: Mapping[str, str], name: str, default: Instant) -> Instant:
    """A whole second. Raises BadParameter."""
    text = given.get(name)
    try:
        return instant_of(text) // SECOND * SECOND if text else default
    except ValueError:
        raise BadParameter(name, "must be an instant such as 2026-12-24T09:30:00Z.") from None


def _number(given: Mapping[str, str], name: str, kind: Integer, default: int) -> int:
    text = given.get(name)
    try:
        return kind.parse(text) if text else default
    except ValueError as error:
        raise BadParameter(name, f"{error}.") from None
