"""request-interaction: a session begins, with an access number and perhaps a code."""

import pytest

from matchline.codes import MAX_LENGTH, MIN_LENGTH

from .api import BOOKING, CALLER, COOLDOWN, NUMBERS, SHARED, Api, body, fault

pytestmark = pytest.mark.anyio


async def test_it_answers_a_session_and_its_access_number_as_configured(api: Api) -> None:
    answer = await api.reserve()
    assert set(answer) == {"_id", "_data_id", "_access_number", "_expiration_time", "_tel_url"}
    assert answer["_access_number"] == NUMBERS[0]
    assert answer["_expiration_time"] == str(BOOKING)
    assert answer["_tel_url"] == "tel:+18005550100"
    assert answer["_id"] != answer["_data_id"]


async def test_an_empty_body_without_a_content_type_is_enough(api: Api) -> None:
    answer = body(await api.post("/service/request-interaction"))
    assert answer["_access_number"] in NUMBERS


async def test_parameters_may_come_in_the_query_string_and_a_body_parameter_wins(api: Api) -> None:
    asked = await api.ask(
        "request-interaction?_booking_expiration_timeout=60&_resource_group=SHARED",
        {"_booking_expiration_timeout": "90"},
    )
    assert body(asked)["_expiration_time"] == "90"
    assert body(asked)["_access_number"] == SHARED


async def test_a_code_comes_on_request_with_the_length_asked_for(api: Api) -> None:
    for length in (MIN_LENGTH, 6, MAX_LENGTH):
        answer = await api.reserve(
            _provide_code="true", _access_code_length=str(length), _resource_group="SHARED"
        )
        assert len(answer["_access_code"]) == length
        assert answer["_access_code"].isdecimal()


async def test_a_code_has_six_digits_unless_another_length_is_asked_for(api: Api) -> None:
    assert len((await api.reserve(_provide_code="TRUE"))["_access_code"]) == 6


async def test_a_code_keeps_its_leading_zeros(api: Api) -> None:
    await api.configure("server", access_code_prefix="00")
    answer = await api.reserve(_provide_code="true")
    assert answer["_access_code"].startswith("00")
    assert body(await api.match(answer["_access_number"], _access_code=answer["_access_code"]))


async def test_the_tel_url_pauses_and_sends_the_code(api: Api) -> None:
    answer = await api.reserve(_provide_code="true")
    assert answer["_tel_url"] == f"tel:+18005550100,,{answer['_access_code']}"


async def test_an_access_number_that_cannot_be_dialled_has_no_tel_url(api: Api) -> None:
    numbers = {"numbers": ["front desk"]}
    body(await api.post("/admin/resources/EMPTY/numbers", json=numbers))
    answer = await api.reserve(_resource_group="EMPTY")
    assert answer["_access_number"] == "front desk"
    assert "_tel_url" not in answer


async def test_a_number_without_a_region_is_dialled_as_it_stands(api: Api) -> None:
    await api.configure("server", default_region=None)
    body(await api.post("/admin/resources/EMPTY/numbers", json={"numbers": ["0800-1234"]}))
    answer = await api.reserve(_resource_group="EMPTY")
    assert (answer["_access_number"], answer["_tel_url"]) == ("0800-1234", "tel:08001234")


async def test_a_code_length_out_of_range_is_refused_by_name(api: Api) -> None:
    for length in (str(MIN_LENGTH - 1), str(MAX_LENGTH + 1), "six", "-6", "6.5"):
        asked = await api.ask("request-interaction", {"_access_code_length": length, "_provide_code": "true"})
        assert "_access_code_length" in fault(asked, 400, "BadParameter")


@pytest.mark.parametrize("seconds", ["5", "1800"])
async def test_a_reservation_is_held_as_long_as_asked(api: Api, seconds: str) -> None:
    answer = await api.reserve(_booking_expiration_timeout=seconds)
    assert answer["_expiration_time"] == seconds
    api.clock.advance(int(seconds) - 0.001)
    assert "_access_number" in body(await api.get(f"/service/{answer['_id']}"))
    api.clock.advance(0.001)
    fault(await api.match(answer["_access_number"]), 404, "NoMatch")


@pytest.mark.parametrize("seconds", ["4", "1801", "0", "-1", "", "ten", "1e2"])
async def test_a_booking_timeout_out_of_range_is_refused_by_name(api: Api, seconds: str) -> None:
    asked = await api.ask("request-interaction", {"_booking_expiration_timeout": seconds})
    assert "_booking_expiration_timeout" in fault(asked, 400, "BadParameter")
    assert (await api.pool())["reserved"] == "0"


async def test_a_session_lives_as_long_as_its_ttl(api: Api) -> None:
    answer = await api.reserve(_ttl="120", customer="Ada")
    api.clock.advance(119.999)
    assert body(await api.get(f"/service/{answer['_id']}/storage")) == {"customer": "Ada"}
    api.clock.advance(0.001)
    fault(await api.get(f"/service/{answer['_id']}"), 404, "UnknownSession")
    fault(await api.get(f"/storage/{answer['_data_id']}"), 404, "UnknownRecord")


async def test_a_session_outlives_its_reservation_and_the_late_grace(api: Api) -> None:
    answer = await api.reserve(_ttl="1", _resource_group="GRACE", customer="Ada")
    assert body(await api.get(f"/service/{answer['_id']}"))["_ttl_left"] == "40"
    assert body(await api.get(f"/storage/{answer['_data_id']}")) == {"customer": "Ada"}


