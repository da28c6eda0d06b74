"""Of several nodes one looks at the resource groups, and each adds what it counted itself."""

import pytest

from matchline.chance import SeededChance, made_at
from matchline.clock import SECOND, ManualClock
from matchline.engine import Engine
from matchline.errors import Unavailable
from matchline.kept.history import PoolSample, minute_of
from matchline.model import Change, Pool
from matchline.observing import metrics as m
from matchline.store.memory import MemoryStore
from matchline.wiring import DECLARED

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Looked(MemoryStore):
    """A store that counts the looks at its pools, and fails when told to."""

    looks = 0
    is_away = False

    async def pool(self, group: str, now: int) -> Pool:
        self.looks += 1
        return await super().pool(group, now)

    async def take_lease(self, name: str, owner: str, until: int, now: int) -> bool:
        if self.is_away:
            raise Unavailable("the disk is full")
        return await super().take_lease(name, owner, until, now)


async def nodes(store: Looked, clock: ManualClock) -> list[Engine]:
    """Two, over one store with an exclusive group of two numbers."""
    await store.change(Change(added=(("DNIS", "100"), ("DNIS", "101"))), 0, clock.now())
    both = [Engine(store, clock, SeededChance(seed), DECLARED) for seed in (1, 2)]
    for node in both:
        await node.keeper.load()
    return both


async def samples(store: Looked) -> list[PoolSample]:
    return list(await store.samples("DNIS", 0))


async def test_one_node_looks_and_all_add_what_they_counted() -> None:
    store, clock = Looked(), ManualClock()
    first, second = await nodes(store, clock)
    at = minute_of(clock.now())
    clock.advance(60 - clock.now() % 60_000 / SECOND)
    for node in (first, second, second):
        node.metrics.add(m.RESERVATIONS, "DNIS", "reserved")
    second.metrics.add(m.EXHAUSTED, "DNIS")
    await first.historian.note()
    await second.historian.note()
    assert await samples(store) == [PoolSample(at, "DNIS", 2, 0, 0, reserved=3, exhausted=1)]
    assert store.looks == 1


async def test_another_node_looks_when_the_first_is_gone() -> None:
    store, clock = Looked(), ManualClock()
    first, second = await nodes(store, clock)
    await first.historian.note()
    clock.advance(60)
    await second.historian.note()
    assert store.looks == 1
    clock.advance(60)
    await second.historian.note()
    assert store.looks == 2


async def test_what_could_not_be_noted_is_noted_later() -> None:
    store, clock = Looked(), ManualClock()
    node, _ = await nodes(store, clock)
    node.metrics.add(m.RESERVATIONS, "DNIS", "reserved")
    node.metrics.add(m.RESERVATIONS, "DNIS", "renewed")
    store.is_away = True
    with pytest.raises(Unavailable):
        await node.historian.note()
    store.is_away = False
    clock.advance(60)
    await node.historian.note()
    assert [each.reserved for each in await samples(store)] == [1]
    clock.advance(60)
    await node.historian.note()
    assert [each.reserved for each in await samples(store)] == [1, 0]


def test_an_id_tells_when_it_was_made() -> None:
    now = 1_700_000_000_123
    assert made_at(SeededChance(1).new_id(now)) == now // SECOND * SECOND
    for other in ("", "anna", "6b03", "z" * 30):
        assert made_at(other) is None
