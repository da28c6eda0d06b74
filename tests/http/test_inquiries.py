"""Inquiries of administrators: the call log (rule 23), explanations (rule 14), and to forget a person."""

from typing import Any

import pytest

from .api import BOOKING, CALLER, GRACE, LATE_GRACE, NUMBERS, SHARED, STRANGER, Api, body, fault

pytestmark = pytest.mark.anyio

SPOKEN = "1-800-555-0100"  # the first number as it is dialled at home
DNIS = NUMBERS[0]


async def calls(api: Api, **wanted: str) -> list[dict[str, str]]:
    """The call log, newest first."""
    found: list[dict[str, str]] = body(await api.get("/admin/calls", params=wanted))["calls"]
    return found


async def explain(api: Api, number: str, **call: str) -> dict[str, Any]:
    return body(await api.post("/admin/explain", json={"number": number, **call}))


async def forget(api: Api, phone: str, **how: str) -> dict[str, str]:
    return body(await api.post("/admin/forget", params=how, json={"phone": phone}))


# The call log


async def test_every_call_is_kept_with_its_caller_masked(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER, _resource_group="GRACE")
    await api.match(GRACE, _phone_number=STRANGER)
    api.clock.advance(3)
    await api.match(GRACE, _phone_number=CALLER, _call_id="c1")
    second, first = await calls(api)
    assert (first["verdict"], first["reason"], first["seconds_ago"]) == ("no-match", "other-phone", "3")
    assert (first["caller"], second["caller"]) == ("…99", "…23")
    assert (second["verdict"], second["session"], second["call_id"]) == ("matched", session["_id"], "c1")
    assert (second["number"], second["service"]) == (GRACE, "match-interaction")


async def test_callers_are_kept_whole_when_that_is_permitted(api: Api) -> None:
    await api.configure("server", call_log_whole_callers="true")
    await api.match(DNIS, _phone_number="(415) 555-0123")
    assert [entry["caller"] for entry in await calls(api)] == [CALLER]


async def test_a_call_to_a_strange_number_is_kept(api: Api) -> None:
    await api.match("+4930123456", _phone_number=CALLER)
    (entry,) = await calls(api)
    assert (entry["number"], entry["caller"], entry["reason"]) == ("+4930123456", "…23", "unknown-number")


async def test_calls_are_found_by_what_is_known_of_them(api: Api) -> None:
    await api.reserve(_resource_group="GRACE")
    await api.match(GRACE, _phone_number=CALLER)
    await api.match(SHARED, _phone_number=STRANGER)
    for wanted in ({"number": "1-800-555-0180"}, {"caller": "415 555 0123"}, {"caller": "…23"}):
        assert [entry["number"] for entry in await calls(api, **wanted)] == [GRACE]
    assert [entry["number"] for entry in await calls(api, verdict="no-match")] == [SHARED]


async def test_calls_are_read_page_by_page(api: Api) -> None:
    for number in NUMBERS:
        await api.match(number)
    first = body(await api.get("/admin/calls", params={"limit": "2"}))
    second = body(await api.get("/admin/calls", params={"limit": "2", "after": first["next"]}))
    assert [entry["number"] for entry in first["calls"] + second["calls"]] == list(reversed(NUMBERS))
    assert "next" not in second


@pytest.mark.parametrize("wanted", [{"after": "x"}, {"limit": "0"}, {"verdict": "perhaps"}])
async def test_what_cannot_be_wanted_is_refused_by_name(api: Api, wanted: dict[str, str]) -> None:
    (name,) = wanted
    assert name in fault(await api.get("/admin/calls", params=wanted), 400, "BadParameter")


async def test_calls_are_kept_for_the_days_that_are_configured(api: Api) -> None:
    await api.configure("server", call_log_days="1")
    await api.match(DNIS)
    api.clock.advance(86_400)
    await api.engine.sweeper.sweep()
    assert len(await calls(api)) == 1
    api.clock.advance(1)
    await api.engine.sweeper.sweep()
    assert await calls(api) == []


async def test_the_call_log_can_be_off(api: Api) -> None:
    await api.match(DNIS)
    await api.configure("server", call_log_days="0")
    await api.match(DNIS)
    assert len(await calls(api)) == 1, "the second is not kept at all"
    api.clock.advance(0.001)
    await api.engine.sweeper.sweep()
    assert await calls(api) == []


# Explanations


async def test_it_tells_how_the_number_was_read(api: Api) -> None:
    called, caller, code = (await explain(api, SPOKEN, phone="415 555 0123"))["readings"]
    assert called == f"{SPOKEN} read as +18005550100 in region US: {DNIS}, a number of group DNIS"
    assert caller == f"the caller's number 415 555 0123 read as {CALLER}"
    assert code == "no code was keyed in"


