"""An attacker who guesses access codes, against the budget of rule 6, while the real holders call."""

import math
import random

import pytest

from matchline.capacity import chance_within, code_risk
from matchline.clock import SECOND
from matchline.engine.handling import Call, Handling
from matchline.principal import EVERYONE
from matchline.store.testing.stage import whose
from matchline.verdict import MatchPolicy, NoneMatches, Verdict

from .api import SHARED, Api, body, fault

pytestmark = pytest.mark.anyio

GUESSES = 10_000
PER_SECOND = 20  # that the attacker makes

BUDGET, REFILL = 10, 1  # guesses, and seconds until one more

CODE_LENGTH = 4
ATTACKER = "+14155559999"

HOLDERS = 400  # sessions that wait on the number; nobody could guess often enough to find fewer
WITH_PHONE = HOLDERS // 2  # those of them whose phone is known

# How far chance may take the number of hits from what is computed: one run in some million is further.
_SIGMAS = 5

HANDLING = Handling(
    service="match-interaction",
    policy=MatchPolicy(),
    with_values=False,
    delete=False,
    keep_multiple=False,
    ttl_after_match=0,
    call_memory=0,
    repeat_window=0,
)


def phone_of(holder: int) -> str:
    return f"+1415555{holder:04}"


async def call(api: Api, digits: str, phone: str | None) -> Verdict:
    return await api.engine.matching.match(Call(SHARED, phone, digits), HANDLING, EVERYONE)


async def wait_with_codes(api: Api) -> list[dict[str, str]]:
    """The holders' sessions; the phone of the first of them is known."""
    await api.configure("server", guess_budget=str(BUDGET), guess_refill=str(REFILL))
    wanted = {
        "_resource_group": "SHARED",
        "_provide_code": "true",
        "_access_code_length": str(CODE_LENGTH),
        "_booking_expiration_timeout": "1800",
    }
    return [
        await api.reserve(**wanted, **({"_phone_number": phone_of(n)} if n < WITH_PHONE else {}))
        for n in range(HOLDERS)
    ]


async def attack(api: Api, guesses: int) -> list[Verdict]:
    """Random codes, at a steady pace, from one phone."""
    attacker = random.Random(4)
    verdicts = []
    for _ in range(guesses):
        verdicts.append(await call(api, f"{attacker.randrange(10**CODE_LENGTH):0{CODE_LENGTH}}", ATTACKER))
        api.clock.advance(1 / PER_SECOND)
    return verdicts


@pytest.mark.parametrize("store_url", ["memory://"])  # the contract tests show that every store does the same
async def test_ten_thousand_guesses_find_no_more_than_the_budget_allows(api: Api) -> None:
    sessions = await wait_with_codes(api)
    verdicts = await attack(api, GUESSES)

    looked_up = sum(not (isinstance(each, NoneMatches) and each.slowed) for each in verdicts)
    hits = sum(len(whose(each)) for each in verdicts)
    wrong = looked_up - hits
    assert wrong <= BUDGET + GUESSES / PER_SECOND / REFILL, (
        "a right code costs nothing, a wrong one costs one"
    )
    assert api.engine.matching.guesses.wrong == wrong
    assert api.engine.matching.guesses.slowed == GUESSES - looked_up

    # Sessions whose phone is known are not found from another.
    risk = code_risk(HOLDERS - WITH_PHONE, CODE_LENGTH)
    expected = looked_up * risk.guessed
    assert abs(hits - expected) < _SIGMAS * math.sqrt(expected)
    assert hits < GUESSES * risk.guessed / 10, "without the budget it would be many times as much"

    holders = [(session, phone_of(n)) for n, session in enumerate(sessions[:WITH_PHONE])]
    for session, phone in holders:
        assert whose(await call(api, session["_access_code"], phone)) == [session["_id"]]


async def test_one_code_among_a_million_is_safe_from_one_caller(api: Api) -> None:
    """The usual code and the usual budget: what a day of guessing from one phone finds."""
    usual = api.engine.keeper.current.server.guess_budgets.caller
    assert usual
    a_day = usual.guesses + 24 * 3600 * SECOND / usual.refill
    assert chance_within(code_risk(1, 6).guessed, a_day) < 0.002


async def test_a_right_code_from_the_right_phone_gets_through_in_the_middle_of_an_attack(api: Api) -> None:
    sessions = await wait_with_codes(api)
    for n in range(2 * BUDGET):
        await call(api, f"{n:04}", phone_of(0))
    assert await call(api, "9" * CODE_LENGTH, phone_of(0)) == NoneMatches(slowed=True)
    assert whose(await call(api, sessions[0]["_access_code"], phone_of(0))) == [sessions[0]["_id"]]


async def test_a_holder_without_a_known_phone_is_slowed_and_not_locked_out(api: Api) -> None:
    sessions = await wait_with_codes(api)
    await api.configure("server", guess_budget_number=str(BUDGET), guess_refill_number=str(REFILL))
    attacker, tries = random.Random(5), 0
    while not whose(await call(api, sessions[-1]["_access_code"], None)):
        tries += 1
        assert tries < GUESSES, "locked out"
        for _ in range(attacker.randrange(3)):
            await call(api, "0000", None)
        api.clock.advance(attacker.random())


async def test_who_guesses_too_often_hears_what_everybody_hears(api: Api) -> None:
    await wait_with_codes(api)
    asked = {"_phone_number": ATTACKER, "_access_code": "00000", "_return_reason": "true"}
    answers = [await api.match(SHARED, **asked) for _ in range(BUDGET + 1)]
    assert api.engine.matching.guesses.slowed == 1
    fault(answers[-1], 404, "NoMatch")
    heard = [{**answer.json(), "_request_id": None} for answer in answers]
    assert all(each == heard[0] for each in heard)


async def test_the_budget_can_be_switched_off(api: Api) -> None:
    await api.configure("server", guess_budget="0", guess_budget_number="0")
    reserved = await api.reserve(_resource_group="SHARED", _provide_code="true")
    for phone in (ATTACKER, None):
        for _ in range(200):
            assert await call(api, "00000", phone) == NoneMatches()
    assert body(await api.match(SHARED, _access_code=reserved["_access_code"]))["_id"] == reserved["_id"]


@pytest.mark.parametrize("budget", ["-1", "10001", "many"])
async def test_a_budget_that_means_nothing_is_refused(api: Api, budget: str) -> None:
    answer = await api.send("PATCH", "/admin/options/server", json={"guess_budget": budget})
    assert "guess_budget" in fault(answer, 400, "InvalidConfiguration")
