"""The threads of the PostgreSQL store: what they answer, and what becomes of those that are waited for no more."""

import asyncio
from collections.abc import AsyncIterator
from threading import Event, current_thread

import pytest

from matchline.store.postgres.threads import Threads

pytestmark = pytest.mark.anyio


@pytest.fixture
async def one_thread() -> AsyncIterator[Threads]:
    threads = Threads(1, "test")
    yield threads
    await asyncio.to_thread(threads.close)


async def test_what_is_returned_and_what_is_raised_is_answered(one_thread: Threads) -> None:
    assert await one_thread.run(lambda: current_thread().name) == "test-0"
    with pytest.raises(ZeroDivisionError):
        await one_thread.run(lambda: 1 // 0)


async def test_there_are_no_more_threads_than_needed_and_allowed() -> None:
    threads, gate = Threads(2, "test"), Event()
    running = [threads.run(lambda: gate.wait() and current_thread().name) for _ in range(5)]
    gate.set()
    assert set(await asyncio.gather(*running)) <= {"test-0", "test-1"}
    await asyncio.to_thread(threads.close)


async def test_what_is_given_up_before_its_turn_is_not_run(one_thread: Threads) -> None:
    gate, ran = Event(), []
    first = one_thread.run(gate.wait)
    second = one_thread.run(lambda: ran.append("second"))
    second.cancel()
    gate.set()
    assert await first
    await one_thread.run(lambda: ran.append("third"))
    assert ran == ["third"]
