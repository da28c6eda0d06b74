"""How a resource group fares: its slots now, when they run out if it goes on so, and its last hours as a plot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matchline.clock import Instant
from matchline.engine import Engine
from matchline.engine.policy import Group
from matchline.errors import UnknownResourceGroup
from matchline.kept.history import MINUTE, PoolSample
from matchline.ui.plot import Frame, Mark, Plot, Shape, room_for

HOURS = 6  # that are plotted
HOUR = 60 * MINUTE

TREND = 15 * MINUTE  # over which a trend is looked for
FAREST = 24 * HOUR  # nobody knows what happens after that

_FEWEST = 3  # looks that make a trend
_GAP = 2 * MINUTE + MINUTE // 2  # between looks; where it is longer nobody looked
_NOW = "now"


@dataclass(frozen=True, slots=True)
class Outlook:
    """When no slot is free any more, if it goes on as in the last minutes."""

    at: Instant | None  # None: that is not in sight
    per_minute: float = 0.0  # slots that are free no more
    is_known: bool = True
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a group's history; of slots the least or the most at any minute."""

    at: Instant
    free: int | None
    held: int | None
    cooling: int | None
    reserved: int
    refused: int


@dataclass(frozen=True, slots=True)
class Picture:
    """`free` and `cooling` are known of exclusive groups only."""

    group: Group
    now: Instant
    numbers: int  # that are handed out
    draining: int
    held: int
    free: int | None
    cooling: int | None
    outlook: Outlook | None

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """What fills a bar: its kind, where it begins and how long it is, in percent."""
        counts = (("held", self.held), ("cooling", self.cooling or 0), ("free", self.free or 0))
        total, begin, parts = max(1, self.numbers), 0.0, []
        for kind, count in counts if self.free is not None else ():
            share = 100 * count / total
            parts.append((kind, round(begin, 2), round(share, 2)))
            begin += share
        return parts


async def picture(engine: Engine, name: str) -> Picture:
    """Raises UnknownResourceGroup."""
    current = engine.keeper.current
    group = current.groups.get(name)
    if group is None:
        raise UnknownResourceGroup(name)
    now = engine.clock.now()
    own = [number for number in current.numbers if number.group == name]
    draining = sum(number.draining for number in own)
    if not group.strategy.exclusive:
        held = await engine.store.open_on_shared(name)
        return Picture(group, now, len(own) - draining, draining, held, None, None, None)
    pool = await engine.reservations.pool(name)
    samples = await engine.historian.samples(name, now - TREND)
    outlook = outlook_of(samples, pool.free, now) if pool.total else None
    return Picture(group, now, pool.total, draining, pool.reserved, pool.free, pool.cooling, outlook)


def outlook_of(samples: Sequence[PoolSample], free: int, now: Instant) -> Outlook:
    """From the straight line that fits the last minutes best."""
    if free == 0:
        return Outlook(now, is_now=True)
    seen = [(each.at + MINUTE - now, each.free) for each in samples if each.free is not None]
    points = [*((at, count) for at, count in seen if at < 0), (0, free)]
    if len(points) < _FEWEST:
        return Outlook(None, is_known=False)
    falls = -_slope(points)
    if falls <= 0 or free / falls > FAREST:
        return Outlook(None)
    return Outlook(now + round(free / falls), falls * MINUTE)


def _slope(points: Sequence[tuple[int, int]]) -> float:
    """Least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def history_plot(samples: Sequence[PoolSample], now: Instant) -> Plot | None:
    """None where nothing was looked at yet."""
    looked = [each for each in samples if each.held is not None]
    if not looked:
        return None
    high = max((each.held or 0) + (each.cooling or 0) + (each.free or 0) for each in looked)
    frame = Frame(-HOURS * HOUR, 0, room_for(high))
    shapes = [shape for run in _runs(looked) for shape in _shapes(frame, run, now)]
    refused = (_tick(frame, each.at - now) for each in samples if each.exhausted)
    hours = range(-HOURS, 1)
    marks = tuple(Mark(frame.x(hour * HOUR), f"{-hour} h ago" if hour else _NOW) for hour in hours)
    return Plot(marks, frame.y_marks(), (*shapes, *refused))


def hours_of(samples: Sequence[PoolSample]) -> list[Hour]:
    """The same in figures, the latest hour first."""
    hours: dict[Instant, list[PoolSample]] = {}
    for each in samples:
        hours.setdefault(each.at // HOUR * HOUR, []).append(each)
    return [_hour(at, hours[at]) for at in sorted(hours, reverse=True)]


def _hour(at: Instant, samples: Sequence[PoolSample]) -> Hour:
    return Hour(
        at,
        min((each.free for each in samples if each.free is not None), default=None),
        max((each.held for each in samples if each.held is not None), default=None),
        max((each.cooling for each in samples if each.cooling is not None), default=None),
        sum(each.reserved for each in samples),
        sum(each.exhausted for each in samples),
    )


def _runs(samples: Sequence[PoolSample]) -> Iterator[list[PoolSample]]:
    """Minutes that follow each other; what nobody looked at is left open."""
    run: list[PoolSample] = []
    for each in samples:
        if run and each.at - run[-1].at > _GAP:
            yield run
            run = []
        run.append(each)
    yield run


def _shapes(frame: Frame, run: Sequence[PoolSample], now: Instant) -> Iterator[Shape]:
    ats = [max(each.at - now, frame.first) for each in run]
    ats.append(min(0, ats[-1] + MINUTE))  # a sample tells of a minute
    held = [each.held or 0 for each in run]
    resting = [each.cooling or 0 for each in run]
    held, resting = [*held, held[-1]], [*resting, resting[-1]]
    used = [a + b for a, b in zip(held, resting, strict=True)]
    floor = [(at, 0.0) for at in ats]
    lower, upper = list(zip(ats, held, strict=True)), list(zip(ats, used, strict=True))
    yield Shape("area held", frame.band(floor, lower))
    if any(resting):
        yield Shape("area cooling", frame.band(lower, upper))
    if run[-1].free is not None:
        totals = [(each.free or 0) + (each.held or 0) + (each.cooling or 0) for each in run]
        yield Shape("line total", frame.line(zip(ats, [*totals, totals[-1]], strict=True)))


def _tick(frame: Frame, at: float) -> Shape:
    """A minute in which a reservation was refused."""
    return Shape("line refused", frame.line(((at, frame.high), (at, frame.high * 0.94))))
