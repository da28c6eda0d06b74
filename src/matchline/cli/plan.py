"""matchline plan: how many numbers a traffic needs, and what its access codes can stand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click
import msgspec

from matchline import capacity, codes, quantity
from matchline.capacity import CodeRisk, Demand, Supply

DAY = 86_400  # seconds

# A caller who tries codes on the telephone needs some ten seconds for each.
ONE_CALLER = "6/min"

UNNOTICED = 1e-8  # a share below which nobody could tell it from nothing


class _Quantity(click.ParamType[float]):
    """An option that is read by one of the functions of `quantity`."""

    def __init__(self, read: Callable[[str], float]) -> None:
        self.name = read.__name__
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return self._read(str(value))
        except ValueError as error:
            self.fail(f"{error}, not {value!r}", param, ctx)


@dataclass(frozen=True, slots=True)
class Guessing:
    """What somebody achieves who tries codes on one number."""

    per_second: float
    hits_per_day: float
    seconds_until_even_chance: float | None  # None: there is nothing to guess


@dataclass(frozen=True, slots=True)
class GroupPlan:
    needed: Supply
    given: Supply | None  # with the numbers that there are


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the command tells; `--json` writes it as it is."""

    demand: Demand
    load: float
    refused: float
    exclusive: GroupPlan
    shared: GroupPlan
    codes: CodeRisk
    guessing: Guessing


@click.command("plan")
@click.option("--arrivals", type=_Quantity(quantity.rate), required=True, help="Reservations: 5/s, 300/min.")
@click.option(
    "--hold",
    type=_Quantity(quantity.duration),
    required=True,
    help="How long one is held on average, until it is matched or expires: 90s, 5m.",
)
@click.option(
    "--cooldown",
    type=_Quantity(quantity.duration),
    default="0s",
    show_default=True,
    help="How long its slot rests then, on average.",
)
@click.option(
    "--codes",
    "code_length",
    type=click.IntRange(codes.MIN_LENGTH, codes.MAX_LENGTH),
    default=6,
    show_default=True,
    help="Digits of the access codes in a shared group.",
)
@click.option(
    "--refused",
    type=_Quantity(quantity.share),
    default="1%",
    show_default=True,
    help="The share of reservations that may find no slot.",
)
@click.option("--numbers", type=click.IntRange(1), help="Numbers that there are: what becomes of them too.")
@click.option(
    "--guesses",
    type=_Quantity(quantity.rate),
    default=ONE_CALLER,
    show_default=True,
    help="How often somebody tries codes on one number.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Times in seconds, rates per second, shares from 0 to 1."
)
def command(
    arrivals: float,
    hold: float,
    cooldown: float,
    code_length: int,
    refused: float,
    numbers: int | None,
    guesses: float,
    as_json: bool,
) -> None:
    """Reckon the numbers that a traffic needs, and what its access codes can stand."""
    plan = make_plan(Demand(arrivals, hold, cooldown), refused, code_length, guesses, numbers)
    click.echo(msgspec.json.format(msgspec.json.encode(plan)) if as_json else "\n".join(_told(plan)))


def make_plan(
    demand: Demand, refused: float, code_length: int, guesses: float, numbers: int | None = None
) -> Plan:
    """`guesses` are per second, on one number."""
    codes_per_number = capacity.lendable_codes(code_length)
    shared = _group_plan(demand, refused, codes_per_number, numbers)
    group = shared.given or shared.needed
    served = (1 - group.refused) / group.numbers
    risk = capacity.code_risk(demand.live * served, code_length, resting=(demand.load - demand.live) * served)
    even = capacity.guesses_until(risk.guessed, 0.5)
    return Plan(
        demand,
        demand.load,
        refused,
        _group_plan(demand, refused, 1, numbers),
        shared,
        risk,
        Guessing(guesses, risk.guessed * guesses * DAY, even / guesses if risk.guessed else None),
    )


def _group_plan(demand: Demand, refused: float, slots: int, numbers: int | None) -> GroupPlan:
    needed = capacity.numbers_needed(demand, refused, slots)
    given = None if numbers is None else capacity.supply(demand, numbers, slots)
    return GroupPlan(capacity.supply(demand, needed, slots), given)


def _told(plan: Plan) -> Iterator[str]:
    demand = plan.demand
    rest = f", then its slot rests {_time(demand.cooldown)}" if demand.cooldown else ""
    yield f"{_often(demand.arrivals, 'reservations')}, each held for {_time(demand.hold)}{rest}:"
    yield f"{_amount(plan.load)} slots are in use at once, on average."
    yield "\nAn exclusive group (a number is one session's at a time):"
    yield from _group_told(plan.exclusive)
    yield f"\nA shared group with {plan.codes.length}-digit access codes:"
    yield from _group_told(plan.shared)
    yield from _codes_told(plan.codes, plan.guessing)


def _group_told(group: GroupPlan) -> Iterator[str]:
    yield f"  needed    {_supply_told(group.needed)}"
    if group.given:
        yield f"  there are {_supply_told(group.given)}"


def _supply_told(supply: Supply) -> str:
    noun = "number" if supply.numbers == 1 else "numbers"
    each = "" if supply.slots_per_number == 1 else f" with {supply.slots_per_number:,} codes each"
    refused, in_use = _percent(supply.refused), _percent(supply.in_use)
    return f"{supply.numbers:,} {noun}{each}: {refused} of reservations refused, {in_use} of the slots in use"


def _codes_told(risk: CodeRisk, guessing: Guessing) -> Iterator[str]:
    yield f"  codes     {_amount(risk.live)} of {risk.size:,} are held on each number, on average"
    yield f"  drawing   {_percent(risk.clash)} of the codes drawn are taken, and another is drawn"
    yield f"            (unchecked, two sessions would share a code with a chance of {_percent(risk.unchecked)})"
    if guessing.seconds_until_even_chance is None:
        return
    yield f"  guessing  one guess in {_amount(1 / risk.guessed)} is somebody's code"
    yield (
        f"            {_often(guessing.per_second, 'guesses')} find {_amount(guessing.hits_per_day)}"
        f" a day, the first with an even chance within {_time(guessing.seconds_until_even_chance)}"
    )


def _often(per_second: float, noun: str) -> str:
    """In the shortest unit in which there is at least one."""
    for seconds, unit in ((1, "second"), (60, "minute"), (3600, "hour")):
        if per_second * seconds >= 1:
            return f"{_amount(per_second * seconds)} {noun} a {unit}"
    return f"{_amount(per_second * DAY)} {noun} a day"


def _amount(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:,.3g}"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %" if share > UNNOTICED else "0 %"


def _time(seconds: float) -> str:
    for size, unit in ((DAY, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{_amount(seconds / size)} {unit}"
    return f"{_amount(seconds)} seconds"
