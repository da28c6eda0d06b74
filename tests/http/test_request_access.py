"""request-access: a running session is given access information."""

import pytest

from .api import BOOKING, CALLER, COOLDOWN, NUMBERS, SHARED, STRANGER, Api, body, fault

pytestmark = pytest.mark.anyio


async def test_a_held_reservation_of_the_same_group_is_renewed(api: Api) -> None:
    session = await api.reserve(_provide_code="true")
    api.clock.advance(20)
    answer = body(await api.access(_id=session["_id"], _provide_code="true"))
    assert answer == {
        name: session[name] for name in ("_access_number", "_access_code", "_expiration_time", "_tel_url")
    }
    api.clock.advance(BOOKING - 1)
    assert body(await api.match(answer["_access_number"]))["_id"] == session["_id"]


async def test_it_may_be_renewed_for_another_time(api: Api) -> None:
    session = await api.reserve()
    answer = body(await api.access(_id=session["_id"], _booking_expiration_timeout="600"))
    assert answer["_expiration_time"] == "600"
    assert body(await api.get(f"/service/{session['_id']}"))["_ttl_left"] == "600"


async def test_another_code_policy_takes_another_slot_and_gives_the_old_one_back(api: Api) -> None:
    session = await api.reserve()
    answer = body(await api.access(_id=session["_id"], _provide_code="true"))
    assert answer["_access_number"] != session["_access_number"]
    assert await api.pool() == {"free": "1", "reserved": "1", "cooling": "1"}
    fault(await api.match(session["_access_number"]), 404, "NoMatch")


async def test_another_group_takes_another_slot(api: Api) -> None:
    session = await api.reserve(customer="Ada")
    answer = body(await api.access(_id=session["_id"], _resource_group="SHARED", _provide_code="true"))
    assert answer["_access_number"] == SHARED
    found = body(await api.match(SHARED, _access_code=answer["_access_code"], _return_user_data="true"))
    assert (found["_id"], found["user_data"]) == (session["_id"], {"customer": "Ada"})


async def test_an_exchange_that_finds_no_slot_changes_nothing(api: Api) -> None:
    session = await api.reserve()
    fault(await api.access(_id=session["_id"], _resource_group="EMPTY"), 503, "NumbersExhausted")
    assert body(await api.match(session["_access_number"]))["_id"] == session["_id"]


async def test_a_matched_session_waits_again(api: Api) -> None:
    session = await api.reserve()
    body(await api.match(session["_access_number"]))
    answer = body(await api.access(_id=session["_id"]))
    assert body(await api.get(f"/service/{session['_id']}"))["_state"] == "waiting"
    assert body(await api.match(answer["_access_number"]))["_id"] == session["_id"]


async def test_an_expired_reservation_is_replaced(api: Api) -> None:
    session = await api.reserve(_ttl="600")
    api.clock.advance(BOOKING)
    answer = body(await api.access(_id=session["_id"]))
    assert answer["_access_number"] == NUMBERS[1], "the first number rests"
    assert await api.pool() == {"free": "1", "reserved": "1", "cooling": "1"}
    api.clock.advance(COOLDOWN)
    assert await api.pool() == {"free": "2", "reserved": "1", "cooling": "0"}


async def test_a_phone_number_given_here_is_the_one_compared(api: Api) -> None:
    session = await api.reserve(_phone_number=STRANGER)
    answer = body(await api.access(_id=session["_id"], _phone_number=CALLER))
    fault(await api.match(answer["_access_number"], _phone_number=STRANGER), 404, "NoMatch")
    body(await api.match(answer["_access_number"], _phone_number=CALLER))


async def test_the_session_keeps_its_phone_number_when_none_is_given(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER)
    answer = body(await api.access(_id=session["_id"], _resource_group="SHARED"))
    assert body(await api.match(answer["_access_number"], _phone_number=CALLER))["_id"] == session["_id"]


async def test_without_an_id_it_is_refused_by_name(api: Api) -> None:
    assert "_id" in fault(await api.access(), 400, "BadParameter")
    assert "_id" in fault(await api.access(_id=""), 400, "BadParameter")


async def test_an_unknown_or_ended_session_is_not_found(api: Api) -> None:
    fault(await api.access(_id="nobody"), 404, "UnknownSession")
    session = await api.reserve()
    body(await api.delete(f"/service/{session['_id']}"))
    fault(await api.access(_id=session["_id"]), 404, "UnknownSession")


async def test_an_unknown_group_is_refused_and_changes_nothing(api: Api) -> None:
    session = await api.reserve()
    fault(await api.access(_id=session["_id"], _resource_group="NOWHERE"), 400, "UnknownResourceGroup")
    body(await api.match(session["_access_number"]))
