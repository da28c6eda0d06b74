"""How a match service is configured: what it protects, what it keeps, what it remembers."""

import pytest

from .api import CALLER, NUMBERS, SHARED, STRANGER, Api, body, fault

pytestmark = pytest.mark.anyio

MATCH = "service.match-interaction"


async def test_require_code_never_drops_the_protection_of_shared_numbers(api: Api) -> None:
    await api.configure(MATCH, _require_code="never")
    session = await api.reserve(_resource_group="SHARED", _provide_code="true", _phone_number=CALLER)
    assert body(await api.match(SHARED))["_id"] == session["_id"]


async def test_require_code_always_asks_for_the_code_on_exclusive_numbers_too(api: Api) -> None:
    await api.configure(MATCH, _require_code="always")
    session = await api.reserve(_provide_code="true", _phone_number=CALLER)
    refused = await api.match(session["_access_number"], _phone_number=CALLER)
    fault(refused, 409, "CodeNeeded")
    assert refused.json()["_digits"] == "6"
    body(await api.match(session["_access_number"], _access_code=session["_access_code"]))


async def test_newest_of_equals_is_given_where_configured(api: Api) -> None:
    await api.configure(MATCH, _on_ambiguous="newest")
    older, newer = [await api.reserve(_resource_group="SHARED", _phone_number=CALLER) for _ in range(2)]
    assert body(await api.match(SHARED, _phone_number=CALLER))["_id"] == newer["_id"]
    assert body(await api.match(SHARED, _phone_number=CALLER))["_id"] == older["_id"]


async def test_multiple_matches_stay_reserved_where_configured(api: Api) -> None:
    await api.configure(MATCH, _on_multiple="keep")
    sessions = [await api.reserve(_resource_group="SHARED", _provide_code="true") for _ in range(2)]
    for _ in range(2):
        answer = body(await api.match(SHARED, _return_multiple_matches="true"))
        assert {each["_id"] for each in answer["matches"]} == {each["_id"] for each in sessions}
    body(await api.match(SHARED, _access_code=sessions[0]["_access_code"]))


async def test_at_most_max_matches_are_answered_and_released(api: Api) -> None:
    await api.configure(MATCH, _max_matches="2")
    for _ in range(3):
        await api.reserve(_resource_group="SHARED")
    assert len(body(await api.match(SHARED, _return_multiple_matches="true"))["matches"]) == 2
    assert len(body(await api.match(SHARED, _return_multiple_matches="true"))["matches"]) == 1


async def test_a_right_code_matches_from_another_phone_where_configured(api: Api) -> None:
    session = await api.reserve(_provide_code="true", _phone_number=CALLER)
    call = {"_phone_number": STRANGER, "_access_code": session["_access_code"]}
    fault(await api.match(session["_access_number"], **call), 404, "NoMatch")
    await api.configure(MATCH, _code_overrides_phone="true")
    assert body(await api.match(session["_access_number"], **call))["_id"] == session["_id"]


async def test_the_same_call_without_an_id_gets_its_answer_within_the_repeat_window(api: Api) -> None:
    await api.configure(MATCH, _repeat_window="60")
    session = await api.reserve(_phone_number=CALLER)
    number = session["_access_number"]
    first = body(await api.match(number, _phone_number=CALLER))
    api.clock.advance(59.999)
    assert body(await api.match(number, _phone_number=CALLER)) == first
    fault(await api.match(number), 404, "NoMatch")
    api.clock.advance(0.001)
    fault(await api.match(number, _phone_number=CALLER), 404, "NoMatch")


async def test_a_number_that_is_given_out_again_repeats_no_earlier_answer(api: Api) -> None:
    await api.configure(MATCH, _repeat_window="60")
    first = await api.reserve(_phone_number=CALLER)
    number = first["_access_number"]
    body(await api.match(number, _phone_number=CALLER))
    for _ in NUMBERS:
        last = await api.reserve(_phone_number=STRANGER)
    assert last["_access_number"] == number
    fault(await api.match(number, _phone_number=CALLER), 404, "NoMatch")


async def test_a_call_is_remembered_as_long_as_configured(api: Api) -> None:
    await api.configure(MATCH, _call_memory="10")
    session = await api.reserve()
    number = session["_access_number"]
    body(await api.match(number, _call_id="c1"))
    api.clock.advance(9.999)
    body(await api.match(number, _call_id="c1"))
    api.clock.advance(0.001)
    fault(await api.match(number, _call_id="c1"), 404, "NoMatch")


async def test_the_least_life_after_a_match_is_configured(api: Api) -> None:
    await api.configure(MATCH, _ttl_after_match="1000")
    session = await api.reserve(_ttl="30")
    body(await api.match(session["_access_number"]))
    assert body(await api.get(f"/service/{session['_id']}"))["_ttl_left"] == "1000"


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("_require_code", "never"),
        ("_on_ambiguous", "newest"),
        ("_on_multiple", "keep"),
        ("_max_matches", "1"),
        ("_code_overrides_phone", "true"),
        ("_repeat_window", "300"),
        ("_ttl_after_match", "86400"),
    ],
)
async def test_a_request_does_not_override_what_protects_customers(api: Api, option: str, text: str) -> None:
    await api.reserve(_resource_group="SHARED", _provide_code="true", _phone_number=CALLER)
    fault(await api.match(SHARED, **{option: text}), 409, "CodeNeeded")


async def test_every_match_parameter_can_be_configured(api: Api) -> None:
    session = await api.reserve(_provide_code="true", _phone_number=CALLER, customer="Ada")
    await api.configure(
        "service.whose-call",
        _type="builtin",
        _service="match-interaction",
        _access_number=session["_access_number"],
        _phone_number=CALLER,
        _access_code=session["_access_code"],
        _return_multiple_matches="true",
        _return_user_data="true",
        _delete_service="true",
        _return_reason="true",
        _call_id="c1",
    )
    match = {
        "_id": session["_id"],
        "_data_id": session["_data_id"],
        "user_data": {"customer": "Ada"},
        "_reason": "matched",
    }
    assert body(await api.ask("whose-call")) == {"matches": [match]}
    fault(await api.get(f"/service/{session['_id']}"), 404, "UnknownSession")
    assert body(await api.ask("whose-call")) == {"matches": [match]}, "the same call again"


async def test_a_slot_rests_after_a_match_where_configured(api: Api) -> None:
    await api.configure("resources.DNIS", _cooldown_after_match="20")
    session = await api.reserve()
    body(await api.match(session["_access_number"]))
    assert await api.pool() == {"free": "2", "reserved": "0", "cooling": "1"}
    api.clock.advance(20)
    assert await api.pool() == {"free": "3", "reserved": "0", "cooling": "0"}
