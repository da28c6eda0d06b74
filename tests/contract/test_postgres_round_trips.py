"""How often a step on PostgreSQL waits for the network: what a database on another machine costs."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from matchline.clock import steady
from matchline.model import Idempotency
from matchline.store.testing.stage import SHARED, data_in, text_values, whose
from matchline.verdict import Asked, NoneMatches, Query, Verdict

from .conftest import ProxiedStage

pytestmark = pytest.mark.anyio

DELAY = 0.1  # seconds of one round trip: much more than all that is done in it
TRIES = 3  # the quickest counts: the machine may be busy

Step: TypeAlias = Callable[[int], Awaitable[object]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def round_trips(stage: ProxiedStage, step: Step) -> int:
    """How many the step waits for, once its connection is there."""
    await step(0)
    taken = []
    for attempt in range(1, 1 + TRIES):
        stage.proxy.delay = DELAY
        begun = steady()
        await step(attempt)
        taken.append(steady() - begun)
        stage.proxy.delay = 0.0
        stage.wait(60)
    return int(min(taken) / DELAY)


async def match(stage: ProxiedStage, number: str, **told: str) -> Callable[[], Awaitable[Verdict]]:
    """A call that is ready to be asked about: its data are wanted."""
    (number_id,) = await stage.ids(number)
    asked = (Asked(number_id, told.get("phone")),)
    query = Query(asked, told.get("code"), told.get("call_id"), with_values=True, call_memory=1000)
    return lambda: stage.store.match(query, stage.now)


async def test_a_claim_of_a_number_takes_two(proxied: ProxiedStage) -> None:
    assert await round_trips(proxied, lambda n: proxied.claim(f"s{n}", phone="+4930")) == 2


async def test_a_claim_of_a_code_on_a_shared_number_takes_two(proxied: ProxiedStage) -> None:
    assert await round_trips(proxied, lambda n: proxied.claim(f"s{n}", SHARED, code=("1234", "5678"))) == 2


async def test_a_claim_with_an_idempotency_key_takes_three(proxied: ProxiedStage) -> None:
    assert await round_trips(proxied, lambda n: proxied.claim(f"s{n}", same_as=Idempotency(f"{n}", "d"))) == 3


async def test_a_match_with_its_data_takes_two(proxied: ProxiedStage) -> None:
    for n in range(1 + TRIES):
        await proxied.claim(f"s{n}", SHARED, phone=f"+49{n}", timeout=600)
    calls = [await match(proxied, "200", phone=f"+49{n}") for n in range(1 + TRIES)]

    async def step(n: int) -> None:
        verdict = await calls[n]()
        assert whose(verdict) == [f"s{n}"]
        assert data_in(verdict) == [text_values(name=f"s{n}")]

    assert await round_trips(proxied, step) == 2


async def test_a_match_of_a_call_with_an_id_takes_two(proxied: ProxiedStage) -> None:
    for n in range(1 + TRIES):
        await proxied.claim(f"s{n}", SHARED, code=f"100{n}", timeout=600)
    calls = [await match(proxied, "200", code=f"100{n}", call_id=f"{n}") for n in range(1 + TRIES)]

    async def step(n: int) -> None:
        assert whose(await calls[n]()) == [f"s{n}"]

    assert await round_trips(proxied, step) == 2


async def test_a_call_that_is_nobodys_takes_one(proxied: ProxiedStage) -> None:
    call = await match(proxied, "100", phone="+4930")

    async def step(_: int) -> None:
        assert await call() == NoneMatches()

    assert await round_trips(proxied, step) == 1
