"""The numbers that a traffic needs: against a simulation and against published tables."""

import heapq
import random
from collections.abc import Callable
from itertools import islice
from statistics import fmean, stdev

import pytest

from matchline import capacity, codes
from matchline.capacity import Demand
from matchline.chance import SeededChance
from matchline.codes import CodeSpace

# Load in Erlangs that so many slots carry at a blocking of 1 % and of 0.1 %, as every printed table of Erlang's
# formula B gives it, to three digits.
PUBLISHED = [
    (1, 0.01, 0.0101),
    (2, 0.01, 0.153),
    (5, 0.01, 1.36),
    (10, 0.01, 4.46),
    (20, 0.01, 12.0),
    (30, 0.01, 20.3),
    (50, 0.01, 37.9),
    (100, 0.01, 84.1),
    (2, 0.001, 0.0458),
    (5, 0.001, 0.762),
    (10, 0.001, 3.09),
    (20, 0.001, 9.41),
    (100, 0.001, 75.2),
]


@pytest.mark.parametrize(("slots", "refused", "load"), PUBLISHED)
def test_the_formula_is_that_of_the_published_tables(slots: int, refused: float, load: float) -> None:
    # A load that was rounded to three digits is off by half a percent at most; near the table's blocking the
    # formula then moves by less than that times the slots' exponent, at most 9 % at 100 slots.
    assert capacity.refusal(load, slots) == pytest.approx(refused, rel=0.09)
    assert capacity.slots_needed(load * 0.995, refused) <= slots
    assert capacity.slots_needed(load * 1.006, refused) > slots


# A batch is some hundred times or more as long as a slot is held, so that batches are independent.
BATCHES, BATCH = 30, 10_000


def simulate(load: float, slots: int, hold: Callable[[random.Random], float]) -> list[float]:
    """The share that is refused, batch by batch, when reservations come at random moments."""
    chance = random.Random(f"{load}/{slots}")
    now, ends = 0.0, list[float]()
    shares = []
    for batch in range(BATCHES + 1):
        refused = 0
        for _ in range(BATCH):
            now += chance.expovariate(load)
            while ends and ends[0] <= now:
                heapq.heappop(ends)
            if len(ends) < slots:
                heapq.heappush(ends, now + hold(chance))
            else:
                refused += 1
        if batch:  # the first one begins with an empty group
            shares.append(refused / BATCH)
    return shares


def exponential(chance: random.Random) -> float:
    return chance.expovariate(1)


def constant(_: random.Random) -> float:
    return 1.0


def called_or_expired(chance: random.Random) -> float:
    """Most are matched soon, the rest are held to the end and cool down; the mean is 1."""
    return chance.uniform(0.1, 0.4) if chance.random() < 0.8 else 4.0


@pytest.mark.parametrize(("load", "slots"), [(2, 4), (10, 12), (40, 45)])
@pytest.mark.parametrize("hold", [exponential, constant, called_or_expired])
def test_a_simulation_refuses_as_many(
    load: float, slots: int, hold: Callable[[random.Random], float]
) -> None:
    shares = simulate(load, slots, hold)
    # Four standard errors of the mean of independent batches: a right formula misses once in 16,000 seeds.
    tolerance = 4 * stdev(shares) / len(shares) ** 0.5
    assert tolerance < 0.01, "the simulation is long enough to tell"
    assert fmean(shares) == pytest.approx(capacity.refusal(load, slots), abs=tolerance)


def test_slots_needed_is_the_fewest() -> None:
    for load, refused in ((0.01, 0.5), (3, 0.02), (1800, 0.01), (50_000, 0.001)):
        slots = capacity.slots_needed(load, refused)
        assert capacity.refusal(load, slots) <= refused < capacity.refusal(load, slots - 1)


def test_a_curve_begins_with_everything_refused_and_falls() -> None:
    curve = list(islice(capacity.refusals(12.0), 30))
    assert curve[0] == 1
    assert curve == sorted(curve, reverse=True)
    assert curve[20] == capacity.refusal(12.0, 20)


