"""Sessions that run on: seen, renewed, given another slot, ended (rules 15, 16, 19)."""

import pytest

from matchline.clock import SECOND
from matchline.errors import Conflict, Exhausted, NotFound
from matchline.model import Granted, Held, Pool, Session, Strategy
from matchline.store.testing.stage import OWN, SHARED, Stage, data_in, data_of, is_gone, text_values, whose
from matchline.verdict import NoneMatches


class SessionContract:
    async def test_a_session_shows_what_it_holds(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930", code="0042", timeout=30, ttl=60)
        assert await stage.session("anna") == Session(
            "anna",
            "request-interaction",
            data_of("anna"),
            "+4930",
            stage.now + 60 * SECOND,
            matched=False,
            held=Held(OWN, "100", "0042", stage.now + 30 * SECOND),
        )

    async def test_a_matched_session_holds_nothing(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100")
        session = await stage.session("anna")
        assert session.matched
        assert session.held is None

    async def test_a_match_prolongs_session_and_data(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=30)
        stage.wait(10)
        await stage.call("100", ttl_after_match=300)
        ends_at = stage.now + 300 * SECOND
        assert (await stage.session("anna")).ends_at == ends_at
        assert (await stage.store.record(data_of("anna"), None, stage.now)).expires_at == ends_at

    async def test_a_match_shortens_no_life(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", ttl_after_match=300)
        assert (await stage.session("anna")).ends_at == stage.now + 600 * SECOND

    async def test_a_match_does_not_revive_data_that_are_over(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=60)
        await stage.store.merge_record(data_of("anna"), {}, 5 * SECOND, 9, stage.now)
        stage.wait(5)
        assert data_in(await stage.call("100", ttl_after_match=300, with_values=True)) == [{}]
        assert await stage.record_is_gone(data_of("anna"))

    async def test_there_is_no_session_of_another_name(self, stage: Stage) -> None:
        with pytest.raises(NotFound):
            await stage.session("anna")

    async def test_to_end_a_session_releases_its_slot_and_deletes_its_data(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.end("anna")
        assert await stage.session_is_gone("anna")
        assert await stage.record_is_gone(data_of("anna"))
        assert await stage.store.pool(OWN, stage.now) == Pool(total=2, free=2, reserved=0, cooling=0)
        assert await stage.call("100") == NoneMatches()

    async def test_to_end_a_matched_session_does_not_touch_who_has_its_slot_now(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.claim("ben")
        await stage.call("100")
        await stage.claim("carl")
        await stage.end("anna")
        assert whose(await stage.call("100")) == ["carl"]

    async def test_to_end_an_expired_session_does_not_touch_who_has_its_slot_now(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=10)
        await stage.claim("ben", timeout=60)
        stage.wait(10)
        await stage.claim("carl")
        await stage.end("anna")
        assert (await stage.store.pool(OWN, stage.now)).reserved == 2
        assert whose(await stage.call("100")) == ["carl"]

    async def test_a_session_is_ended_once(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.end("anna")
        with pytest.raises(NotFound):
            await stage.end("anna")


class RenewContract:
    async def test_reservation_session_and_data_start_again(self, stage: Stage) -> None:
        first = await stage.claim("anna", timeout=30, ttl=60, code="1111")
        stage.wait(29)
        assert await stage.renew("anna") == first
        session = await stage.session("anna")
        assert session.held == Held(OWN, "100", "1111", stage.now + 30 * SECOND)
        assert session.ends_at == stage.now + 60 * SECOND
        assert (await stage.store.record(data_of("anna"), None, stage.now)).expires_at == session.ends_at

    async def test_the_slot_stays_taken(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, cooldown=10)
        stage.wait(29)
        await stage.renew("anna")
        stage.wait(29)
        assert (await stage.store.pool(OWN, stage.now)).reserved == 1
        assert whose(await stage.call("100")) == ["anna"]

    async def test_a_code_on_a_shared_number_stays_taken(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30)
        stage.wait(29)
        await stage.renew("anna")
        stage.wait(29)
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="1111")

    async def test_data_that_live_longer_are_not_shortened(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=60)
        await stage.store.merge_record(data_of("anna"), {}, 600 * SECOND, 9, stage.now)
        until = stage.now + 600 * SECOND
        await stage.renew("anna")
        assert (await stage.store.record(data_of("anna"), None, stage.now)).expires_at == until

    async def test_without_a_held_reservation_there_is_nothing_to_renew(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100")
        with pytest.raises(Conflict):
            await stage.renew("anna")
        with pytest.raises(NotFound):
            await stage.renew("ben")


class ReclaimContract:
    async def test_the_same_slot_is_renewed_on_the_new_terms(self, stage: Stage) -> None:
        await stage.claim("anna", code="1111", timeout=30)
        stage.wait(10)
        granted = await stage.reclaim("anna", code="9999", timeout=45)
        assert granted == Granted("anna", data_of("anna"), OWN, "100", "1111", 45 * SECOND)
        assert (await stage.session("anna")).held == Held(OWN, "100", "1111", stage.now + 45 * SECOND)

    async def test_a_renewed_slot_on_a_shared_number_keeps_its_code(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        assert (await stage.reclaim("anna", SHARED, code="2222")).code == "1111"
        assert whose(await stage.call("200", code="1111")) == ["anna"]

    async def test_the_session_is_found_by_its_new_phone(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930")
        await stage.reclaim("anna", phone="+4931")
        assert (await stage.session("anna")).phone_text == "+4931"
        assert await stage.call("100", phone="+4930") == NoneMatches()
        assert whose(await stage.call("100", phone="+4931")) == ["anna"]

    async def test_the_text_of_the_phone_stays_when_none_is_given(self, stage: Stage) -> None:
        await stage.claim("anna", phone="+4930")
        await stage.reclaim("anna")
        assert (await stage.session("anna")).phone_text == "+4930"

    async def test_another_group_gives_another_slot_in_exchange(self, stage: Stage) -> None:
        await stage.claim("anna", cooldown=15)
        granted = await stage.reclaim("anna", SHARED, phone="+4930")
        assert (granted.group, granted.number) == (SHARED, "200")
        assert await stage.store.pool(OWN, stage.now) == Pool(total=2, free=1, reserved=0, cooling=1)
        assert await stage.call("100") == NoneMatches()
        assert whose(await stage.call("200", phone="+4930")) == ["anna"]

    async def test_another_length_of_the_code_gives_another_slot_in_exchange(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        assert (await stage.reclaim("anna", SHARED, code="222222")).code == "222222"
        assert await stage.call("200", code="1111") == NoneMatches()
        assert (await stage.reclaim("anna", SHARED)).code is None

    async def test_a_slot_of_another_strategy_is_exchanged(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=5)
        granted = await stage.reclaim("anna", strategy=Strategy.RANDOM)
        assert granted.number == "100"
        await stage.claim("ben", strategy=Strategy.RANDOM, pick=0)
        assert (await stage.store.pool(OWN, stage.now)).reserved == 0

    async def test_a_draining_number_is_exchanged(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.change(removed=("100",))
        assert (await stage.reclaim("anna")).number == "101"

    async def test_an_expired_slot_is_exchanged(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10)
        stage.wait(30)
        assert (await stage.reclaim("anna")).number == "101"
        assert await stage.call("100") == NoneMatches()

    async def test_when_none_is_free_the_old_slot_stays(self, stage: Stage) -> None:
        await stage.claim("anna", OWN, timeout=30, cooldown=15)
        await stage.claim("ben", SHARED, code="1111", timeout=60)
        before = await stage.session("anna")
        stage.wait(5)
        with pytest.raises(Exhausted):
            await stage.reclaim("anna", SHARED, code="1111", phone="+4930")
        assert await stage.session("anna") == before
        assert await stage.store.pool(OWN, stage.now) == Pool(total=2, free=1, reserved=1, cooling=0)
        assert whose(await stage.call("100", phone="+4931")) == ["anna"]

    async def test_the_own_slot_is_taken_again_when_it_need_not_rest(self, stage: Stage) -> None:
        await stage.change(removed=("101",))
        await stage.claim("anna", code="1111")
        granted = await stage.reclaim("anna", code="222222")
        assert (granted.number, granted.code) == ("100", "222222")
        assert (await stage.store.pool(OWN, stage.now)).reserved == 1

    async def test_a_matched_session_waits_for_its_next_call(self, stage: Stage) -> None:
        await stage.claim("anna")
        await stage.call("100")
        await stage.reclaim("anna")
        session = await stage.session("anna")
        assert not session.matched
        assert session.held is not None

    async def test_session_and_data_outlive_the_new_reservation(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=60)
        stage.wait(59)
        await stage.reclaim("anna", timeout=30, late_grace=5, cooldown=5)
        stage.wait(34.999)
        assert data_in(await stage.call("101", with_values=True)) == [text_values(name="anna")]

    async def test_a_session_that_is_over_gets_no_slot(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=60)
        stage.wait(60)
        assert await is_gone(stage.reclaim("anna"))


class StrategyContract:
    """A group that turns from exclusive to shared or back keeps everyone's calls apart."""

    async def test_a_number_that_is_held_exclusively_is_not_shared(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, cooldown=15)
        await stage.claim("ben", timeout=60)
        for strategy in (Strategy.RANDOM, Strategy.ROUND_ROBIN):
            with pytest.raises(Exhausted) as refusal:
                await stage.claim("carl", strategy=strategy)
            assert refusal.value.free_at == stage.now + 45 * SECOND
        stage.wait(45)
        assert (await stage.claim("carl", strategy=Strategy.RANDOM)).number == "100"

    async def test_a_number_that_is_shared_is_held_by_no_one_alone(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30, cooldown=15)
        await stage.claim("ben", SHARED, phone="+4930", timeout=40)
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("carl", SHARED, strategy=Strategy.CLUSTER)
        assert refusal.value.free_at == stage.now + 45 * SECOND
        stage.wait(45)
        assert (await stage.claim("carl", SHARED, strategy=Strategy.CLUSTER)).number == "200"

    async def test_a_number_that_is_still_shared_rests_in_the_pool(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", timeout=30)
        assert await stage.store.pool(SHARED, stage.now) == Pool(total=1, free=0, reserved=0, cooling=1)

    async def test_the_soonest_of_numbers_that_were_shared_is_told(self, stage: Stage) -> None:
        await stage.claim("anna", OWN, strategy=Strategy.RANDOM, pick=0, timeout=90)
        await stage.claim("ben", OWN, timeout=40)
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("carl", OWN)
        assert refusal.value.free_at == stage.now + 40 * SECOND

    async def test_a_session_stays_protected_as_it_was_reserved(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930")
        assert await stage.call("200") == NoneMatches()
        await stage.claim("ben", OWN, phone="+4930")
        assert whose(await stage.call("100")) == ["ben"]

    async def test_a_renewed_shared_session_keeps_others_from_its_number(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, phone="+4930", timeout=30)
        stage.wait(29)
        await stage.renew("anna")
        stage.wait(29)
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, strategy=Strategy.CLUSTER)
        assert whose(await stage.call("200", phone="+4930")) == ["anna"]

    async def test_a_slot_that_turned_exclusive_and_back_is_given_to_one_at_a_time(
        self, stage: Stage
    ) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30)
        stage.wait(30)
        await stage.claim("ben", SHARED, code="1111", strategy=Strategy.CLUSTER, timeout=30)
        with pytest.raises(Exhausted):
            await stage.claim("carl", SHARED, code="1111")
        stage.wait(30)
        await stage.claim("carl", SHARED, code="1111")
        assert whose(await stage.call("200", code="1111")) == ["carl"]
