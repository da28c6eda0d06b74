"""The same call asked again, by its id or within the repeat window (rule 12)."""

from matchline.model import Strategy
from matchline.store.testing.matching import MULTIPLE
from matchline.store.testing.stage import OWN, SHARED, Stage, data_in, is_gone, text_values, whose
from matchline.verdict import Ambiguous, Matched, MatchPolicy, NeedsCode, NoneMatches, RequireCode


class CallIdContract:
    async def test_the_same_call_gets_the_same_session_again(self, stage: Stage) -> None:
        await stage.claim("anna")
        first = await stage.call("100", call_id="c")
        assert isinstance(first, Matched)
        assert await stage.call("100", call_id="c") == Matched(first.matches, repeated=True)

    async def test_another_call_does_not(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        assert await stage.call("100", call_id="d") == NoneMatches()
        assert await stage.call("100") == NoneMatches()

    async def test_a_call_is_bound_to_its_called_number(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        assert await stage.call("101", call_id="c") == NoneMatches()

    async def test_a_bound_session_is_found_under_any_reading_of_the_number(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        assert whose(await stage.call("101 100", call_id="c")) == ["anna"]

    async def test_the_session_is_given_to_its_call_although_the_slot_was_given_out_again(
        self, stage: Stage
    ) -> None:
        await stage.claim("anna", SHARED, code="1111")
        await stage.call("200", code="1111", call_id="c")
        await stage.claim("ben", SHARED, code="1111")
        assert whose(await stage.call("200", code="1111", call_id="c")) == ["anna"]
        assert whose(await stage.call("200", code="1111", call_id="d")) == ["ben"]

    async def test_nothing_is_released_twice(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown_after_match=10)
        await stage.call("100", call_id="c")
        stage.wait(5)
        await stage.call("100", call_id="c")
        stage.wait(5)
        assert (await stage.store.pool(OWN, stage.now)).free == 2

    async def test_the_retry_does_not_release_the_next_reservation_of_its_session(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        await stage.reclaim("anna", phone="+4930")
        assert whose(await stage.call("100", call_id="c")) == ["anna"]
        assert (await stage.session("anna")).held is not None

    async def test_less_may_be_supplied_the_second_time(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", code="1111")
        await stage.call("200", phone="+4930", code="1111", call_id="c")
        assert whose(await stage.call("200", call_id="c")) == ["anna"]
        assert whose(await stage.call("200", code="1111", call_id="c")) == ["anna"]

    async def test_a_phone_is_neutral_for_a_bound_session_that_has_none(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        assert whose(await stage.call("100", phone="+4930", call_id="c")) == ["anna"]

    async def test_a_contradicting_retry_does_not_get_the_session(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", code="1111")
        await stage.call("200", code="1111", call_id="c")
        assert await stage.call("200", code="2222", call_id="c") == NoneMatches()
        assert await stage.call("200", phone="+4931", call_id="c") == NoneMatches()

    async def test_a_code_contradicts_a_bound_session_that_has_none(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        assert await stage.call("100", code="1111", call_id="c") == NoneMatches()

    async def test_a_right_code_may_override_the_phone_again(self, stage: Stage) -> None:
        policy = MatchPolicy(code_overrides_phone=True)
        await stage.claim("anna", phone="+4930", code="1111")
        for _ in range(2):
            call = await stage.call("100", phone="+4931", code="1111", call_id="c", policy=policy)
            assert whose(call) == ["anna"]

    async def test_a_call_that_is_bound_to_two_sessions_is_ambiguous(self, stage: Stage) -> None:
        await _bind_to_two(stage)
        assert await stage.call("200", call_id="c") == Ambiguous(None)
        assert whose(await stage.call("200", code="1111", call_id="c")) == ["anna"]
        assert whose(await stage.call("200", code="2222", call_id="c")) == ["ben"]

    async def test_a_call_that_is_bound_to_two_sessions_may_ask_for_both(self, stage: Stage) -> None:
        await _bind_to_two(stage)
        call = await stage.call("200", call_id="c", policy=MULTIPLE)
        assert sorted(whose(call)) == ["anna", "ben"]

    async def test_a_retry_deletes_no_session_that_it_does_not_answer(self, stage: Stage) -> None:
        for name in ("anna", "ben", "carl"):
            await stage.claim(name, SHARED, ttl=600)
        every = MatchPolicy(multiple=True)
        await stage.call("200", call_id="c1", policy=every, ttl_after_match=300)
        first = MatchPolicy(multiple=True, max_matches=1)
        (answered,) = whose(await stage.call("200", call_id="c1", policy=first, delete=True))
        left = [name for name in ("anna", "ben", "carl") if not await stage.session_is_gone(name)]
        assert answered not in left
        assert len(left) == 2

    async def test_an_ambiguous_retry_deletes_nothing(self, stage: Stage) -> None:
        await _bind_to_two(stage)
        await stage.call("200", call_id="c", delete=True)
        assert not await stage.session_is_gone("anna")
        assert not await stage.session_is_gone("ben")

    async def test_several_matches_are_given_again_in_the_same_order(self, stage: Stage) -> None:
        for name in ("anna", "carl", "ben"):
            await stage.claim(name, SHARED)
        first = await stage.call("200", call_id="c", policy=MULTIPLE)
        assert whose(first) == ["ben", "carl", "anna"]
        assert whose(await stage.call("200", call_id="c", policy=MULTIPLE)) == ["ben", "carl", "anna"]

    async def test_what_was_kept_reserved_is_not_bound(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.claim("ben", SHARED, phone="+4930")
        await stage.call("200", call_id="c", policy=MULTIPLE, keep_multiple=True)
        assert await stage.call("200", phone="+4930", call_id="c") == Ambiguous(None)

    async def test_a_late_match_stays_late(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=5, late_grace=5, cooldown=5)
        stage.wait(5)
        for _ in range(2):
            call = await stage.call("100", call_id="c")
            assert isinstance(call, Matched)
            assert call.matches[0].late

    async def test_a_call_is_bound_as_long_as_it_is_to_be_remembered(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", call_id="c", call_memory=60)
        stage.wait(59.999)
        assert whose(await stage.call("100", call_id="c", call_memory=60)) == ["anna"]
        stage.wait(0.001)
        assert await stage.call("100", call_id="c", call_memory=60) == NoneMatches()

    async def test_a_call_that_is_not_to_be_remembered_is_not(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c", call_memory=0)
        assert await stage.call("100", call_id="c", call_memory=0) == NoneMatches()

    async def test_the_binding_outlives_reservation_and_session(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=30)
        await stage.call("100", call_id="c", call_memory=600)
        stage.wait(300)
        await stage.sweep()
        call = await stage.call("100", call_id="c", with_values=True)
        assert whose(call) == ["anna"]
        assert data_in(call) == [{}]

    async def test_the_flags_of_the_retry_count(self, stage: Stage) -> None:
        await stage.claim("anna")
        first = await stage.call("100", call_id="c")
        assert data_in(first) == [None]
        second = await stage.call("100", call_id="c", with_values=True)
        assert data_in(second) == [text_values(name="anna")]
        assert data_in(await stage.call("100", call_id="c")) == [None]

    async def test_a_retry_sees_the_data_as_they_are_now(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        await stage.store.merge_record("data of anna", text_values(city="Köln"), None, 9, stage.now)
        call = await stage.call("100", call_id="c", with_values=True)
        assert data_in(call) == [text_values(name="anna", city="Köln")]


class RepeatWindowContract:
    async def test_the_same_question_gets_the_same_session_within_the_window(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", code="1111")
        for _ in range(2):
            call = await stage.call("200", phone="+4930", code="1111", repeat_window=60)
            assert whose(call) == ["anna"]
        assert isinstance(call, Matched)
        assert call.repeated

    async def test_at_the_end_of_the_window_it_does_not(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", repeat_window=60)
        stage.wait(59.999)
        assert whose(await stage.call("100", repeat_window=60)) == ["anna"]
        stage.wait(0.001)
        assert await stage.call("100", repeat_window=60) == NoneMatches()

    async def test_without_a_window_it_does_not(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", repeat_window=60)
        assert await stage.call("100") == NoneMatches()

    async def test_another_question_does_not(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", code="1111")
        await stage.call("200", phone="+4930", code="1111", repeat_window=60)
        assert await stage.call("200", phone="+4930", repeat_window=60) == NoneMatches()
        assert await stage.call("200", code="1111", repeat_window=60) == NoneMatches()
        assert await stage.call("200", repeat_window=60) == NoneMatches()

    async def test_a_slot_given_out_again_answers_no_repeats(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.claim("ben", ttl=600)
        await stage.call("100", repeat_window=300)
        await stage.claim("carl", timeout=5)
        stage.wait(5)
        assert await stage.call("100", repeat_window=300) == NoneMatches()

    async def test_a_code_given_out_again_answers_no_repeats(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", ttl=600)
        await stage.claim("ben", SHARED, code="2222", ttl=600)
        await stage.call("200", code="1111", repeat_window=300)
        await stage.call("200", code="2222", repeat_window=300)
        await stage.claim("carl", SHARED, code="1111", timeout=5)
        stage.wait(5)
        assert await stage.call("200", code="1111", repeat_window=300) == NoneMatches()
        assert whose(await stage.call("200", code="2222", repeat_window=300)) == ["ben"]

    async def test_a_stranger_who_must_key_in_a_code_gets_no_earlier_answer(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, ttl=600)
        assert whose(await stage.call("200", repeat_window=300)) == ["anna"]
        await stage.claim("ben", SHARED, code="1111")
        assert await stage.call("200", repeat_window=300) == NeedsCode(4)

    async def test_the_number_alone_is_no_repeat_on_a_shared_number(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, ttl=600)
        await stage.call("200", repeat_window=300)
        assert await stage.call("200", repeat_window=300) == NoneMatches()

    async def test_a_number_that_is_shared_by_now_answers_no_bare_repeats(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", repeat_window=300)
        await stage.claim("ben", OWN, strategy=Strategy.RANDOM, phone="+4930")
        assert await stage.call("100", repeat_window=300) == NoneMatches()

    async def test_the_same_phone_gets_its_answer_while_others_wait_for_their_code(
        self, stage: Stage
    ) -> None:
        await stage.claim("anna", SHARED, phone="+4930", ttl=600)
        await stage.claim("ben", SHARED, code="1111", ttl=600)
        for _ in range(2):
            assert whose(await stage.call("200", phone="+4930", repeat_window=300)) == ["anna"]

    async def test_a_waiting_session_comes_before_a_repeated_one(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.call("200", phone="+4930", repeat_window=60)
        await stage.claim("ben", SHARED, phone="+4930")
        for _ in range(2):
            assert whose(await stage.call("200", phone="+4930", repeat_window=60)) == ["ben"]

    async def test_whoever_has_a_new_session_gets_no_earlier_answer(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", ttl=600)
        assert whose(await stage.call("200", phone="+4930", repeat_window=60)) == ["anna"]
        await stage.claim("ben", SHARED, phone="+4930", code="1111")
        policy = MatchPolicy(RequireCode.ALWAYS)
        assert await stage.call("200", phone="+4930", repeat_window=60, policy=policy) == NeedsCode(4)

    async def test_an_ambiguous_question_stays_ambiguous(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.call("200", phone="+4930", repeat_window=60)
        await stage.claim("ben", SHARED, phone="+4930")
        await stage.claim("carl", SHARED, phone="+4930")
        assert await stage.call("200", phone="+4930", repeat_window=60) == Ambiguous(None)

    async def test_a_call_with_another_id_is_no_repeat(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c", repeat_window=60)
        assert await stage.call("100", call_id="d", repeat_window=60) == NoneMatches()


class DeletingMatchContract:
    async def test_the_matched_session_can_be_deleted_with_its_data(self, stage: Stage) -> None:
        await stage.claim("anna")
        call = await stage.call("100", delete=True, with_values=True)
        assert data_in(call) == [text_values(name="anna")]
        assert await stage.session_is_gone("anna")
        assert await stage.record_is_gone("data of anna")

    async def test_a_slot_is_free_again_after_a_deleting_match(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown=60)
        await stage.call("100", delete=True)
        assert (await stage.store.pool(OWN, stage.now)).free == 2

    async def test_deleted_data_are_given_to_the_same_call_for_a_minute(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", call_id="c", call_memory=600, delete=True)
        assert await stage.record_is_gone("data of anna")
        stage.wait(59.999)
        call = await stage.call("100", call_id="c", with_values=True)
        assert data_in(call) == [text_values(name="anna")]
        stage.wait(0.001)
        call = await stage.call("100", call_id="c", with_values=True)
        assert whose(call) == ["anna"]
        assert data_in(call) == [{}]

    async def test_the_minute_does_not_begin_again_with_each_retry(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", call_id="c", call_memory=600, delete=True)
        stage.wait(30)
        await stage.call("100", call_id="c", delete=True)
        stage.wait(30)
        assert data_in(await stage.call("100", call_id="c", with_values=True)) == [{}]

    async def test_a_retry_may_delete(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100", call_id="c")
        call = await stage.call("100", call_id="c", delete=True, with_values=True)
        assert data_in(call) == [text_values(name="anna")]
        assert await stage.session_is_gone("anna")

    async def test_deleted_data_are_given_within_the_repeat_window(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", repeat_window=60, delete=True)
        call = await stage.call("100", repeat_window=60, with_values=True)
        assert data_in(call) == [text_values(name="anna")]

    async def test_deleted_data_cannot_be_changed_or_prolonged(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", call_id="c", call_memory=600, delete=True)
        merged = stage.store.merge_record("data of anna", text_values(city="Köln"), 600_000, 9, stage.now)
        assert await is_gone(merged)
        call = await stage.call("100", call_id="c", with_values=True, ttl_after_match=600)
        assert data_in(call) == [text_values(name="anna")]
        stage.wait(60)
        assert data_in(await stage.call("100", call_id="c", with_values=True)) == [{}]

    async def test_several_matches_are_all_deleted(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED)
        await stage.claim("ben", SHARED)
        await stage.call("200", policy=MULTIPLE, delete=True)
        assert await stage.session_is_gone("anna")
        assert await stage.session_is_gone("ben")

    async def test_data_that_another_owner_put_in_the_place_are_not_given(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.store.delete_record("data of anna", None, stage.now)
        await stage.store.put_record("data of anna", "mallory", text_values(evil="yes"), 1000, stage.now)
        assert data_in(await stage.call("100", with_values=True)) == [{}]


async def _bind_to_two(stage: Stage) -> None:
    for name, code in (("anna", "1111"), ("ben", "2222")):
        await stage.claim(name, SHARED, code=code)
        await stage.call("200", code=code, call_id="c")
