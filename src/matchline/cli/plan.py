"""matchline plan: how many numbers a traffic needs, and what its access codes can stand."""

from collections.abc import Callable, Iterator
from typing import Any

import click
import msgspec

from matchline import codes, quantity
from matchline.capacity import CodeRisk, Demand, GroupPlan, Guessing, Plan, Supply, make_plan
from matchline.quantity import amount, lasting, often, percent

# A caller who tries codes on the telephone needs some ten seconds for each.
ONE_CALLER = "6/min"


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


def _told(plan: Plan) -> Iterator[str]:
    demand = plan.demand
    rest = f", then its slot rests {lasting(demand.cooldown)}" if demand.cooldown else ""
    yield f"{often(demand.arrivals, 'reservations')}, each held for {lasting(demand.hold)}{rest}:"
    yield f"{amount(plan.load)} slots are in use at once, on average."
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
    refused, in_use = percent(supply.refused), percent(supply.in_use)
    return f"{supply.numbers:,} {noun}{each}: {refused} of reservations refused, {in_use} of the slots in use"


def _codes_told(risk: CodeRisk, guessing: Guessing) -> Iterator[str]:
    yield f"  codes     {amount(risk.live)} of {risk.size:,} are held on each number, on average"
    yield f"  drawing   {percent(risk.clash)} of the codes drawn are taken, and another is drawn"
    yield f"            (unchecked, two sessions would share a code with a chance of {percent(risk.unchecked)})"
    if guessing.seconds_until_even_chance is None:
        return
    yield f"  guessing  one guess in {amount(1 / risk.guessed)} is somebody's code"
    yield (
        f"            {often(guessing.per_second, 'guesses')} find {amount(guessing.hits_per_day)}"
        f" a day, the first with an even chance within {lasting(guessing.seconds_until_even_chance)}"
    )
