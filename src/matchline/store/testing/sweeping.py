"""A sweep removes what is over and changes no answer (rule 15)."""

import pytest

from matchline.errors import Exhausted
from matchline.model import Idempotency, Pool, Swept
from matchline.store.testing.stage import OWN, SHARED, Stage, data_in, data_of, text_values, whose
from matchline.verdict import NoneMatches


class SweepContract:
    async def test_nothing_is_swept_that_is_not_over(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=60, cooldown=60)
        await stage.call("100", call_id="c", call_memory=60)
        stage.wait(0.5)
        assert await stage.sweep() == Swept()
        assert not await stage.session_is_gone("anna")
        assert whose(await stage.call("100", call_id="c")) == ["anna"]

    async def test_everything_that_is_over_is_swept_once(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=60)
        await stage.call("100", call_id="c", repeat_window=60)
        await stage.claim("ben", cooldown=30)
        await stage.change(removed=("101",))
        stage.wait(60)
        swept = await stage.sweep()
        assert swept == Swept(sessions=2, reservations=1, records=2, bindings=2, numbers=1)
        assert await stage.sweep() == Swept()

    async def test_a_sweep_removes_no_more_than_its_limit_of_each_kind(self, stage: Stage) -> None:
        for n in range(5):
            await stage.claim(f"s{n}", SHARED, code=f"{n}000", ttl=30)
        stage.wait(60)
        swept = [await stage.store.sweep(stage.now, 2) for _ in range(4)]
        assert [(each.sessions, each.reservations, each.records) for each in swept] == [
            (2, 2, 2),
            (2, 2, 2),
            (1, 1, 1),
            (0, 0, 0),
        ]

    async def test_a_resting_slot_rests_on(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30, cooldown=60, ttl=30)
        stage.wait(89.999)
        await stage.sweep()
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="1111")

    async def test_a_call_may_come_late_all_the_same(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=30, late_grace=10, cooldown=10, ttl=30)
        stage.wait(39.999)
        await stage.sweep()
        assert data_in(await stage.call("100", with_values=True)) == [text_values(name="anna")]

    async def test_the_order_of_the_numbers_stays(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=20)
        await stage.claim("ben", timeout=10)
        stage.wait(60)
        await stage.sweep()
        assert (await stage.claim("carl")).number == "101"

    async def test_a_swept_session_lets_go_of_nothing_that_is_not_its_own(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=10, ttl=60)
        await stage.claim("ben", timeout=60)
        stage.wait(10)
        await stage.sweep()
        await stage.claim("carl", timeout=60)
        await stage.end("anna")
        assert await stage.store.pool(OWN, stage.now) == Pool(total=2, free=0, reserved=2, cooling=0)
        assert whose(await stage.call("100")) == ["carl"]

    async def test_a_session_whose_reservation_was_swept_takes_another(self, stage: Stage) -> None:
        await stage.claim("anna", timeout=10, ttl=60)
        stage.wait(10)
        await stage.sweep()
        assert (await stage.session("anna")).held is None
        assert (await stage.reclaim("anna")).number == "101"

    async def test_deleted_data_are_swept_after_their_minute(self, stage: Stage) -> None:
        await stage.claim("anna", ttl=600)
        await stage.call("100", call_id="c", call_memory=600, delete=True)
        stage.wait(59.999)
        assert (await stage.sweep()).records == 0
        stage.wait(0.001)
        assert (await stage.sweep()).records == 1

    async def test_an_expired_session_is_gone_before_any_sweep(self, stage: Stage) -> None:
        await stage.claim("anna", same_as=Idempotency("k", "d"), ttl=30)
        stage.wait(30)
        assert await stage.session_is_gone("anna")
        assert await stage.record_is_gone(data_of("anna"))
        assert await stage.call("100") == NoneMatches()
        assert (await stage.claim("ben", same_as=Idempotency("k", "e"))).session_id == "ben"
