"""The capacity planner: how many numbers a traffic needs, as `matchline plan` reckons it, with a plot.

It stands in the resource groups' room and changes nothing: what is asked stands in the page's address.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from matchline import codes, quantity
from matchline.capacity import Demand, GroupPlan, Plan, Supply, lendable_codes, make_plan, numbers_needed
from matchline.clock import SECOND
from matchline.engine.history import KEEP
from matchline.engine.policy import Group
from matchline.kept.history import PoolSample
from matchline.quantity import amount, lasting, often, percent
from matchline.ui.asked import Asked
from matchline.ui.looked_up import text, whole_number
from matchline.ui.plot import Frame, Mark, Plot, Shape, room_for
from matchline.ui.resources_form import RESOURCES
from matchline.ui.room import Room, Route

PATH = f"{RESOURCES}/plan"

# Slots in use at once: what a page reckons with. The command goes further, and takes its time.
MOST_LOAD = 100_000
MOST_NUMBERS = 1_000_000

_POINTS = 40  # of the plot, fewer where each takes long to reckon
_FEWEST_POINTS = 8
_A_FEW = 5  # of whatever an axis counts
_WALK = 1_000_000  # slots that a plot walks through, about: half a second

EXCLUSIVE, SHARED = "exclusive", "shared"  # kinds of groups
ONE_CALLER = 6 / 60  # guesses a second, as one caller tries codes on the telephone

_EXAMPLE = {"arrivals": "30/min", "hold": "90s", "cooldown": "15s", "refused": "1%", "codes": "6"}


@dataclass(frozen=True, slots=True)
class Wanted:
    demand: Demand
    refused: float
    code_length: int
    numbers: int | None
    kind: str

    @property
    def slots_per_number(self) -> int:
        return 1 if self.kind == EXCLUSIVE else lendable_codes(self.code_length)


async def planner(asked: Asked) -> Response:
    groups = asked.engine.keeper.current.groups
    group = groups.get(asked.query("group"))
    figures = await _figures(asked, group)
    wanted, faults = _read(figures)
    told: Mapping[str, object] = {"plan": None, "plot": None, "advice": "", "details": ()}
    if wanted:
        told = await asyncio.to_thread(_told, wanted, group)
    return asked.page(
        "planner.html",
        400 if faults else 200,
        group=group.name if group else "",
        group_names=sorted(groups),
        figures=figures,
        faults=faults,
        **told,
    )


async def _figures(asked: Asked, group: Group | None) -> dict[str, str]:
    """As they stand in the address, else the group's own, else an example."""
    names = (*_EXAMPLE, "numbers", "kind")
    known = {"numbers": "", "kind": EXCLUSIVE, **_EXAMPLE}
    if group:
        known |= await _of_group(asked, group)
    params = asked.request.query_params
    return {name: text(asked, name) if name in params else known[name] for name in names}


async def _of_group(asked: Asked, group: Group) -> dict[str, str]:
    current = asked.engine.keeper.current
    count = sum(each.group == group.name and not each.draining for each in current.numbers)
    samples = await asked.engine.historian.samples(group.name, asked.engine.clock.now() - KEEP)
    return {
        "hold": f"{group.terms.timeout // SECOND}s",
        "cooldown": f"{group.terms.cooldown // SECOND}s",
        "numbers": str(count or ""),
        "kind": EXCLUSIVE if group.strategy.exclusive else SHARED,
        **_busiest(samples),
    }


def _busiest(samples: tuple[PoolSample, ...]) -> dict[str, str]:
    most = max((each.reserved + each.exhausted for each in samples), default=0)
    return {"arrivals": f"{most}/min"} if most else {}


def _read(figures: Mapping[str, str]) -> tuple[Wanted | None, dict[str, str]]:
    """What is wanted, or what is wrong with it, by field."""
    found: dict[str, float] = {}
    faults: dict[str, str] = {}
    readers: dict[str, Callable[[str], float]] = {
        "arrivals": quantity.rate,
        "hold": quantity.duration,
        "cooldown": quantity.duration,
        "refused": quantity.share,
        "codes": _code_length,
        "numbers": _count,
    }
    for name, read in readers.items():
        try:
            found[name] = read(figures[name])
        except ValueError as error:
            faults[name] = f"{error}"
    if faults:
        return None, faults
    try:
        demand = Demand(found["arrivals"], found["hold"], found["cooldown"])
    except ValueError as error:
        return None, {"hold": f"{error}"}
    if demand.load > MOST_LOAD:
        return None, {
            "arrivals": f"needs more than {MOST_LOAD:,} slots at once; `matchline plan` reckons that"
        }
    kind = SHARED if figures["kind"] == SHARED else EXCLUSIVE
    return Wanted(demand, found["refused"], int(found["codes"]), int(found["numbers"]) or None, kind), {}


def _code_length(given: str) -> float:
    length = whole_number(given)
    if length is None or not codes.MIN_LENGTH <= length <= codes.MAX_LENGTH:
        raise ValueError(f"must be {codes.MIN_LENGTH} to {codes.MAX_LENGTH} digits")
    return length


