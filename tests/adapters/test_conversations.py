"""The one dialogue, on every platform."""

import pytest

from matchline.cli.call.phone import Asks, Goes
from tests.http.api import CALLER, NUMBERS, SHARED, STRANGER

from .site import PLATFORMS, Site, call

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("platform", PLATFORMS)]


async def test_a_call_from_the_known_phone_is_handed_over_with_its_id(site: Site, platform: str) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    answers = await site.dial(platform, call(session["_access_number"], CALLER))
    assert [goes.match_id for goes in answers if isinstance(goes, Goes)] == [session["_id"]]


async def test_a_right_code_is_handed_over(site: Site, platform: str) -> None:
    session = await site.coded()
    asks, goes = await site.dial(platform, call(), session["_access_code"])
    assert isinstance(asks, Asks)
    assert asks.length == len(session["_access_code"])
    assert isinstance(goes, Goes)
    assert goes.match_id == session["_id"]


async def test_a_wrong_code_is_asked_for_once_more(site: Site, platform: str) -> None:
    session = await site.coded()
    first, second, goes = await site.dial(platform, call(), "000000", session["_access_code"])
    assert isinstance(first, Asks)
    assert isinstance(second, Asks)
    assert isinstance(goes, Goes)
    assert goes.match_id == session["_id"]


async def test_two_wrong_codes_lead_to_the_queue(site: Site, platform: str) -> None:
    session = await site.coded()
    *_, goes = answers = await site.dial(platform, call(), "000000", "111111", session["_access_code"])
    assert len(answers) == 3
    assert isinstance(goes, Goes)
    assert (goes.match_id, goes.status) == ("", "no-match")


async def test_who_keys_in_nothing_is_asked_once_more_and_goes_to_the_queue(
    site: Site, platform: str
) -> None:
    await site.coded()
    *asked, goes = await site.dial(platform, call())
    assert len(asked) == 2
    assert isinstance(goes, Goes)
    assert goes.status == "no-match"


async def test_a_call_that_nobody_waits_for_goes_to_the_queue(site: Site, platform: str) -> None:
    (goes,) = await site.dial(platform, call(NUMBERS[0], STRANGER))
    assert isinstance(goes, Goes)
    assert (goes.match_id, goes.status) == ("", "no-match")


async def test_a_call_that_could_be_anybodys_goes_to_the_queue(site: Site, platform: str) -> None:
    for _ in range(2):
        await site.api.reserve(_resource_group="SHARED", _phone_number=CALLER)
    (goes,) = await site.dial(platform, call(SHARED, CALLER))
    assert isinstance(goes, Goes)
    assert goes.status == "ambiguous"


async def test_who_guesses_too_often_is_not_asked_again(site: Site, platform: str) -> None:
    await site.api.configure("server", guess_budget_number="1", guess_refill_number="3600")
    await site.coded()
    *_, goes = answers = await site.dial(platform, call(), "000000", "111111")
    assert len(answers) == 3
    assert isinstance(goes, Goes)
    assert goes.status == "guessed-too-often"


async def test_the_same_call_asked_again_gets_the_same_answer(site: Site, platform: str) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    again = [await site.dial(platform, call(session["_access_number"], CALLER)) for _ in range(3)]
    assert again[0] == again[1] == again[2]
    (goes,) = await site.dial(platform, call(session["_access_number"], CALLER, "CA2"))
    assert isinstance(goes, Goes)
    assert goes.status == "no-match", "another call"


async def test_the_data_stays_unless_the_line_lets_it_leave(site: Site, platform: str) -> None:
    session = await site.api.reserve(_phone_number=CALLER, customer="Ada L.", plan="gold", pin="0000")
    (goes,) = await site.dial(platform, call(session["_access_number"], CALLER))
    assert isinstance(goes, Goes)
    assert not {"Ada L.", "gold"} & set(goes.data.values())


@pytest.mark.parametrize(
    "caller", ["", "anonymous", "+266696687", "Restricted", "sip:anonymous@anonymous.invalid"]
)
async def test_an_anonymous_caller_is_one_without_a_number(site: Site, platform: str, caller: str) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    (goes,) = await site.dial(platform, call(session["_access_number"], caller))
    assert isinstance(goes, Goes)
    assert goes.match_id == session["_id"], "the number was the session's alone"


@pytest.mark.parametrize("form", ["sip:{}@sbc.example.com;user=phone", "tel:{}", "<sip:{}@10.0.0.1>"])
async def test_numbers_may_be_addresses(site: Site, platform: str, form: str) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    number = session["_access_number"].replace(" ", "")
    (goes,) = await site.dial(platform, call(form.format(number), form.format(CALLER)))
    assert isinstance(goes, Goes)
    assert goes.match_id == session["_id"]
