"""Whose call it is: supplied criteria, protection of shared numbers, ranks and ties (rules 7 to 11)."""

import asyncio

from matchline.store.testing.stage import OWN, SHARED, Stage, data_in, data_of, text_values, whose
from matchline.verdict import Ambiguous, Match, Matched, MatchPolicy, NeedsCode, NoneMatches, RequireCode

NEVER = MatchPolicy(require_code=RequireCode.NEVER)
ALWAYS = MatchPolicy(require_code=RequireCode.ALWAYS)
NEWEST = MatchPolicy(newest_of_equals=True)
ANY_PHONE = MatchPolicy(code_overrides_phone=True)
MULTIPLE = MatchPolicy(multiple=True)
MULTIPLE_ALWAYS = MatchPolicy(multiple=True, require_code=RequireCode.ALWAYS)


class ExclusiveMatchingContract:
    async def test_an_exclusive_number_alone_finds_its_session(self, stage: Stage) -> None:
        """Though it has a phone and a code."""
        await stage.claim("anna", phone="+4930", code="1111")
        assert await stage.call("100") == Matched((Match("anna", data_of("anna"), late=False),))

    async def test_a_call_to_a_number_without_sessions_matches_none(self, stage: Stage) -> None:
        await stage.claim("anna")
        assert await stage.call("101") == NoneMatches()

    async def test_a_call_is_looked_up_under_all_readings_of_its_number(self, stage: Stage) -> None:
        await stage.claim("anna")
        assert whose(await stage.call("101 100")) == ["anna"]

    async def test_a_match_is_given_once(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100")
        assert await stage.call("100") == NoneMatches()

    async def test_a_session_with_phone_and_code_is_found_by_an_exclusive_number_alone(
        self, stage: Stage
    ) -> None:
        await stage.claim("anna", phone="+4930", code="1111")
        assert whose(await stage.call("100")) == ["anna"]

    async def test_another_phone_contradicts(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930")
        assert await stage.call("100", phone="+4931") == NoneMatches()

    async def test_a_phone_is_neutral_for_a_session_that_has_none(self, stage: Stage) -> None:
        await stage.claim("anna")
        assert whose(await stage.call("100", phone="+4931")) == ["anna"]

    async def test_another_code_contradicts(self, stage: Stage) -> None:
        await stage.claim("anna", code="1111")
        assert await stage.call("100", code="2222") == NoneMatches()

    async def test_a_code_contradicts_a_session_that_has_none(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930")
        assert await stage.call("100", code="1111", phone="+4930") == NoneMatches()

    async def test_the_beginning_of_a_code_is_another_code(self, stage: Stage) -> None:
        await stage.claim("anna", code="1111")
        assert await stage.call("100", code="111") == NoneMatches()
        assert await stage.call("100", code="11111") == NoneMatches()

    async def test_a_right_code_from_another_phone_contradicts(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930", code="1111")
        assert await stage.call("100", phone="+4931", code="1111") == NoneMatches()

    async def test_a_right_code_may_override_the_phone(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930", code="1111")
        assert whose(await stage.call("100", phone="+4931", code="1111", policy=ANY_PHONE)) == ["anna"]

    async def test_only_a_right_code_overrides_the_phone(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930", code="1111")
        assert await stage.call("100", phone="+4931", policy=ANY_PHONE) == NoneMatches()
        assert await stage.call("100", phone="+4931", code="2222", policy=ANY_PHONE) == NoneMatches()

    async def test_a_wrong_code_never_falls_back_to_the_phone(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930", code="1111")
        await stage.claim("ben", phone="+4930")
        assert await stage.call("100 101", phone="+4930", code="2222") == NoneMatches()
        assert await stage.call("100 101", phone="+4930", code="2222", policy=MULTIPLE) == NoneMatches()

    async def test_the_code_of_every_session_can_be_required(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930", code="123456")
        assert await stage.call("100", policy=ALWAYS) == NeedsCode(6)
        assert await stage.call("100", phone="+4930", policy=ALWAYS) == NeedsCode(6)
        assert whose(await stage.call("100", code="123456", policy=ALWAYS)) == ["anna"]

    async def test_a_required_code_is_not_asked_of_a_session_that_has_none(self, stage: Stage) -> None:
        await stage.claim("anna")
        assert whose(await stage.call("100", policy=ALWAYS)) == ["anna"]

    async def test_a_contradicted_session_does_not_ask_for_its_code(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930", code="1111")
        assert await stage.call("100", phone="+4931", policy=ALWAYS) == NoneMatches()


class SharedMatchingContract:
    async def test_a_stranger_does_not_get_the_only_session_with_a_code(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        assert await stage.call("200") == NeedsCode(4)
        assert await stage.call("200", phone="+4931") == NeedsCode(4)

    async def test_a_stranger_does_not_get_the_only_session_with_a_phone(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        assert await stage.call("200") == NoneMatches()
        assert await stage.call("200", phone="+4931") == NoneMatches()

    async def test_a_session_is_found_by_its_code_alone(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", phone="+4930")
        await stage.claim("ben", SHARED, code="2222", phone="+4930")
        assert whose(await stage.call("200", code="2222")) == ["ben"]

    async def test_a_session_is_found_by_its_phone_alone(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", phone="+4930")
        await stage.claim("ben", SHARED, phone="+4931")
        assert whose(await stage.call("200", phone="+4930")) == ["anna"]
        assert whose(await stage.call("200", phone="+4931")) == ["ben"]

    async def test_a_session_without_code_and_phone_is_found_by_the_number(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED)
        assert whose(await stage.call("200", phone="+4930")) == ["anna"]

    async def test_the_protection_can_be_dropped(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        assert whose(await stage.call("200", policy=NEVER)) == ["anna"]
        await stage.claim("ben", SHARED, phone="+4930")
        assert await stage.call("200", phone="+4931", policy=NEVER) == NoneMatches()
        assert whose(await stage.call("200", policy=NEVER)) == ["ben"]

    async def test_the_code_can_be_required_of_the_right_phone_too(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", phone="+4930")
        assert await stage.call("200", phone="+4930", policy=ALWAYS) == NeedsCode(4)
        assert whose(await stage.call("200", phone="+4930", code="1111", policy=ALWAYS)) == ["anna"]

    async def test_the_longest_code_is_asked_for(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="123456")
        for name, code in (("ben", "2222"), ("carl", "3333"), ("dora", "4444")):
            await stage.claim(name, SHARED, code=code)
        assert await stage.call("200") == NeedsCode(6)

    async def test_a_session_found_by_the_number_does_not_ask_for_the_codes_of_others(
        self, stage: Stage
    ) -> None:
        await stage.claim("anna", SHARED)
        await stage.claim("ben", SHARED, code="1111")
        assert whose(await stage.call("200")) == ["anna"]

    async def test_code_and_phone_rank_before_code(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", code="1111")
        await stage.claim("ben", OWN, code="1111")
        call = await stage.call("100 200", phone="+4930", code="1111")
        assert whose(call) == ["anna"]

    async def test_the_phone_ranks_before_the_number_alone(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.claim("ben", SHARED)
        assert whose(await stage.call("200", phone="+4930")) == ["anna"]
        assert whose(await stage.call("200", phone="+4930")) == ["ben"]


class AmbiguityContract:
    async def test_a_tie_is_ambiguous_and_releases_nothing(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.claim("ben", SHARED, phone="+4930")
        assert await stage.call("200", phone="+4930", call_id="c") == Ambiguous(None)
        for name in ("anna", "ben"):
            session = await stage.session(name)
            assert session.held is not None
            assert not session.matched
        assert await stage.call("200", phone="+4930", call_id="c") == Ambiguous(None)

    async def test_a_tie_tells_the_length_of_the_code_that_settles_it(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", code="123456")
        await stage.claim("ben", SHARED, phone="+4930", code="2222")
        await stage.claim("carl", SHARED, phone="+4930", code="3333")
        assert await stage.call("200", phone="+4930") == Ambiguous(6)
        assert whose(await stage.call("200", phone="+4930", code="2222")) == ["ben"]

    async def test_a_tie_of_a_code_and_none_is_settled_by_the_code(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.claim("ben", SHARED, phone="+4930", code="2222")
        assert await stage.call("200", phone="+4930") == Ambiguous(4)

    async def test_a_better_rank_settles_a_tie_of_worse_ones(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED)
        await stage.claim("ben", SHARED)
        await stage.claim("carl", SHARED, phone="+4930")
        assert whose(await stage.call("200", phone="+4930")) == ["carl"]
        assert await stage.call("200", phone="+4930") == Ambiguous(None)

    async def test_sessions_on_two_readings_of_the_number_can_tie(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.claim("ben")
        assert await stage.call("100 101") == Ambiguous(None)

    async def test_a_late_session_ties_with_one_that_is_held(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, timeout=5, late_grace=60, cooldown=60)
        await stage.claim("ben", SHARED, timeout=60)
        stage.wait(5)
        assert await stage.call("200") == Ambiguous(None)

    async def test_the_newest_of_equals_can_be_wanted(self, stage: Stage) -> None:
        for name in ("anna", "ben", "carl"):
            await stage.claim(name, SHARED, phone="+4930")
        for name in ("carl", "ben", "anna"):
            assert whose(await stage.call("200", phone="+4930", policy=NEWEST)) == [name]

    async def test_the_newest_does_not_beat_a_better_rank(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.claim("ben", SHARED)
        assert whose(await stage.call("200", phone="+4930", policy=NEWEST)) == ["anna"]


class MultipleMatchingContract:
    async def test_every_session_that_is_not_excluded_is_given_best_first(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", timeout=5, late_grace=60, cooldown=60)
        await stage.claim("ben", SHARED, phone="+4930")
        await stage.claim("carl", SHARED, code="1111")
        await stage.claim("dora", SHARED, phone="+4939")
        await stage.claim("emil", SHARED, code="2222", phone="+4930")
        stage.wait(5)
        call = await stage.call("200", phone="+4930", policy=MULTIPLE)
        assert whose(call) == ["emil", "ben", "anna", "carl"]  # the newest first of each rank
        assert isinstance(call, Matched)
        assert [match.late for match in call.matches] == [False, False, True, False]

    async def test_each_one_that_is_given_is_released(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED)
        await stage.claim("ben", SHARED)
        assert len(whose(await stage.call("200", policy=MULTIPLE))) == 2
        assert await stage.call("200", policy=MULTIPLE) == NoneMatches()

    async def test_several_can_be_kept_reserved(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        await stage.claim("ben", SHARED)
        call = await stage.call("200", policy=MULTIPLE, keep_multiple=True, delete=True, with_values=True)
        assert data_in(call) == [text_values(name="ben"), text_values(name="anna")]
        assert (await stage.session("ben")).held is not None
        assert not (await stage.session("ben")).matched
        assert whose(await stage.call("200", phone="+4930")) == ["anna"]

    async def test_a_single_one_is_released_although_several_would_be_kept(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED)
        assert whose(await stage.call("200", policy=MULTIPLE, keep_multiple=True)) == ["anna"]
        assert (await stage.session("anna")).held is None

    async def test_not_more_than_the_wanted_number_is_given_and_released(self, stage: Stage) -> None:
        for name in ("anna", "ben", "carl"):
            await stage.claim(name, SHARED)
        two = MatchPolicy(multiple=True, max_matches=2)
        assert whose(await stage.call("200", policy=two)) == ["carl", "ben"]
        assert whose(await stage.call("200", policy=two)) == ["anna"]

    async def test_the_newest_of_a_rank_are_given_when_not_all_are_late_or_not(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, timeout=60)
        await stage.claim("ben", SHARED, timeout=5, late_grace=60, cooldown=60)
        stage.wait(5)
        one = MatchPolicy(multiple=True, max_matches=1)
        assert whose(await stage.call("200", policy=one)) == ["ben"]
        assert whose(await stage.call("200", policy=one)) == ["anna"]

    async def test_a_required_code_is_required_all_the_same(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        await stage.claim("ben", SHARED)
        assert whose(await stage.call("200", policy=MULTIPLE_ALWAYS)) == ["ben"]
        assert await stage.call("200", policy=MULTIPLE_ALWAYS) == NeedsCode(4)

    async def test_a_wrong_code_excludes_everyone(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        await stage.claim("ben", SHARED)
        assert await stage.call("200", code="2222", policy=MULTIPLE) == NoneMatches()


class AtomicMatchContract:
    async def test_of_many_calls_at_once_exactly_one_gets_the_session(self, stage: Stage) -> None:
        await stage.claim("anna")
        answers = await asyncio.gather(*(stage.call("100") for _ in range(50)))
        assert [whose(answer) for answer in answers if whose(answer)] == [["anna"]]

    async def test_of_many_calls_with_one_id_each_gets_the_session(self, stage: Stage) -> None:
        await stage.claim("anna")
        answers = await asyncio.gather(*(stage.call("100", call_id="c") for _ in range(20)))
        assert [whose(answer) for answer in answers] == [["anna"]] * 20
        assert sum(isinstance(answer, Matched) and not answer.repeated for answer in answers) == 1

    async def test_a_session_that_is_ended_and_called_at_once_is_given_or_gone(self, stage: Stage) -> None:
        await stage.claim("anna")
        call, _ = await asyncio.gather(stage.call("100", with_values=True), stage.end("anna"))
        assert call == NoneMatches() or data_in(call) == [text_values(name="anna")]

    async def test_each_of_many_sessions_is_given_to_one_of_many_calls(self, stage: Stage) -> None:
        codes = [str(n) for n in range(1000, 1030)]
        await asyncio.gather(*(stage.claim(code, SHARED, code=code) for code in codes))
        answers = await asyncio.gather(*(stage.call("200", code=code) for code in codes * 2))
        assert sorted(name for answer in answers for name in whose(answer)) == codes