async def test_a_number_that_is_not_configured_is_told(api: Api) -> None:
    explanation = await explain(api, "1234")
    assert (explanation["verdict"], explanation["reason"]) == ("no-match", "unknown-number")
    assert explanation["readings"][0] == "1234 read as 1234 in region US: no access number that is configured"


async def test_each_criterion_of_a_candidate_is_told_and_nothing_released(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER, _resource_group="SHARED", _provide_code="true")
    code = session["_access_code"]
    wrong = await explain(api, SHARED, phone=STRANGER, digits=code)
    assert (wrong["verdict"], wrong["reason"]) == ("no-match", "other-phone")
    (reservation,) = wrong["reservations"]
    assert {each["criterion"]: each["finding"] for each in reservation["criteria"]} == {
        "code": "met",
        "phone": "contradicted",
    }
    assert (reservation["phone"], reservation["weight"]) == ("…23", "the caller's number is another")
    right = await explain(api, SHARED, phone=CALLER, digits=code)
    assert (right["verdict"], right["reason"]) == ("matched", "code-and-phone")
    assert right["reservations"][0]["answered"] == "true"
    assert body(await api.match(SHARED, _phone_number=CALLER, _access_code=code))["_id"] == session["_id"]


async def test_a_call_that_must_key_in_its_code_is_told_so(api: Api) -> None:
    await api.reserve(_resource_group="SHARED", _provide_code="true")
    explanation = await explain(api, SHARED)
    assert explanation["verdict"] == "code-needed"
    assert explanation["reservations"][0]["weight"] == "the session is found by its code only"


async def test_it_tells_how_long_ago_a_reservation_expired(api: Api) -> None:
    await api.reserve(_resource_group="GRACE")
    api.clock.advance(BOOKING + LATE_GRACE + 2)
    explanation = await explain(api, GRACE)
    assert explanation["reason"] == "nobody-waits"
    assert explanation["reservations"][0]["when"] == f"expired {LATE_GRACE + 2} s ago"
    assert "weight" not in explanation["reservations"][0]


async def test_it_tells_who_was_asked_about_before(api: Api) -> None:
    session = await api.reserve(_resource_group="GRACE")
    await api.match(GRACE, _call_id="c1")
    api.clock.advance(3)
    explanation = await explain(api, GRACE)
    assert (explanation["verdict"], explanation["reservations"]) == ("no-match", [])
    (entry,) = explanation["history"]
    assert (entry["seconds_ago"], entry["call_id"], entry["session"]) == ("3", "c1", session["_id"])
    again = await explain(api, GRACE, call_id="c1")
    assert (again["verdict"], again["reason"]) == ("matched", "same-call")


async def test_only_services_that_match_explain(api: Api) -> None:
    for service in ("request-interaction", "nothing"):
        answer = await api.post("/admin/explain", json={"number": DNIS, "service": service})
        fault(answer, 404, "UnknownService")


async def test_an_explanation_needs_a_number(api: Api) -> None:
    message = fault(await api.post("/admin/explain", json={"number": ""}), 400, "BadParameter")
    assert "_access_number" in message


# To forget a person


async def test_who_forgot_a_person_is_in_the_audit_trail(api: Api) -> None:
    await api.reserve(_phone_number=CALLER, name="Ada")
    await forget(api, CALLER, dry_run="true")
    user = {"X-Matchline-User": "ada@desk"}
    await api.post("/admin/forget", json={"phone": "(415) 555-0123"}, headers=user)
    answer = await api.get("/admin/audit", params={"limit": "2"})
    done, begun = body(answer)["entries"]
    assert (begun["what"], begun["before"]) == ("begins to forget a person", {"phone": "…23"})
    assert (done["what"], done["who"]) == ("person forgotten", "everyone, ada@desk")
    assert done["before"] == {"phone": "…23", "sessions": "1", "reservations": "1", "records": "1"}
    assert not [secret for secret in ("555", "Ada") if secret in answer.text]


async def test_what_is_known_of_a_person_goes(api: Api) -> None:
    session = await api.reserve(_phone_number="415 555 0123", name="Ada")
    rehearsed = await forget(api, CALLER, dry_run="true")
    assert {kind: count for kind, count in rehearsed.items() if count != "0"} == {
        "sessions": "1",
        "reservations": "1",
        "records": "1",
    }
    assert (await api.get(f"/storage/{session['_data_id']}")).status_code == 200
    assert await forget(api, CALLER) == rehearsed
    assert (await api.get(f"/storage/{session['_data_id']}")).status_code == 404
    assert (await api.get(f"/service/{session['_id']}")).status_code == 404
    assert set((await forget(api, CALLER)).values()) == {"0"}


async def test_of_nobody_in_particular_nothing_is_known(api: Api) -> None:
    await api.reserve()
    assert set((await forget(api, "anonymous")).values()) == {"0"}
