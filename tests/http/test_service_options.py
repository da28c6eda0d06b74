"""Services are configured: any name, request over option over default, templates and extra parameters."""

import pytest

from .api import BOOKING, NUMBERS, SHARED, Api, body, fault

pytestmark = pytest.mark.anyio

REQUEST = "service.request-interaction"
CALL_ME = {"_type": "builtin", "_service": "request-interaction"}


async def test_a_service_answers_under_any_configured_name(api: Api) -> None:
    await api.configure("service.call-me", **CALL_ME)
    session = body(await api.ask("call-me"))
    assert body(await api.get(f"/service/{session['_id']}"))["_service"] == "call-me"
    assert body(await api.match(session["_access_number"]))["_id"] == session["_id"]


async def test_a_built_in_that_is_not_configured_does_not_answer(api: Api) -> None:
    body(await api.delete(f"/admin/options/{REQUEST}"))
    assert "request-interaction" in fault(await api.ask("request-interaction"), 404, "UnknownService")


async def test_the_old_spelling_of_the_binding_is_accepted(api: Api) -> None:
    await api.configure("service.old", _type="builtin", _name="request-interaction")
    assert body(await api.ask("old"))["_access_number"] in NUMBERS


async def test_the_binding_s_new_spelling_wins_over_the_old(api: Api) -> None:
    await api.configure("service.both", _service="request-interaction", _name="get")
    assert body(await api.ask("both"))["_access_number"] in NUMBERS


async def test_a_request_parameter_wins_over_the_option_and_the_option_over_the_default(api: Api) -> None:
    assert (await api.reserve())["_expiration_time"] == str(BOOKING)
    await api.configure(REQUEST, _booking_expiration_timeout="100", _resource_group="SHARED")
    assert (await api.reserve())["_expiration_time"] == "100"
    answer = await api.reserve(_booking_expiration_timeout="200", _resource_group="DNIS")
    assert (answer["_expiration_time"], answer["_access_number"]) == ("200", NUMBERS[1])


async def test_an_empty_text_parameter_leaves_the_option_in_force(api: Api) -> None:
    await api.configure(REQUEST, _resource_group="SHARED")
    assert (await api.reserve(_resource_group=""))["_access_number"] == SHARED


async def test_an_option_configured_as_the_empty_string_counts_as_not_set(api: Api) -> None:
    await api.configure(
        REQUEST, _booking_expiration_timeout="", _resource_group="", _provide_code="", _phone_number=""
    )
    answer = await api.reserve()
    assert answer["_expiration_time"] == str(BOOKING)
    assert "_access_code" not in answer


async def test_an_option_of_a_group_configured_as_the_empty_string_counts_as_not_set(api: Api) -> None:
    await api.configure("resources.DNIS", _cooldown="", _late_grace="", _allocation_strategy="", _aliases="")
    assert (await api.reserve())["_expiration_time"] == str(BOOKING)


async def test_a_named_option_becomes_overwritable(api: Api) -> None:
    await api.configure("service.match-interaction", _overwritable_options=" _on_ambiguous , _require_code")
    for _ in range(2):
        session = await api.reserve(_resource_group="SHARED", _phone_number="+14155550123")
    refused = await api.match(SHARED, _phone_number="+14155550123")
    fault(refused, 409, "AmbiguousMatch")
    answer = body(await api.match(SHARED, _phone_number="+14155550123", _on_ambiguous="newest"))
    assert answer["_id"] == session["_id"]
    bad = await api.match(SHARED, _require_code="sometimes")
    assert "_require_code" in fault(bad, 400, "BadParameter")


@pytest.mark.parametrize("fixed", ["_type", "_service", "_name", "_no_such_option"])
async def test_what_binds_a_service_cannot_be_made_overwritable(api: Api, fixed: str) -> None:
    wanted = {"_overwritable_options": fixed}
    refused = await api.send("PATCH", f"/admin/options/{REQUEST}", json=wanted)
    assert fixed in fault(refused, 400, "InvalidConfiguration")


