"""What every store does about guessing of access codes (rule 6)."""

import asyncio

from matchline.clock import SECOND
from matchline.store.testing.stage import SHARED, Stage, whose
from matchline.verdict import Asked, GuessBudget, GuessBudgets, MatchPolicy, NoneMatches, Query, Verdict

HOLDER, STRANGER = "+14155550123", "+14155550199"

RIGHT = "4711"

GUESSES = 3
REFILL = 10  # seconds
NUMBER_GUESSES = 5

BUDGETS = GuessBudgets(GuessBudget(GUESSES, REFILL * SECOND), GuessBudget(NUMBER_GUESSES, REFILL * SECOND))

WRONG, SLOWED = NoneMatches(), NoneMatches(slowed=True)


async def guess(
    stage: Stage, code: str, phone: str | None = None, *, number: str = "200", repeat_window: int = 0
) -> Verdict:
    (number_id,) = await stage.ids(number)
    policy = MatchPolicy(code_overrides_phone=True)
    query = Query(
        (Asked(number_id, phone),),
        code,
        policy=policy,
        repeat_window=repeat_window * SECOND,
        budgets=BUDGETS,
    )
    return await stage.store.match(query, stage.now)


async def spend_all(stage: Stage, phone: str | None = STRANGER) -> None:
    for _ in range(GUESSES if phone else NUMBER_GUESSES):
        assert await guess(stage, "0000", phone) == WRONG


class GuessingContract:
    async def test_who_has_guessed_too_often_is_told_nothing_and_takes_nothing(self, stage: Stage) -> None:
        await stage.claim("a", SHARED, code=RIGHT, timeout=600)
        await spend_all(stage)
        assert await guess(stage, RIGHT, STRANGER) == SLOWED
        assert await guess(stage, "0000", STRANGER) == SLOWED
        assert whose(await guess(stage, RIGHT, HOLDER)) == ["a"], "it still waited"

    async def test_the_right_code_from_the_right_phone_is_never_refused(self, stage: Stage) -> None:
        await stage.claim("a", SHARED, code=RIGHT, phone=HOLDER)
        await spend_all(stage, HOLDER)
        assert whose(await guess(stage, RIGHT, HOLDER)) == ["a"]

    async def test_a_right_code_costs_no_guess(self, stage: Stage) -> None:
        for n in range(1 + GUESSES):
            await stage.claim(f"s{n}", SHARED, code=f"100{n}")
            assert whose(await guess(stage, f"100{n}", STRANGER)) == [f"s{n}"]

    async def test_a_guess_comes_back_with_time_and_no_more_than_there_were(self, stage: Stage) -> None:
        await spend_all(stage)
        stage.wait(REFILL - 0.001)
        assert await guess(stage, "0000", STRANGER) == SLOWED
        stage.wait(0.001)
        assert await guess(stage, "0000", STRANGER) == WRONG
        assert await guess(stage, "0000", STRANGER) == SLOWED
        stage.wait(100 * REFILL)
        await spend_all(stage)
        assert await guess(stage, "0000", STRANGER) == SLOWED

    async def test_a_guess_that_is_not_looked_up_costs_nothing(self, stage: Stage) -> None:
        await stage.claim("a", SHARED, code=RIGHT, timeout=600)
        await spend_all(stage)
        for _ in range(REFILL):
            assert await guess(stage, RIGHT, STRANGER) == SLOWED
            stage.wait(1)
        assert whose(await guess(stage, RIGHT, STRANGER)) == ["a"], "a holder is slowed, not locked out"

    async def test_callers_without_a_number_share_the_called_number_s_budget(self, stage: Stage) -> None:
        await stage.claim("a", SHARED, code=RIGHT)
        await stage.claim("b", code=RIGHT)
        await spend_all(stage, None)
        assert await guess(stage, RIGHT) == SLOWED
        assert whose(await guess(stage, RIGHT, number="100")) == ["b"], "another number has its own"
        assert whose(await guess(stage, RIGHT, STRANGER)) == ["a"], "and so has a caller with a number"

    async def test_a_call_without_a_code_is_no_guess(self, stage: Stage) -> None:
        await stage.claim("a", SHARED, phone=STRANGER)
        await spend_all(stage)
        assert whose(await stage.call("200", phone=STRANGER)) == ["a"]

    async def test_of_many_guesses_at_once_no_more_than_the_budget_are_looked_up(self, stage: Stage) -> None:
        verdicts = await asyncio.gather(*(guess(stage, f"{n:04}", STRANGER) for n in range(20)))
        assert sorted(map(str, verdicts)) == sorted(map(str, [WRONG] * GUESSES + [SLOWED] * (20 - GUESSES)))

    async def test_an_earlier_answer_is_no_way_around_the_budget(self, stage: Stage) -> None:
        await stage.claim("a", SHARED, code=RIGHT)
        assert whose(await guess(stage, RIGHT, repeat_window=600)) == ["a"]
        await spend_all(stage, None)
        assert await guess(stage, RIGHT, repeat_window=600) == SLOWED

    async def test_a_budget_that_is_full_again_is_removed(self, stage: Stage) -> None:
        await spend_all(stage)
        await spend_all(stage, None)
        assert (await stage.sweep()).budgets == 0
        stage.wait(GUESSES * REFILL)
        assert (await stage.sweep()).budgets == 1
        stage.wait(NUMBER_GUESSES * REFILL)
        assert (await stage.sweep()).budgets == 1
