"""Access codes on shared numbers: unique, prefix-free, at most half of the code space (rule 4)."""

import asyncio

import pytest

from matchline.clock import SECOND
from matchline.errors import Exhausted
from matchline.store.testing.stage import OWN, SHARED, Stage, whose


class CodesContract:
    async def test_a_code_in_use_is_not_given_again(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        granted = await stage.claim("ben", SHARED, code=("1111", "2222"))
        assert granted.code == "2222"

    async def test_leading_zeros_survive(self, stage: Stage) -> None:
        assert (await stage.claim("anna", SHARED, code="0000")).code == "0000"
        assert (await stage.claim("ben", OWN, code="007007")).code == "007007"
        held = (await stage.session("anna")).held
        assert held is not None
        assert held.code == "0000"
        assert whose(await stage.call("200", code="0000")) == ["anna"]

    async def test_the_same_code_is_free_on_another_number(self, stage: Stage) -> None:
        await stage.change(added=((SHARED, "201"),))
        first = await stage.claim("anna", SHARED, code="1111")
        second = await stage.claim("ben", SHARED, code="1111")
        assert {first.number, second.number} == {"200", "201"}

    async def test_no_code_begins_with_a_shorter_one_in_use(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1234")
        granted = await stage.claim("ben", SHARED, code=("123456", "123999", "123499", "124000"))
        assert granted.code == "123999"

    async def test_no_code_is_the_beginning_of_a_longer_one_in_use(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="123456")
        granted = await stage.claim("ben", SHARED, code=("1234", "1235"))
        assert granted.code == "1235"

    async def test_when_every_candidate_is_taken_the_claim_is_refused(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30)
        with pytest.raises(Exhausted) as refusal:
            await stage.claim("ben", SHARED, code=("1111", "1111"))
        assert refusal.value.free_at == stage.now + 30 * SECOND

    async def test_a_code_rests_with_its_slot(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111", timeout=30, cooldown=15)
        stage.wait(44.999)
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="1111")
        stage.wait(0.001)
        assert (await stage.claim("carl", SHARED, code="1111")).code == "1111"

    async def test_a_rested_pair_is_given_again_before_any_sweep(self, stage: Stage) -> None:
        for round_ in range(3):
            await stage.claim(f"anna {round_}", SHARED, code="1111", most_in_use=1)
            stage.wait(30)
        assert whose(await stage.call("200", code="1111")) == []

    async def test_a_matched_code_is_given_again_to_another(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1111")
        await stage.call("200", code="1111")
        await stage.claim("ben", SHARED, code="1111")
        assert whose(await stage.call("200", code="1111")) == ["ben"]

    async def test_not_more_than_the_wished_share_of_codes_is_in_use(self, stage: Stage) -> None:
        for code in ("1000", "2000", "3000"):
            await stage.claim(code, SHARED, code=code, most_in_use=3)
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="4000", most_in_use=3)

    async def test_another_number_is_taken_when_the_first_has_lent_its_share(self, stage: Stage) -> None:
        await stage.change(added=((SHARED, "201"),))
        first = await stage.claim("anna", SHARED, code="1000", most_in_use=1, pick=0)
        second = await stage.claim("ben", SHARED, code="2000", most_in_use=1, pick=0)
        assert (first.number, second.number) == ("200", "201")

    async def test_what_has_rested_does_not_count(self, stage: Stage) -> None:
        for code in ("1000", "2000", "3000"):
            await stage.claim(code, SHARED, code=code, most_in_use=3)
        stage.wait(30)
        assert (await stage.claim("ben", SHARED, code="4000", most_in_use=3)).code == "4000"

    async def test_what_was_swept_is_not_counted_twice(self, stage: Stage) -> None:
        for code in ("1000", "2000"):
            await stage.claim(code, SHARED, code=code, most_in_use=2)
        stage.wait(30)
        await stage.sweep()
        for code in ("3000", "4000"):
            await stage.claim(code, SHARED, code=code, most_in_use=2)
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="5000", most_in_use=2)

    async def test_a_short_code_takes_all_long_ones_that_begin_with_it(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1234")
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="999999", most_in_use=100)
        assert (await stage.claim("carl", SHARED, code="999999", most_in_use=101)).code == "999999"

    async def test_a_long_code_takes_one_short_one(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="123456")
        with pytest.raises(Exhausted):
            await stage.claim("ben", SHARED, code="9999", most_in_use=1)
        assert (await stage.claim("carl", SHARED, code="9999", most_in_use=2)).code == "9999"

    async def test_only_codes_with_the_wished_first_digits_count(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1000")
        await stage.claim("ben", SHARED, code="7000", leads="7", most_in_use=1)
        with pytest.raises(Exhausted):
            await stage.claim("carl", SHARED, code="7001", leads="7", most_in_use=1)

    async def test_many_claims_at_once_get_different_codes(self, stage: Stage) -> None:
        candidates = tuple(str(n) for n in range(1000, 1020))
        claims = (stage.claim(f"s{n}", SHARED, code=candidates) for n in range(20))
        granted = await asyncio.gather(*claims)
        assert sorted(each.code or "" for each in granted) == list(candidates)

    async def test_a_code_on_an_exclusive_number_belongs_to_the_reservation_alone(self, stage: Stage) -> None:
        first = await stage.claim("anna", OWN, code="1111", most_in_use=1)
        second = await stage.claim("ben", OWN, code="1111", most_in_use=1)
        assert (first.code, second.code) == ("1111", "1111")
        assert first.number != second.number

    async def test_codes_of_a_drained_number_are_forgotten_with_it(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="1000", timeout=5, most_in_use=1)
        await stage.change(removed=("200",))
        stage.wait(5)
        await stage.change(added=((SHARED, "200"),))
        await stage.sweep()
        await stage.claim("ben", SHARED, code="1000", most_in_use=1)
        with pytest.raises(Exhausted):
            await stage.claim("carl", SHARED, code="2000", most_in_use=1)