async def test_no_session_lives_longer_than_max_ttl(api: Api) -> None:
    await api.configure("server", max_ttl="600")
    answer = await api.reserve(_ttl="99999")
    assert body(await api.get(f"/service/{answer['_id']}"))["_ttl_left"] == "600"


async def test_an_unknown_resource_group_is_refused_with_its_name(api: Api) -> None:
    asked = await api.ask("request-interaction", {"_resource_group": "NOWHERE"})
    assert "NOWHERE" in fault(asked, 400, "UnknownResourceGroup")


async def test_an_exhausted_group_tells_when_to_come_back(api: Api) -> None:
    await api.reserve(_booking_expiration_timeout="10")
    for _ in NUMBERS[1:]:
        await api.reserve()
    api.clock.advance(4)
    refused = await api.ask("request-interaction")
    assert "DNIS" in fault(refused, 503, "NumbersExhausted")
    assert int(refused.headers["retry-after"]) == 10 + COOLDOWN - 4
    api.clock.advance(10 + COOLDOWN - 4)
    assert (await api.reserve())["_access_number"] == NUMBERS[0]


async def test_a_group_without_numbers_is_exhausted(api: Api) -> None:
    fault(await api.ask("request-interaction", {"_resource_group": "EMPTY"}), 503, "NumbersExhausted")


async def test_an_exhausted_request_stores_no_data(api: Api) -> None:
    for _ in NUMBERS:
        await api.reserve()
    before = await api.engine.store.sweep(api.clock.now())
    await api.ask("request-interaction", {"customer": "Ada"})
    api.clock.advance(100_000)
    swept = await api.engine.store.sweep(api.clock.now())
    assert (before.records, swept.records, swept.sessions) == (0, len(NUMBERS), len(NUMBERS))


async def test_a_shared_number_serves_many_sessions_with_codes_of_their_own(api: Api) -> None:
    answers = [await api.reserve(_resource_group="SHARED", _provide_code="true") for _ in range(20)]
    assert {answer["_access_number"] for answer in answers} == {SHARED}
    assert len({answer["_access_code"] for answer in answers}) == 20


async def test_pool_health_tells_the_group_and_its_numbers(api: Api) -> None:
    first = await api.reserve()
    body(await api.delete(f"/service/{first['_id']}"))
    answer = await api.reserve(_return_pool_health="true")
    assert answer["_pool_health"] == {
        "_group": "DNIS",
        "_strategy": "CLUSTER",
        "_total": "3",
        "_free": "1",
        "_reserved": "1",
        "_cooling": "1",
    }


async def test_pool_health_is_told_for_exclusive_groups_only(api: Api) -> None:
    answer = await api.reserve(_return_pool_health="true", _resource_group="SHARED")
    assert "_pool_health" not in answer


async def test_unknown_parameters_are_ignored_and_not_stored(api: Api) -> None:
    answer = await api.reserve(_no_such_parameter="x", customer="Ada")
    assert body(await api.get(f"/storage/{answer['_data_id']}")) == {"customer": "Ada"}


async def test_parameters_are_never_stored_with_the_data(api: Api) -> None:
    answer = await api.reserve(_phone_number=CALLER, _provide_code="true")
    assert body(await api.get(f"/storage/{answer['_data_id']}")) == {}


async def test_null_on_a_parameter_means_absent(api: Api) -> None:
    given = {"_booking_expiration_timeout": None, "_provide_code": None, "_phone_number": None}
    answer = body(await api.post("/service/request-interaction", json=given))
    assert answer["_expiration_time"] == str(BOOKING)
    assert "_access_code" not in answer


async def test_json_numbers_and_booleans_are_read_as_their_text(api: Api) -> None:
    given = {"_booking_expiration_timeout": 60.0, "_access_code_length": 6, "_provide_code": True}
    answer = body(await api.post("/service/request-interaction", json=given))
    assert (answer["_expiration_time"], len(answer["_access_code"])) == ("60", 6)


@pytest.mark.parametrize("flag", ["yes", "1", "", "truee"])
async def test_what_is_no_boolean_is_refused_by_name(api: Api, flag: str) -> None:
    assert "_provide_code" in fault(
        await api.ask("request-interaction", {"_provide_code": flag}), 400, "BadParameter"
    )


async def test_a_parameter_cannot_be_a_file(api: Api) -> None:
    asked = await api.post("/service/request-interaction", files={"_phone_number": ("n.txt", b"+1415")})
    assert "_phone_number" in fault(asked, 400, "BadParameter")


async def test_the_same_parameter_twice_means_the_last(api: Api) -> None:
    asked = await api.post(
        "/service/request-interaction",
        content="_booking_expiration_timeout=60&_booking_expiration_timeout=70&a=1&a=2",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert body(asked)["_expiration_time"] == "70"
    assert body(await api.get(f"/storage/{body(asked)['_data_id']}")) == {"a": "2"}


async def test_ids_are_opaque_and_safe_in_addresses(api: Api) -> None:
    answer = await api.reserve()
    for each in (answer["_id"], answer["_data_id"]):
        assert each.replace("-", "").replace("_", "").isalnum()
        assert len(each) >= 22, "128 bits"
