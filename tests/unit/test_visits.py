"""How long a login to the UI lasts."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from matchline.chance import SeededChance
from matchline.clock import SECOND, ManualClock
from matchline.engine import Engine
from matchline.engine.passwords import seal
from matchline.engine.visits import BUDGET
from matchline.errors import InvalidConfiguration
from matchline.faults.refusals import TooManyRequests
from matchline.kept.attendance import IDLE, LONGEST, Role
from matchline.wiring import open_engine

HOUR = 3600  # seconds

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def engine(clock: ManualClock) -> AsyncIterator[Engine]:
    async with open_engine("memory://", clock, SeededChance(1)) as engine:
        passwords = {"password": "one", "supervisor_username": "sue", "supervisor_password": "two"}
        await engine.keeper.set_options("server", passwords)
        yield engine


async def begun(engine: Engine, name: str, password: str) -> str:
    secret = await engine.visits.begin(name, password, "192.0.2.1")
    assert secret
    return secret


async def test_the_password_tells_the_role(engine: Engine) -> None:
    for name, password, role in (("any", "one", Role.ADMINISTRATOR), ("sue", "two", Role.SUPERVISOR)):
        visit = await engine.visits.find(await begun(engine, name, password))
        assert visit
        assert (visit.name, visit.role) == (name, role)
    assert await engine.visits.begin("any", "two", "192.0.2.1") is None


async def test_who_stays_away_is_out(engine: Engine, clock: ManualClock) -> None:
    secret = await begun(engine, "ada", "one")
    clock.advance(IDLE / SECOND - 1)
    assert await engine.visits.find(secret)
    clock.advance(IDLE / SECOND - 1)
    assert await engine.visits.find(secret), "it was prolonged"
    clock.advance(IDLE / SECOND)
    assert await engine.visits.find(secret) is None


async def test_nobody_stays_for_ever(engine: Engine, clock: ManualClock) -> None:
    secret = await begun(engine, "ada", "one")
    for _ in range(LONGEST // SECOND // HOUR - 1):
        clock.advance(HOUR)
        assert await engine.visits.find(secret)
    clock.advance(HOUR)
    assert await engine.visits.find(secret) is None


async def test_other_credentials_end_the_visits_of_their_role_alone(engine: Engine) -> None:
    ada, sue = await begun(engine, "ada", "one"), await begun(engine, "sue", "two")
    await engine.keeper.set_options("server", {"supervisor_password": "three"})
    assert await engine.visits.find(ada)
    assert await engine.visits.find(sue) is None
    await engine.keeper.set_options("server", {"username": "ada"})
    assert await engine.visits.find(ada) is None


async def test_an_address_that_guessed_too_often_waits_even_with_the_right_password(
    engine: Engine, clock: ManualClock
) -> None:
    for n in range(BUDGET.guesses):
        assert await engine.visits.begin("ada", f"wrong{n}", "192.0.2.1") is None
    with pytest.raises(TooManyRequests) as refused:
        await engine.visits.begin("ada", "one", "192.0.2.1")
    assert refused.value.retry_after == BUDGET.refill // SECOND
    assert await engine.visits.begin("ada", "one", "192.0.2.2")
    clock.advance(BUDGET.refill / SECOND)
    assert await begun(engine, "ada", "one")


async def test_guesses_that_come_at_once_have_no_more_tries(clock: ManualClock) -> None:
    async with open_engine("memory://", clock, SeededChance(1)) as engine:
        # Sealed elsewhere, so that each guess takes its time.
        await engine.keeper.set_options("server", {"password": seal("one", b"16 bytes of salt")})
        guesses = [engine.visits.begin("ada", f"wrong{n}", "192.0.2.1") for n in range(BUDGET.guesses + 5)]
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        assert outcomes[: BUDGET.guesses] == [None] * BUDGET.guesses
        assert [type(outcome) for outcome in outcomes[BUDGET.guesses :]] == [TooManyRequests] * 5


async def test_right_passwords_cost_nothing(engine: Engine) -> None:
    for _ in range(2 * BUDGET.guesses):
        assert await begun(engine, "ada", "one")


async def test_a_name_that_nobody_has_takes_as_long(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await engine.keeper.set_options("server", {"username": "ada"})
    checked: list[str] = []
    check = engine.passwords.check

    async def noted(sealed: str, password: str) -> bool:
        checked.append(sealed)
        return await check(sealed, password)

    monkeypatch.setattr(engine.passwords, "check", noted)
    assert await engine.visits.begin("ada", "wrong", "192.0.2.1") is None
    of_a_name_that_is_known = checked.copy()
    assert await engine.visits.begin("eve", "wrong", "192.0.2.1") is None
    assert checked == of_a_name_that_is_known * 2


async def test_a_supervisors_password_needs_an_administrators(engine: Engine) -> None:
    with pytest.raises(InvalidConfiguration, match="supervisor_password: needs the administrator's too"):
        await engine.keeper.set_options("server", {"password": None})
    with pytest.raises(InvalidConfiguration, match="supervisor_username: needs a password"):
        await engine.keeper.set_options("server", {"supervisor_password": None})
