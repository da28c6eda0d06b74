"""Reservations: their life, how slots are handed out, and how they rest (rules 15, 16, 18)."""

import asyncio

import pytest

from matchline.clock import SECOND
from matchline.errors import Conflict, Exhausted
from matchline.model import Granted, Idempotency, Pool, Strategy, Value
from matchline.store.testing.stage import OWN, SHARED, Stage, data_in, data_of, text_values, whose
from matchline.verdict import Matched, NoneMatches

ROUND_ROBIN = Strategy.ROUND_ROBIN


class ClaimContract:
    async def test_a_claim_answers_the_slot_and_its_time(self, stage: Stage) -> None:
        granted = await stage.claim("anna", code="0042", timeout=45)
        assert granted == Granted("anna", data_of("anna"), OWN, "100", "0042", 45 * SECOND)

    async def test_the_values_are_kept_byte_for_byte(self, stage: Stage) -> None:
        values = {"": Value.text(""), "emoji ☎": Value.text("a\0b"), "f": Value(b"\0\xff", "image/png")}
        await stage.claim("anna", values=values)
        assert (await stage.store.record(data_of("anna"), None, stage.now)).values == values
        assert data_in(await stage.call("100", with_values=True)) == [values]

    async def test_n_slots_serve_n_claims_at_once_and_no_more(self, stage: Stage) -> None:
        await stage.change(added=tuple((OWN, str(n)) for n in range(102, 108)))
        claims = (stage.claim(f"s{n}") for n in range(12))
        answers = await asyncio.gather(*claims, return_exceptions=True)
        granted = [answer for answer in answers if isinstance(answer, Granted)]
        assert len({each.number for each in granted}) == len(granted) == 8
        assert sum(isinstance(answer, Exhausted) for answer in answers) == 4

    async def test_a_refused_claim_leaves_nothing(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="1111")
        assert await stage.session_is_gone("ben")
        assert await stage.record_is_gone(data_of("ben"))

    async def test_exhausted_tells_when_the_soonest_slot_is_free(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, cooldown=15)
        await stage.claim("ben", timeout=40)
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("carl")
        assert refusal.value.free_at == stage.now + 40 * SECOND
        stage.wait(40)
        assert (await stage.claim("carl")).number == "101"

    async def test_exhausted_counts_the_rest_of_a_released_slot(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown=15)
        await stage.claim("ben", timeout=40)
        await stage.end("anna")
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("carl")
        assert refusal.value.free_at == stage.now + 15 * SECOND

    async def test_exhausted_does_not_wait_for_sessions_that_hold_no_slot(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", timeout=5)
        await stage.claim("ben", SHARED, code="1111", timeout=30)
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("carl", SHARED, code="1111")
        assert refusal.value.free_at == stage.now + 30 * SECOND

    async def test_a_group_without_numbers_has_no_soonest_slot(self, stage: Stage) -> None:
        for strategy in Strategy:
            with pytest.raises(Exhausted) as refusal:
                await stage.claim("anna", "nowhere", strategy=strategy)
            assert refusal.value.free_at is None

    async def test_every_slot_is_free_again_after_its_time(self, stage: Stage) -> None:
        await stage.change(added=((OWN, "102"),))
        for round_ in range(3):
            _, ended, matched = [
                await stage.claim(f"{name} {round_}", cooldown=15, cooldown_after_match=15) for name in "abc"
            ]
            await stage.end(ended.session_id)
            assert whose(await stage.call(matched.number)) == [matched.session_id]
            stage.wait(45)
            assert await stage.store.pool(OWN, stage.now) == Pool(total=3, free=3, reserved=0, cooling=0)

    async def test_the_pool_tells_what_each_number_does(self, stage: Stage) -> None:
        await stage.change(added=((OWN, "102"), (OWN, "103")))
        await stage.claim("anna", timeout=10, cooldown=20)
        await stage.claim("ben", timeout=60)
        await stage.claim("carl", timeout=60, cooldown=20)
        assert await stage.store.pool(OWN, stage.now) == Pool(total=4, free=1, reserved=3, cooling=0)
        stage.wait(10)
        await stage.end("carl")
        assert await stage.store.pool(OWN, stage.now) == Pool(total=4, free=1, reserved=1, cooling=2)

    async def test_a_draining_number_is_not_in_the_pool(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.change(removed=("100",))
        assert await stage.store.pool(OWN, stage.now) == Pool(total=1, free=1, reserved=0, cooling=0)

    async def test_a_claim_may_answer_the_pool_as_it_leaves_it(self, stage: Stage) -> None:
        granted = await stage.claim("anna", with_pool=True)
        assert granted.pool == Pool(total=2, free=1, reserved=1, cooling=0)

    async def test_a_shared_number_without_codes_serves_any_number_of_sessions(self, stage: Stage) -> None:
        for n in range(20):
            assert (await stage.claim(f"s{n}", SHARED, phone=f"+49{n}")).number == "200"
        assert whose(await stage.call("200", phone="+4917")) == ["s17"]


class TurnContract:
    async def test_the_number_that_is_free_for_longest_goes_first(self, stage: Stage) -> None:
        await stage.change(added=((OWN, "102"),))
        for name in ("anna", "ben", "carl"):
            await stage.claim(name, timeout=60)
        for name in ("ben", "carl", "anna"):
            stage.wait(1)
            await stage.end(name)
        assert [(await stage.claim(name)).number for name in ("a", "b", "c")] == ["101", "102", "100"]

    async def test_a_number_that_was_never_given_out_goes_before_one_that_was(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.end("anna")
        assert (await stage.claim("ben")).number == "101"

    async def test_an_expired_number_was_released_when_it_expired(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=10)
        await stage.claim("ben", timeout=60)
        stage.wait(9)
        await stage.end("ben")
        stage.wait(2)
        assert (await stage.claim("carl")).number == "101"

    async def test_a_matched_number_was_released_when_it_was_matched(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=60)
        await stage.claim("ben", timeout=60)
        stage.wait(1)
        await stage.call("101")
        stage.wait(1)
        await stage.call("100")
        assert (await stage.claim("carl")).number == "101"

    async def test_round_robin_takes_the_numbers_in_turn(self, stage: Stage) -> None:
        await stage.change(added=((SHARED, "201"), (SHARED, "202")))
        turns = [(await stage.claim(f"s{n}", SHARED, strategy=ROUND_ROBIN)).number for n in range(6)]
        assert turns == ["200", "201", "202"] * 2

    async def test_round_robin_skips_a_number_whose_codes_are_lent_out(self, stage: Stage) -> None:
        await stage.change(added=((SHARED, "201"),))
        await stage.claim("anna", SHARED, code="1111", strategy=ROUND_ROBIN)
        await stage.claim("ben", SHARED, strategy=ROUND_ROBIN)
        granted = await stage.claim("carl", SHARED, code="1111", strategy=ROUND_ROBIN)
        assert granted.number == "201"

    async def test_random_takes_the_picked_number(self, stage: Stage) -> None:
        await stage.change(added=((SHARED, "201"), (SHARED, "202")))
        picked = [(await stage.claim(f"s{n}", SHARED, pick=n)).number for n in (4, 2, 0)]
        assert picked == ["201", "202", "200"]


class LifeContract:
    async def test_at_the_instant_of_expiry_it_is_no_longer_held(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        stage.wait(29.999)
        assert (await stage.session("anna")).held is not None
        assert (await stage.store.pool(OWN, stage.now)).reserved == 1
        stage.wait(0.001)
        assert (await stage.session("anna")).held is None
        assert (await stage.store.pool(OWN, stage.now)).reserved == 0
        assert await stage.call("100") == NoneMatches()

    async def test_just_before_expiry_a_call_still_matches(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30)
        stage.wait(29.999)
        call = await stage.call("100")
        assert isinstance(call, Matched)
        assert not call.matches[0].late

    async def test_an_expired_reservation_never_lives_again(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10)
        stage.wait(30)
        with pytest.raises(Conflict):
            await stage.renew("anna")
        assert (await stage.session("anna")).held is None

    async def test_a_matched_reservation_never_lives_again(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100")
        with pytest.raises(Conflict):
            await stage.renew("anna")
        assert await stage.call("100") == NoneMatches()

    async def test_a_released_reservation_never_lives_again(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10)
        await stage.end("anna")
        assert await stage.call("100") == NoneMatches()

    async def test_a_session_that_ends_in_its_grace_window_matches_no_more(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10)
        stage.wait(30)
        await stage.end("anna")
        assert await stage.call("100") == NoneMatches()

    async def test_the_session_ends_at_its_time(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=60)
        stage.wait(59.999)
        assert not await stage.session_is_gone("anna")
        stage.wait(0.001)
        assert await stage.session_is_gone("anna")
        assert await stage.record_is_gone(data_of("anna"))

    async def test_the_session_outlives_its_reservation_and_the_grace_window(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=1, timeout=30, late_grace=10, cooldown=10)
        stage.wait(39.999)
        assert (await stage.session("anna")).ends_at == stage.now + 1
        assert data_in(await stage.call("100", with_values=True)) == [text_values(name="anna")]


class RestContract:
    async def test_an_expired_slot_rests_unmatched(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, cooldown=15, cooldown_after_match=99)
        await stage.claim("ben", timeout=60)
        stage.wait(44.999)
        with pytest.raises(Exhausted):
            await stage.claim("carl")
        stage.wait(0.001)
        assert (await stage.claim("carl")).number == "100"

    async def test_a_slot_given_back_rests_from_then_on(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, cooldown=15)
        await stage.claim("ben", timeout=60)
        stage.wait(10)
        await stage.end("anna")
        stage.wait(14.999)
        with pytest.raises(Exhausted):
            await stage.claim("carl")
        stage.wait(0.001)
        assert (await stage.claim("carl")).number == "100"

    async def test_a_matched_slot_is_free_at_once(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown=15)
        await stage.claim("ben", timeout=60)
        await stage.call("100")
        assert (await stage.claim("carl")).number == "100"

    async def test_a_matched_slot_can_rest_too(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown=99, cooldown_after_match=15)
        await stage.claim("ben", timeout=60)
        await stage.call("100")
        stage.wait(14.999)
        with pytest.raises(Exhausted):
            await stage.claim("carl")
        stage.wait(0.001)
        assert (await stage.claim("carl")).number == "100"

    async def test_a_late_call_matches_within_the_grace_window(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10)
        stage.wait(39.999)
        call = await stage.call("100")
        assert whose(call) == ["anna"]
        assert isinstance(call, Matched)
        assert call.matches[0].late

    async def test_at_the_end_of_the_grace_window_it_does_not(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10)
        stage.wait(40)
        assert await stage.call("100") == NoneMatches()

    async def test_a_slot_is_given_to_no_one_in_its_grace_window(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30, late_grace=10, cooldown=10)
        stage.wait(39.999)
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="1111")
        stage.wait(0.001)
        assert (await stage.claim("ben", SHARED, code="1111")).code == "1111"

    async def test_a_late_match_begins_the_rest_after_a_match(self, stage: Stage) -> None:
        await stage.claim(
            "anna", SHARED, code="1111", timeout=30, late_grace=60, cooldown=60, cooldown_after_match=5
        )
        stage.wait(40)
        await stage.call("200", code="1111")
        stage.wait(5)
        assert (await stage.claim("ben", SHARED, code="1111")).code == "1111"

    async def test_a_reservation_keeps_the_terms_that_it_was_held_on(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, cooldown=15)
        await stage.claim("ben", timeout=60, cooldown=0)
        await stage.end("anna")
        await stage.end("ben")
        assert (await stage.store.pool(OWN, stage.now)).cooling == 1


class IdempotencyContract:
    async def test_the_same_request_gets_the_same_answer(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        first = await stage.claim("anna", same_as=same, with_pool=True)
        await stage.claim("carl")
        assert await stage.claim("ben", same_as=same, with_pool=True) == first
        assert await stage.session_is_gone("ben")

    async def test_many_at_once_get_the_same_answer(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        answers = await asyncio.gather(*(stage.claim(f"s{n}", same_as=same) for n in range(10)))
        assert len({answer.session_id for answer in answers}) == 1
        assert (await stage.store.pool(OWN, stage.now)).reserved == 1

    async def test_another_request_with_the_same_key_is_refused(self, stage: Stage) -> None:
        await stage.claim("anna", same_as=Idempotency("k", "digest"))
        with pytest.raises(Conflict):
            await stage.claim("ben", same_as=Idempotency("k", "another"))

    async def test_another_key_is_another_request(self, stage: Stage) -> None:
        await stage.claim("anna", same_as=Idempotency("k", "digest"))
        other = await stage.claim("ben", same_as=Idempotency("l", "digest"))
        assert other.session_id == "ben"

    async def test_the_answer_stays_although_the_session_was_matched(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        first = await stage.claim("anna", same_as=same)
        await stage.call("100", ttl_after_match=300)
        assert await stage.claim("ben", same_as=same) == first

    async def test_it_is_remembered_for_the_life_of_the_session(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        await stage.claim("anna", same_as=same, ttl=60)
        stage.wait(59.999)
        assert (await stage.claim("ben", same_as=same)).session_id == "anna"
        stage.wait(0.001)
        assert (await stage.claim("ben", same_as=Idempotency("k", "another"))).session_id == "ben"
        assert (await stage.claim("carl", same_as=Idempotency("k", "another"))).session_id == "ben"

    async def test_it_is_forgotten_when_the_session_is_ended(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        await stage.claim("anna", same_as=same)
        await stage.end("anna")
        assert (await stage.claim("ben", same_as=same)).session_id == "ben"

    async def test_a_session_that_ended_long_ago_takes_no_newer_answer_with_it(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        await stage.claim("anna", same_as=same, ttl=60)
        stage.wait(60)
        await stage.claim("ben", same_as=same)
        await stage.sweep()
        assert (await stage.claim("carl", same_as=same)).session_id == "ben"

    async def test_a_refused_claim_may_be_repeated(self, stage: Stage) -> None:
        same = Idempotency("k", "digest")
        await stage.claim("anna", SHARED, code="1111", timeout=30)
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="1111", same_as=same)
        stage.wait(30)
        assert (await stage.claim("ben", SHARED, code="1111", same_as=same)).session_id == "ben"
