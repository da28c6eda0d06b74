"""What every store does about clients that hold many reservations at once."""

import asyncio

import pytest
from msgspec.structs import replace

from matchline.clock import SECOND
from matchline.errors import OverQuota, StoreError
from matchline.model import Claim, Granted, NewSession, Quota
from matchline.store.testing.stage import OWN, SHARED, TIMEOUT, TTL, Stage, data_of, whose, wish

ADA, EVE = Quota("Ada", 2), Quota("Eve", 2)


async def claim(
    stage: Stage, name: str, quota: Quota, group: str = SHARED, *, seconds: int = TIMEOUT
) -> Granted:
    new = NewSession(name, "request-interaction", data_of(name), None, TTL * SECOND)
    wanted = replace(wish(group, timeout=seconds), quota=quota)
    return await stage.store.claim(Claim(new, {}, wanted), stage.now)


async def over_quota(stage: Stage, quota: Quota) -> OverQuota:
    with pytest.raises(OverQuota) as refused:
        await claim(stage, "one more", quota)
    return refused.value


class QuotaContract:
    async def test_a_client_holds_no_more_than_its_quota(self, stage: Stage) -> None:
        await claim(stage, "a", ADA, seconds=60)
        await claim(stage, "b", ADA, seconds=20)
        assert (await over_quota(stage, ADA)).free_at == stage.now + 20 * SECOND
        await claim(stage, "c", EVE)

    async def test_what_is_over_counts_no_more(self, stage: Stage) -> None:
        await claim(stage, "matched", ADA, OWN)
        await claim(stage, "ended", ADA)
        await over_quota(stage, ADA)
        assert whose(await stage.call("100")) == ["matched"]
        await claim(stage, "expired", ADA, seconds=5)
        await over_quota(stage, ADA)
        await stage.end("ended")
        await claim(stage, "later", ADA)
        await over_quota(stage, ADA)
        stage.wait(5)
        await claim(stage, "last", ADA)
        await over_quota(stage, ADA)

    async def test_a_renewed_reservation_goes_on_counting(self, stage: Stage) -> None:
        await claim(stage, "a", ADA)
        await claim(stage, "b", ADA)
        stage.wait(TIMEOUT - 1)
        await stage.renew("a")
        stage.wait(1)
        await claim(stage, "c", ADA)
        await over_quota(stage, ADA)

    async def test_an_exchange_counts_once(self, stage: Stage) -> None:
        await claim(stage, "a", ADA)
        await claim(stage, "b", ADA)
        wanted = replace(wish(OWN), quota=ADA)
        assert (await stage.store.reclaim("a", wanted, None, stage.now)).group == OWN
        await over_quota(stage, ADA)

    async def test_who_is_over_its_quota_keeps_what_it_has(self, stage: Stage) -> None:
        await stage.claim("of nobody", SHARED)
        await claim(stage, "a", ADA)
        await claim(stage, "b", ADA)
        with pytest.raises(OverQuota):
            await stage.store.reclaim("of nobody", replace(wish(OWN), quota=ADA), None, stage.now)
        held = (await stage.session("of nobody")).held
        assert held
        assert held.group == SHARED

    async def test_of_many_claims_at_once_no_more_than_the_quota_succeed(self, stage: Stage) -> None:
        many = Quota("Ada", 7)
        claims = [claim(stage, f"s{n}", many) for n in range(30)]
        answers = await asyncio.gather(*claims, return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, StoreError)]
        assert len(refused) == len(claims) - many.most
        assert all(isinstance(each, OverQuota) for each in refused)