def _count(given: str) -> float:
    """0 where nothing is said."""
    count = whole_number(given or "0")
    if count is None or count > MOST_NUMBERS:
        raise ValueError(f"must be a whole number, at most {MOST_NUMBERS:,}")
    return count


def _told(wanted: Wanted, group: Group | None) -> dict[str, object]:
    plan = make_plan(wanted.demand, wanted.refused, wanted.code_length, ONE_CALLER, wanted.numbers)
    return {
        "plan": plan,
        "plot": _plot(wanted),
        "advice": advice(plan, wanted, group.name if group else ""),
        "details": list(_details(plan, wanted)),
    }


def advice(plan: Plan, wanted: Wanted, group: str) -> str:
    """What to do, in one sentence."""
    of_kind = _of_kind(plan, wanted)
    needed = of_kind.needed.numbers
    place = f" in {group}" if group else ""
    if of_kind.given is None:
        return f"Order {_numbers(needed)}."
    given = of_kind.given
    missing = needed - given.numbers
    if missing > 0:
        enough = f"of {given.numbers:,} there are, {needed:,} are needed"
        now = f"Now {percent(given.refused)} of reservations would be refused."
        return f"Add {_numbers(missing)}{f' to {group}' if group else ''}: {enough}. {now}"
    if missing == 0:
        return f"Leave it: {_numbers(needed)} {_are(needed)} just enough{place}."
    return f"Enough{place}: {_numbers(needed)} would do, {-missing:,} could be spared."


def _of_kind(plan: Plan, wanted: Wanted) -> GroupPlan:
    return plan.exclusive if wanted.kind == EXCLUSIVE else plan.shared


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count:,} numbers"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _details(plan: Plan, wanted: Wanted) -> Iterator[tuple[str, str]]:
    """A term and what there is to tell of it."""
    demand = plan.demand
    rest = f", then its slot rests {lasting(demand.cooldown)}" if demand.cooldown else ""
    yield "Traffic", f"{often(demand.arrivals, 'reservations')}, each held for {lasting(demand.hold)}{rest}"
    yield "In use at once", f"{amount(plan.load)} slots on average"
    for name, of_kind in (("One session each", plan.exclusive), ("Shared, with codes", plan.shared)):
        yield name, f"needed: {_supply(of_kind.needed)}"
        if of_kind.given and of_kind is _of_kind(plan, wanted):
            yield name, f"there are: {_supply(of_kind.given)}"
    risk, even = plan.codes, plan.guessing.seconds_until_even_chance
    if wanted.kind == SHARED:
        yield "Access codes", f"{amount(risk.live)} of {risk.size:,} are held on each number, on average"
    if wanted.kind == SHARED and even is not None:
        yield (
            "Guessing",
            f"{often(plan.guessing.per_second, 'guesses')} find one with an even chance within {lasting(even)}",
        )


def _supply(supply: Supply) -> str:
    use = f"{percent(supply.refused)} of reservations refused, {percent(supply.in_use)} of the slots in use"
    return f"{_numbers(supply.numbers)}; {use}"


def _plot(wanted: Wanted) -> Plot:
    """Numbers needed against arrivals, up to twice those that are asked about."""
    demand = wanted.demand
    count = int(min(_POINTS, max(_FEWEST_POINTS, _WALK / (2 * demand.load + 1))))
    last = demand.arrivals * 2
    points = [
        (rate, float(_needed(wanted, rate))) for rate in (last * n / count for n in range(1, count + 1))
    ]
    points.insert(0, (0.0, 0.0))
    average = [(rate, rate * (demand.hold + demand.cooldown) / wanted.slots_per_number) for rate, _ in points]
    frame = Frame(0, last, room_for(max(points[-1][1], wanted.numbers or 0)))
    shapes = [Shape("line average", frame.line(average)), Shape("line needed", frame.line(points))]
    if wanted.numbers:
        level = ((0, wanted.numbers), (last, wanted.numbers))
        shapes.insert(0, Shape("line given", frame.line(level)))
    seconds, unit = _unit(demand.arrivals)
    quarters = [last * n / 4 for n in range(5)]
    marks = tuple(Mark(frame.x(each), f"{each * seconds:.3g}/{unit}") for each in quarters)
    dot = (frame.x(demand.arrivals), frame.y(_needed(wanted, demand.arrivals)))
    return Plot(marks, frame.y_marks(), tuple(shapes), dot)


def _unit(per_second: float) -> tuple[int, str]:
    """The shortest in which there are a few; its seconds and its name."""
    units = ((1, "s"), (60, "min"), (3600, "h"))
    return next(unit for unit in units if per_second * unit[0] >= _A_FEW or unit == units[-1])


def _needed(wanted: Wanted, arrivals: float) -> int:
    demand = Demand(arrivals, wanted.demand.hold, wanted.demand.cooldown)
    return numbers_needed(demand, wanted.refused, wanted.slots_per_number)


room = Room("", PATH, (Route("GET", PATH, planner),))