def test_the_refusal_of_many_slots_is_none_and_soon_told() -> None:
    assert capacity.refusal(1800, 10**12) == 0


def test_the_cooldown_counts_for_the_slots_but_not_for_what_is_live() -> None:
    demand = Demand(arrivals=5, hold=300, cooldown=60)
    assert demand.load == 1800
    assert demand.live == 1500
    assert capacity.numbers_needed(demand, 0.01) == 1829
    judged = capacity.supply(demand, 1829)
    assert judged.refused <= 0.01
    assert judged.in_use == pytest.approx(1800 * (1 - judged.refused) / 1829)


def test_a_shared_group_needs_numbers_for_half_of_their_codes() -> None:
    demand = Demand(arrivals=20, hold=600)
    slots = capacity.slots_needed(demand.load, 0.01)
    assert capacity.numbers_needed(demand, 0.01, capacity.lendable_codes(4)) == -(-slots // 5000)
    assert capacity.numbers_needed(demand, 0.01, capacity.lendable_codes(6)) == 1


def test_a_demand_beyond_reckoning_is_refused() -> None:
    with pytest.raises(ValueError, match="more than is reckoned with"):
        Demand(arrivals=1e6, hold=1800)
    with pytest.raises(ValueError, match="needs no slot"):
        Demand(arrivals=1, hold=0)


def test_a_prefix_and_other_lengths_leave_fewer_codes_to_lend() -> None:
    assert capacity.lendable_codes(6) == 500_000
    assert capacity.lendable_codes(6, CodeSpace.parse("7-9")) == 150_000
    assert capacity.lendable_codes(6, others={4: 100, 8: 5}) == 500_000 - 100 * 100 - 5
    assert capacity.lendable_codes(6, others={4: 6000}) == 0


def test_codes_drawn_without_a_check_meet_as_often_as_reckoned() -> None:
    chance, runs, count = SeededChance(3), 2000, 100
    met = sum(len(set(CodeSpace().draw(4, count, chance))) < count for _ in range(runs))
    expected = capacity.code_risk(count, 4).unchecked
    four_standard_errors = 4 * (expected * (1 - expected) / runs) ** 0.5
    assert met / runs == pytest.approx(expected, abs=four_standard_errors)


def test_the_birthday_problem_is_the_well_known_one_at_every_size() -> None:
    assert capacity.code_risk(118, 4).unchecked == pytest.approx(0.5, abs=0.01)
    assert capacity.code_risk(1178, 6).unchecked == pytest.approx(0.5, abs=0.001)
    # For few among many the chance is that of the pairs: count * (count - 1) / 2 / size.
    assert capacity.code_risk(1000, 15).unchecked == pytest.approx(1000 * 999 / 2 / 1e15, rel=1e-3)
    assert capacity.code_risk(0.5, 6).unchecked == 0
    assert capacity.code_risk(10_000, 4).unchecked == 1


def test_codes_that_rest_are_in_the_way_of_a_draw_but_cannot_be_guessed() -> None:
    risk = capacity.code_risk(1000, 4, resting=1500)
    assert risk.clash == 0.25
    assert risk.claim_fails == 0.25**codes.CANDIDATES
    assert risk.guessed == 0.1


def test_guesses_add_up() -> None:
    assert capacity.chance_within(0.001, 1) == pytest.approx(0.001)
    assert capacity.chance_within(0.001, 1000) == pytest.approx(1 - 0.999**1000)
    assert capacity.chance_within(1.0, 1) == 1
    tries = capacity.guesses_until(0.001, 0.5)
    assert capacity.chance_within(0.001, tries) == pytest.approx(0.5)
    assert capacity.guesses_until(0.0, 0.5) == float("inf")
    assert capacity.guesses_until(1.0, 0.5) == 1
