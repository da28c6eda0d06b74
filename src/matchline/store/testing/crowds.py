"""Many at once: as many succeed as there is room for, and nobody gets what is somebody else's (rules 4, 11, 16)."""

import asyncio
from collections.abc import Awaitable, Sequence
from itertools import permutations
from typing import TypeVar

from matchline.clock import SECOND
from matchline.errors import Exhausted, StoreError
from matchline.model import Granted, Idempotency, Pool, Strategy
from matchline.store.testing.stage import OWN, SHARED, Stage, text_values, whose
from matchline.verdict import Matched, NoneMatches

T = TypeVar("T")

SLOTS = 32  # several times the connections that a store has by default
ROUNDS = 10  # of what takes only two to go wrong

# Codes of which some begin others, so that a crowd comes in each other's way.
CODES = ("1", "2", "3", "11", "12", "21", "22", "31", "121", "213", "312")


class CrowdContract:
    async def test_exactly_as_many_claimers_as_slots_succeed(self, stage: Stage) -> None:
        await stage.change(removed=("100", "101"), added=tuple((OWN, f"n{n}") for n in range(SLOTS)))
        for round_ in range(ROUNDS):
            answers = await at_once([stage.claim(f"{round_} {n}") for n in range(SLOTS)])
            assert len({granted.number for granted in all_of(Granted, answers)}) == SLOTS
            assert [type(answer) for answer in await at_once([stage.claim("late")])] == [Exhausted]
            assert await stage.store.pool(OWN, stage.now) == Pool(SLOTS, 0, SLOTS, 0)
            stage.wait(30)

    async def test_one_more_claimer_than_slots_is_refused(self, stage: Stage) -> None:
        await stage.change(added=tuple((OWN, f"n{n}") for n in range(SLOTS - 2)))
        answers = await at_once([stage.claim(f"s{n}") for n in range(SLOTS + 1)])
        assert len({granted.number for granted in only(Granted, answers)}) == SLOTS
        (refusal,) = only(Exhausted, answers)
        assert refusal.free_at == stage.now + 30 * SECOND

    async def test_sessions_that_end_make_room_for_as_many(self, stage: Stage) -> None:
        for round_ in range(ROUNDS):
            await at_once([stage.claim(f"{round_} {n}") for n in range(2)])
            await at_once([stage.end(f"{round_} {n}") for n in range(2)])
            assert (await stage.store.pool(OWN, stage.now)).free == 2

    async def test_codes_that_many_claim_at_once_never_begin_each_other(self, stage: Stage) -> None:
        for round_ in range(ROUNDS):
            orders = list(permutations(CODES, 3))[round_::ROUNDS]
            answers = await at_once(
                [
                    stage.claim(f"{round_} {n}", SHARED, code=same_length(order), most_in_use=1000)
                    for n, order in enumerate(orders[:SLOTS])
                ]
            )
            codes = [granted.code or "" for granted in only(Granted, answers)]
            assert codes
            assert not [(a, b) for a, b in permutations(codes, 2) if a.startswith(b)]
            stage.wait(30)

    async def test_no_more_codes_than_allowed_are_claimed_at_once(self, stage: Stage) -> None:
        for round_ in range(ROUNDS):
            answers = await at_once(
                [stage.claim(f"{round_} {n}", SHARED, code=tuple("0123456789")) for n in range(SLOTS)]
            )
            assert len(only(Granted, answers)) == 5
            assert len(only(Exhausted, answers)) == SLOTS - 5
            stage.wait(30)

    async def test_numbers_that_take_turns_share_a_crowd(self, stage: Stage) -> None:
        await stage.change(added=((SHARED, "201"), (SHARED, "202")))
        codes = [f"{n:02}" for n in range(SLOTS)]
        claims = [stage.claim(f"s{code}", SHARED, strategy=Strategy.ROUND_ROBIN, code=code) for code in codes]
        granted = all_of(Granted, await at_once(claims))
        assert {each.number for each in granted} == {"200", "201", "202"}
        assert len({(each.number, each.code) for each in granted}) == SLOTS

    async def test_two_calls_at_one_instant_are_not_given_the_same_session(self, stage: Stage) -> None:
        for round_ in range(ROUNDS):
            await stage.claim(f"{round_}")
            number = (await stage.session(f"{round_}")).held
            assert number
            answers = await at_once([stage.call(number.number) for _ in range(2)])
            assert [whose(answer) for answer in only(Matched, answers)] == [[f"{round_}"]]
            assert len(only(NoneMatches, answers)) == 1

    async def test_a_call_reported_twice_at_one_instant_is_counted_once(self, stage: Stage) -> None:
        for round_ in range(ROUNDS):
            await stage.claim(f"{round_}", SHARED, phone="+4930")
            call = [stage.call("200", phone="+4930", call_id=f"{round_}") for _ in range(4)]
            answers = all_of(Matched, await at_once(call))
            assert [whose(answer) for answer in answers] == [[f"{round_}"]] * 4
            assert sorted(answer.repeated for answer in answers) == [False, True, True, True]

    async def test_a_request_repeated_at_one_instant_takes_one_slot(self, stage: Stage) -> None:
        await stage.claim("before")  # one slot is left
        for round_ in range(ROUNDS):
            same = Idempotency(f"{round_}", "digest")
            answers = await at_once([stage.claim(f"{round_} {n}", same_as=same) for n in range(8)])
            (session,) = {granted.session_id for granted in all_of(Granted, answers)}
            await stage.end(session)

    async def test_of_owners_who_make_a_record_at_once_one_has_it(self, stage: Stage) -> None:
        owners = [f"o{n}" for n in range(8)]
        for round_ in range(ROUNDS):
            record = f"r{round_}"
            answers = await at_once(
                [
                    stage.store.put_record(record, owner, text_values(of=owner), 1000, stage.now)
                    for owner in owners
                ]
            )
            (owner,) = (owner for owner, answer in zip(owners, answers, strict=True) if answer is None)
            assert (await stage.store.record(record, owner, stage.now)).values == text_values(of=owner)

    async def test_what_happens_to_a_session_at_once_leaves_no_slot_behind(self, stage: Stage) -> None:
        for round_ in range(ROUNDS):
            name = f"{round_}"
            await stage.claim(name, cooldown=5)
            number = (await stage.session(name)).held
            assert number
            await at_once(
                [
                    stage.renew(name),
                    stage.reclaim(name, SHARED, code="11"),
                    stage.call(number.number, delete=True),
                    stage.end(name),
                    stage.reclaim(name, cooldown=5),
                    stage.sweep(),
                ]
            )
            stage.wait(40)
            assert await stage.store.pool(OWN, stage.now) == Pool(2, 2, 0, 0)
            assert (await stage.claim(f"{name} next", SHARED, code="11")).code == "11"
            stage.wait(40)


async def at_once(steps: Sequence[Awaitable[T]]) -> list[T | StoreError]:
    """What each step answers, or with what it is refused, when all begin at one instant."""
    barrier = asyncio.Barrier(len(steps))

    async def begin(step: Awaitable[T]) -> T | StoreError:
        await barrier.wait()
        try:
            return await step
        except StoreError as refusal:
            return refusal

    return await asyncio.gather(*(begin(step) for step in steps))


def only(kind: type[T], answers: Sequence[object]) -> list[T]:
    return [answer for answer in answers if isinstance(answer, kind)]


def all_of(kind: type[T], answers: Sequence[object]) -> list[T]:
    """The answers, none of which may be a refusal."""
    assert [answer for answer in answers if not isinstance(answer, kind)] == []
    return only(kind, answers)


def same_length(codes: Sequence[str]) -> tuple[str, ...]:
    """Those as long as the first."""
    return tuple(code for code in codes if len(code) == len(codes[0]))
