"""When a node trusts its clock: jumps and uncertain readings, as no real authority shows them to order."""

import pytest

from matchline.clock import FollowingClock, Reading
from matchline.engine.node import Node
from matchline.engine.timekeeper import LARGEST_JUMP, LOOKS, TRUSTED_AFTER, Timekeeper
from matchline.errors import Unavailable
from matchline.store.memory import MemoryStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Authority(MemoryStore):
    """A store whose clock says what a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.offset = 0
        self.round_trips = [0.0]  # seconds, in turn
        self.answers = True

    async def time(self) -> Reading:
        if not self.answers:
            raise Unavailable
        taken = self.round_trips.pop(0)
        self.round_trips.append(taken)
        asked = 100.0
        return Reading(self.offset + round((asked + taken / 2) * 1000), asked, asked + taken)


class Scene:
    def __init__(self) -> None:
        self.authority = Authority()
        self.clock = FollowingClock(0)
        self.node = Node()
        self._keeper = Timekeeper(self.authority, self.clock, self.node)

    async def look(self, times: int = 1) -> str | None:
        """What is wrong after that many looks."""
        for _ in range(times):
            await self._keeper.look()
        return self.node.clock_fault


async def test_small_corrections_are_followed_in_silence() -> None:
    scene = Scene()
    scene.authority.offset = LARGEST_JUMP
    assert await scene.look() is None
    assert scene.clock.offset == LARGEST_JUMP


@pytest.mark.parametrize("jump", [LARGEST_JUMP + 1, -3_600_000])
async def test_after_a_jump_the_node_is_offline_until_the_clock_is_steady(jump: int) -> None:
    scene = Scene()
    scene.authority.offset = jump
    assert f"jumped by {jump:+} ms" in (await scene.look() or "")
    assert scene.clock.offset == jump
    assert not scene.node.online
    assert await scene.look(TRUSTED_AFTER - 1) is not None
    assert await scene.look() is None
    assert scene.node.online


async def test_a_reading_that_may_be_far_off_is_not_followed() -> None:
    scene = Scene()
    scene.authority.round_trips = [(2 * LARGEST_JUMP + 2) / 1000]
    scene.authority.offset = 100
    assert "uncertainty of 501 ms" in (await scene.look() or "")
    assert scene.clock.offset == 0


async def test_the_quickest_of_a_few_answers_counts() -> None:
    scene = Scene()
    scene.authority.round_trips = [3.0] * (LOOKS - 1) + [0.01]
    assert await scene.look() is None


async def test_a_store_that_does_not_answer_leaves_the_clock_as_it_is() -> None:
    scene = Scene()
    scene.authority.answers = False
    assert await scene.look() is None
    assert scene.clock.offset == 0
