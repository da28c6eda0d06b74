"""How many access numbers a traffic needs, and what access codes can stand: mathematics only.

Reservations come at random moments and each keeps a slot for a time; one that finds no free slot is refused and
does not wait. That is Erlang's loss model. Its formula B holds for any distribution of the time that a slot is
kept: only the mean counts. Rates are per second, times in seconds, shares between 0 and 1.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matchline.codes import CANDIDATES, CodeSpace

# The formula is walked slot by slot, some two million a second.
MOST_LOAD = 1_000_000

ALL_CODES = CodeSpace()


@dataclass(frozen=True, slots=True)
class Demand:
    """Reservations that are asked for.

    Raises ValueError when they are held for no time, or need more than MOST_LOAD slots.
    """

    arrivals: float  # per second
    hold: float  # seconds until a reservation is matched, released or expired, on average
    cooldown: float = 0.0  # seconds that its slot rests then, on average

    def __post_init__(self) -> None:
        assert self.arrivals > 0, "somebody asks"
        if self.hold + self.cooldown <= 0:
            raise ValueError("a reservation that is held for no time needs no slot")
        if self.load > MOST_LOAD:
            raise ValueError(f"{self.load:,.0f} slots in use at once are more than is reckoned with")

    @property
    def load(self) -> float:
        """Slots in use at once on average if nothing is refused (Erlangs)."""
        return self.arrivals * (self.hold + self.cooldown)

    @property
    def live(self) -> float:
        """Reservations held at once on average if nothing is refused; those that cool down are not."""
        return self.arrivals * self.hold


@dataclass(frozen=True, slots=True)
class Supply:
    """A group of numbers under a demand."""

    numbers: int
    slots_per_number: int  # 1 in an exclusive group; in a shared one the codes that a number lends out
    refused: float  # share of the reservations that are refused
    in_use: float  # share of the slots that is held or cools down


def refusals(load: float) -> Iterator[float]:
    """The share of reservations refused with 0, 1, 2 … slots (Erlang B). It never ends."""
    assert load > 0, "somebody asks"
    refused, slots = 1.0, 0
    while True:
        yield refused
        slots += 1
        refused = load * refused / (slots + load * refused)


def refusal(load: float, slots: int) -> float:
    """The share of reservations refused with this many slots; 0 when it is too small for a number."""
    return next(share for count, share in enumerate(refusals(load)) if count == slots or not share)


def slots_needed(load: float, refused: float) -> int:
    """The fewest slots with which no larger share than this is refused."""
    assert 0 < refused < 1, "a share"
    return next(slots for slots, share in enumerate(refusals(load)) if share <= refused)


def numbers_needed(demand: Demand, refused: float, slots_per_number: int = 1) -> int:
    """The fewest numbers with which no larger share than this is refused."""
    return math.ceil(slots_needed(demand.load, refused) / slots_per_number)


def supply(demand: Demand, numbers: int, slots_per_number: int = 1) -> Supply:
    """What becomes of a demand on this many numbers.

    A shared group tries one number after the other, so that the slots of all its numbers are one pool.
    """
    slots = numbers * slots_per_number
    refused = refusal(demand.load, slots)
    in_use = demand.load * (1 - refused) / slots if slots else 0.0
    return Supply(numbers, slots_per_number, refused, in_use)


# Access codes


def lendable_codes(length: int, space: CodeSpace = ALL_CODES, others: Mapping[int, int] | None = None) -> int:
    """Codes of this length that one number lends out at once (rule 4): half of them.

    `others` are codes in use on the number, by length: one that is shorter takes every code that begins with it.
    """
    taken = sum(used * int(10 ** max(0, length - other)) for other, used in (others or {}).items())
    return max(0, space.size(length) // 2 - taken)


@dataclass(frozen=True, slots=True)
class CodeRisk:
    """What the codes of one number stand, with `live` codes held on it at once."""

    length: int
    size: int  # codes of this length
    live: float
    clash: float  # chance that a code drawn at random is taken, so that another is drawn
    claim_fails: float  # chance that all draws of a claim are taken, so that it goes to the next number
    unchecked: float  # chance that any two of the codes would be equal if nobody checked
    guessed: float  # chance that one guess is the code of somebody's session


def code_risk(live: float, length: int, *, resting: float = 0.0, space: CodeSpace = ALL_CODES) -> CodeRisk:
    """With `live` codes held and `resting` cooling down on one number, on average."""
    size = space.size(length)
    clash = min(1.0, (live + resting) / size)
    return CodeRisk(
        length, size, live, clash, clash**CANDIDATES, _any_two_equal(live, size), min(1.0, live / size)
    )


def _any_two_equal(count: float, size: int) -> float:
    """The birthday problem, 1 - size! / (size - count)! / size**count, with Stirling's formula for factorials."""
    if count <= 1:
        return 0.0
    if count >= size:
        return 1.0
    log_all_differ = -(size - count + 0.5) * math.log1p(-count / size) - count
    return -math.expm1(min(0.0, log_all_differ))


def chance_within(guessed: float, guesses: float) -> float:
    """The chance that at least one of so many guesses is right; the codes in use change between them."""
    return -math.expm1(guesses * math.log1p(-guessed)) if guessed < 1 else 1.0


def guesses_until(guessed: float, chance: float) -> float:
    """After how many guesses one was right with this chance; infinite where nothing can be guessed."""
    assert 0 < chance < 1, "a chance"
    if guessed >= 1:
        return 1.0
    return math.log1p(-chance) / math.log1p(-guessed) if guessed > 0 else math.inf


# Both together

DAY = 86_400  # seconds


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
    """What there is to tell; `matchline plan --json` writes it as it is."""

    demand: Demand
    load: float
    refused: float
    exclusive: GroupPlan
    shared: GroupPlan
    codes: CodeRisk
    guessing: Guessing


def make_plan(
    demand: Demand, refused: float, code_length: int, guesses: float, numbers: int | None = None
) -> Plan:
    """`guesses` are per second, on one number."""
    codes_per_number = lendable_codes(code_length)
    shared = _group_plan(demand, refused, codes_per_number, numbers)
    group = shared.given or shared.needed
    served = (1 - group.refused) / group.numbers
    risk = code_risk(demand.live * served, code_length, resting=(demand.load - demand.live) * served)
    even = guesses_until(risk.guessed, 0.5)
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
    needed = numbers_needed(demand, refused, slots)
    given = None if numbers is None else supply(demand, numbers, slots)
    return GroupPlan(supply(demand, needed, slots), given)