async def test_a_request_cannot_rebind_a_service(api: Api) -> None:
    asked = await api.ask("request-interaction", {"_service": "get", "_type": "ors", "_name": "get"})
    assert body(asked)["_access_number"] in NUMBERS


async def test_a_token_in_an_option_is_replaced_by_the_request_parameter(api: Api) -> None:
    await api.configure(REQUEST, _resource_group="$_region$")
    assert (await api.reserve(_region="SHARED"))["_access_number"] == SHARED
    bad = await api.ask("request-interaction", {"_region": "NOWHERE"})
    assert "NOWHERE" in fault(bad, 400, "UnknownResourceGroup")


async def test_a_token_within_a_text_is_replaced_in_place(api: Api) -> None:
    await api.configure(REQUEST, _resource_group="D$_first$I$_second$")
    assert (await api.reserve(_first="N", _second="S"))["_access_number"] == NUMBERS[0]


async def test_an_option_whose_token_the_request_does_not_give_counts_as_not_set(api: Api) -> None:
    await api.configure(REQUEST, _booking_expiration_timeout="$_seconds$")
    assert (await api.reserve())["_expiration_time"] == str(BOOKING)
    assert (await api.reserve(_seconds="77"))["_expiration_time"] == "77"


async def test_a_token_that_makes_an_option_invalid_is_refused_by_the_option_s_name(api: Api) -> None:
    await api.configure(REQUEST, _booking_expiration_timeout="$_seconds$")
    asked = await api.ask("request-interaction", {"_seconds": "soon"})
    assert "_booking_expiration_timeout" in fault(asked, 400, "BadParameter")


async def test_tokens_are_not_replaced_twice(api: Api) -> None:
    await api.configure(REQUEST, _resource_group="$_a$")
    asked = await api.ask("request-interaction", {"_a": "$_b$", "_b": "DNIS"})
    assert "$_b$" in fault(asked, 400, "UnknownResourceGroup")


async def test_extra_parameters_of_a_service_are_stored_as_user_data(api: Api) -> None:
    await api.configure(REQUEST, department="sales", caller="$_phone_number$")
    session = await api.reserve(_phone_number="+14155550123")
    data = body(await api.get(f"/service/{session['_id']}/storage"))
    assert data == {"department": "sales", "caller": "+14155550123"}


async def test_a_request_brings_its_own_value_for_an_extra_parameter(api: Api) -> None:
    await api.configure(REQUEST, department="sales")
    session = await api.reserve(department="repairs")
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {"department": "repairs"}


@pytest.mark.parametrize("name", ["1st", "two words", "a-b", "_own", "ünicode", ""])
async def test_an_extra_parameter_must_have_the_name_of_a_variable(api: Api, name: str) -> None:
    refused = await api.send("PATCH", f"/admin/options/{REQUEST}", json={name: "x"})
    fault(refused, 400, "InvalidConfiguration")


async def test_a_mandatory_option_missing_is_the_request_s_fault_only(api: Api) -> None:
    await api.configure("service.whose", _service="match-interaction", _access_number="")
    assert "_access_number" in fault(await api.ask("whose"), 400, "BadParameter")


@pytest.mark.parametrize("name", ["callback", "storage", "admin", "a/b", ""])
async def test_a_service_may_not_be_named_like_a_route(api: Api, name: str) -> None:
    file = f'[service."{name}"]\n_type = "builtin"\n_service = "get"\n'
    refused = await api.post("/admin/options", content=file, headers={"content-type": "application/toml"})
    fault(refused, 400, "InvalidConfiguration")


async def test_a_change_of_a_service_is_in_force_with_the_next_request(api: Api) -> None:
    for seconds in ("40", "50"):
        await api.configure(REQUEST, _booking_expiration_timeout=seconds)
        assert (await api.reserve())["_expiration_time"] == seconds
