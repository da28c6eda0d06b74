"""Samples of resource groups are joined minute by minute, told in their order, and removed when they are old."""

from matchline.kept.history import MINUTE, PoolSample
from matchline.store.testing.stage import OWN, SHARED, Stage


class HistoryContract:
    async def test_what_nodes_have_to_add_to_a_minute_is_joined(self, stage: Stage) -> None:
        await stage.store.add_samples([PoolSample(MINUTE, OWN, 5, 3, 2, 7, 1)])
        await stage.store.add_samples([PoolSample(MINUTE, OWN, reserved=2, exhausted=4)])
        assert await stage.store.samples(OWN, 0) == (PoolSample(MINUTE, OWN, 5, 3, 2, 9, 5),)
        await stage.store.add_samples([PoolSample(MINUTE, OWN, 6, 0, 4)])
        assert await stage.store.samples(OWN, 0) == (PoolSample(MINUTE, OWN, 6, 0, 4, 9, 5),)

    async def test_samples_of_a_group_come_in_their_order(self, stage: Stage) -> None:
        third, first, second = (PoolSample(n * MINUTE, OWN, held=n) for n in (3, 1, 2))
        await stage.store.add_samples([third, first, PoolSample(MINUTE, SHARED, held=9), second])
        assert await stage.store.samples(OWN, 0) == (first, second, third)
        assert await stage.store.samples(OWN, 2 * MINUTE) == (second, third)
        assert await stage.store.samples("nothing", 0) == ()

    async def test_old_samples_are_removed_a_few_at_a_time(self, stage: Stage) -> None:
        await stage.store.add_samples([PoolSample(n * MINUTE, OWN, held=n) for n in range(4)])
        assert await stage.store.trim_samples(3 * MINUTE, 2) == 2
        assert await stage.store.trim_samples(3 * MINUTE, 2) == 1
        assert [each.at for each in await stage.store.samples(OWN, 0)] == [3 * MINUTE]

    async def test_the_reservations_of_a_shared_group_are_counted(self, stage: Stage) -> None:
        await stage.claim("anna", SHARED, code="11")
        await stage.claim("ben", SHARED)
        await stage.claim("carl")
        assert await stage.store.open_on_shared(SHARED) == 2
        await stage.call("200", code="11")
        assert await stage.store.open_on_shared(SHARED) == 1
        assert await stage.store.open_on_shared(OWN) == 0
