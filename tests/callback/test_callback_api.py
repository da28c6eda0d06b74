"""Callbacks by HTTP: booked, given another time, cancelled, looked for, and followed as their charts say."""

from collections.abc import AsyncIterator

import pytest

from matchline.kept.callback import CallbackState
from tests.callback.office import ELEVEN, MONDAY, ROOM, TEN, TWELVE, Office, office
from tests.http.api import CALLER, STRANGER, body, fault

pytestmark = pytest.mark.anyio

TUESDAY = "2026-11-24T09:30:00Z"
EVENING, CLOSED = "2026-11-23T18:00:00Z", "2026-11-25T10:00:00Z"


@pytest.fixture(scope="module", name="whole")
async def _whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with office(tmp_path_factory.mktemp("charts")) as api:
        yield api


@pytest.fixture(name="api")
async def _api(whole: Office) -> AsyncIterator[Office]:
    """No test leaves a callback to the next."""
    yield whole
    for state in CallbackState:
        for each in await whole.found(_callback_state=state):
            await whole.delete(f"/service/{each['_id']}")


async def test_a_callback_is_booked_and_found(api: Office) -> None:
    session = await api.booked(TUESDAY, customer="Ada")
    assert session["when"] == TUESDAY
    (found,) = await api.found(_id=session["_id"])
    assert found == {
        "_id": session["_id"],
        "_service_name": "call-back",
        "_customer_number": CALLER,
        "_callback_state": "SCHEDULED",
        "_desired_time": TUESDAY,
        "_expiration_time": "2026-11-25T09:30:00Z",
        "_url": f"http://matchline.local/genesys/1/service/callback/call-back/{session['_id']}",
    }
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {"customer": "Ada"}


async def test_a_callback_at_once_takes_up_no_slot(api: Office) -> None:
    session = await api.booked()
    assert (session["when"], await api.state(session)) == ("at once", "QUEUED")
    (found,) = await api.found(_callback_state="QUEUED")
    assert found["_desired_time"] == MONDAY
    assert (await api.free())[MONDAY] == str(ROOM)


async def test_callbacks_are_looked_for(api: Office) -> None:
    first = await api.booked(TUESDAY)
    second = await api.booked(None)
    other = await api.booked(TUESDAY, _customer_number=STRANGER)
    ids = {first["_id"], second["_id"]}
    assert {each["_id"] for each in await api.found(_customer_number="(415) 555-0123")} == ids
    scheduled = await api.found("call-back", _callback_state="SCHEDULED", operand="AND")
    assert {each["_id"] for each in scheduled} == {other["_id"], first["_id"]}
    assert len(await api.found()) == len(await api.found("call-back")) == 3
    assert await api.found("sales") == []
    assert await api.found("sales", _customer_number=CALLER) == []
    assert await api.found(_customer_number=STRANGER, _callback_state="QUEUED") == []
    for wanted, name in (
        ({"_callback_state": "LOST"}, "_callback_state"),
        ({"_customer_number": "anonymous"}, "_customer_number"),
        ({"_id": "x", "operand": "OR"}, "operand"),
    ):
        assert name in fault(await api.get("/service/callback", params=wanted), 400, "BadParameter")


async def test_a_full_slot_is_refused_with_the_nearest_that_are_free(api: Office) -> None:
    for _ in range(ROOM):
        await api.booked("2026-11-23T10:20:00Z")
    answer = await api.book("2026-11-23T10:40:00Z")
    assert "its slot is full" in fault(answer, 400, "CallbackExceptionAvailability")
    nearest = answer.json()["availability"]
    assert list(nearest.items())[:3] == [
        ("2026-11-23T08:00:00Z", "2"),
        ("2026-11-23T09:00:00Z", "2"),
        (ELEVEN, "1"),
    ]
    assert TEN not in nearest
    assert len(nearest) == 10
    await api.booked(ELEVEN)
    fault(await api.book(ELEVEN, "sales"), 400, "CallbackExceptionAvailability")


@pytest.mark.parametrize("when", [EVENING, CLOSED, "2026-12-24T11:30:00Z", "2026-11-28T10:00:00Z"])
async def test_outside_office_hours_none_is_booked(api: Office, when: str) -> None:
    answer = await api.book(when)
    assert "outside office hours" in fault(answer, 400, "CallbackExceptionAvailability")
    assert answer.json()["availability"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"_desired_time": "tomorrow"}, "_desired_time"),
        ({"_desired_time": "2026-11-24T10:00:00"}, "_desired_time"),
        ({"_desired_time": "2026-11-23T07:59:59Z"}, "_desired_time"),
        ({"_desired_time": "2028-11-23T10:00:00Z"}, "_desired_time"),
        ({"_customer_number": ""}, "_customer_number"),
        ({"_customer_number": "anonymous"}, "_customer_number"),
    ],
)
async def test_what_cannot_be_booked(api: Office, fields: dict[str, str], name: str) -> None:
    assert name in fault(await api.book(TUESDAY, **fields), 400, "BadParameter")
    assert await api.found(_callback_state="SCHEDULED") == []


async def test_only_callback_services_have_callbacks(api: Office) -> None:
    for name in ("request-access", "agents", "nothing"):
        fault(await api.book(TUESDAY, name), 404, "UnknownService")
        fault(await api.get(f"/service/callback/{name}/availability"), 404, "UnknownService")
        fault(await api.delete(f"/service/callback/{name}/x"), 404, "UnknownService")


async def test_the_plain_address_books_too(api: Office) -> None:
    session = body(await api.ask("call-back", {"_customer_number": CALLER, "_desired_time": TUESDAY}))
    assert await api.state(session) == "SCHEDULED"


async def test_a_repeated_request_books_once(api: Office) -> None:
    answers = [
        await api.post(
            "/service/callback/whenever",
            data={"_customer_number": CALLER, "_desired_time": TUESDAY},
            headers={"idempotency-key": "once"},
        )
        for _ in range(2)
    ]
    assert body(answers[0])["_id"] == body(answers[1])["_id"]
    fault(await api.book(TUESDAY, "whenever"), 400, "CallbackExceptionAvailability")


async def test_a_time_that_cannot_be_had_changes_nothing(api: Office) -> None:
    session = await api.booked(TEN)
    await api.booked(ELEVEN)
    for to in (ELEVEN, EVENING):
        fault(await api.move(session, to), 400, "CallbackExceptionAvailability")
    for to in ("", "soon", "2026-11-20T10:00:00Z"):
        assert "_new_desired_time" in fault(await api.move(session, to), 400, "BadParameter")
    (found,) = await api.found(_id=session["_id"])
    assert found["_desired_time"] == TEN


async def test_a_cancelled_callback_frees_its_slot(api: Office) -> None:
    session = await api.booked(ELEVEN)
    fault(await api.book(ELEVEN), 400, "CallbackExceptionAvailability")
    assert body(await api.cancel(session)) == {"_id": session["_id"]}
    assert (await api.answer(session, "tell"))["name"] == "callback.cancelled"
    (found,) = await api.found(_id=session["_id"])
    assert (found["_callback_state"], found["_callback_reason"]) == ("COMPLETED", "CANCELLED")
    await api.booked(ELEVEN)


async def test_what_is_no_longer_scheduled_stays(api: Office) -> None:
    session = await api.booked(TEN)
    await api.stand(session, "ROUTING")
    answer = await api.move(session, TWELVE)
    fault(answer, 409, "WrongCallbackState")
    assert answer.json()["_callback_state"] == "ROUTING"
    body(await api.cancel(session))
    fault(await api.cancel(session), 409, "WrongCallbackState")


async def test_of_another_service_or_session_there_is_no_callback(api: Office) -> None:
    session = await api.booked(TEN)
    plain = {"_id": "nobody"}
    for found, service in ((session, "sales"), (plain, "call-back")):
        fault(await api.cancel(found, service), 404, "UnknownCallback")
    fault(await api.move(plain, TWELVE), 404, "UnknownCallback")


async def test_the_chart_says_where_its_callback_stands(api: Office) -> None:
    session = await api.booked(TEN)
    for state in ("QUEUED", "ROUTING", "PROCESSING", "SCHEDULED"):
        await api.stand(session, state)
        assert await api.state(session) == state
    await api.stand(session, "ANYTHING")
    assert await api.state(session) == "SCHEDULED"
    await api.stand(session, "COMPLETED", reason="AGENT")
    (found,) = await api.found(_id=session["_id"])
    assert found["_callback_reason"] == "AGENT"


async def test_free_slots(api: Office) -> None:
    await api.booked("2026-11-23T10:59:00Z")
    hours = {f"2026-11-23T{hour:02}:00:00Z": "2" for hour in range(8, 16)}
    assert await api.free() == {**hours, TEN: "1", ELEVEN: "1"}
    assert await api.free(start="2026-11-23T15:30:00Z", **{"number-of-days": "2", "max-time-slots": "2"}) == {
        "2026-11-24T08:00:00Z": "2",
        "2026-11-24T09:00:00Z": "2",
    }
    assert await api.free(start=CLOSED, end="2026-11-26T08:00:00Z") == {}
    assert len(await api.free("whenever", end="2026-11-23T09:00:00Z")) == 12


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({"start": "today"}, "start"),
        ({"start": "9999-12-31T23:59:59Z"}, "start"),
        ({"end": "2026"}, "end"),
        ({"end": "2029-01-01T00:00:00Z"}, "end"),
        ({"number-of-days": "63"}, "number-of-days"),
        ({"max-time-slots": "0"}, "max-time-slots"),
    ],
)
async def test_a_period_that_is_none(api: Office, wanted: dict[str, str], name: str) -> None:
    answer = await api.get("/service/callback/call-back/availability", params=wanted)
    assert name in fault(answer, 400, "BadParameter")


async def test_capacity_is_told(api: Office) -> None:
    await api.booked(ELEVEN)
    told = body(await api.get("/service/agents", params={"start": TEN, "max-time-slots": "2"}))
    assert told == {TEN: {"capacity": "2", "booked": "0"}, ELEVEN: {"capacity": "1", "booked": "1"}}


async def test_nobody_outside_sends_what_only_the_server_tells(api: Office) -> None:
    session = await api.booked(TEN)
    fault(await api.request(session, "callback.cancelled"), 404, "UnknownRequest")


@pytest.mark.parametrize(
    ("section", "option", "value", "complaint"),
    [
        ("call-back", "_business_hours_service", "agents", "bound to office-hours"),
        ("call-back", "_capacity_service", "none", "bound to capacity"),
        ("call-back", "_service_type", "chat", "must be one of ors, callback"),
        ("call-back", "_ors", "http://ors.example", "no way to tell where a callback stands"),
        ("hours", "_timezone", "Berlin", "an IANA time zone"),
        ("hours", "_regular_hours", "Mon-Fri 9-17", "no hours such as"),
        ("hours", "_exceptions", "Mon 09:00-10:00", "takes dates only"),
        ("agents", "_capacity_hours", "Mon 09:00-10:00", "a number in each entry"),
        ("agents", "_request_time_bucket", "7", "must be one of 5, 10"),
    ],
)
async def test_a_configuration_that_is_none(
    api: Office, section: str, option: str, value: str, complaint: str
) -> None:
    answer = await api.send("PATCH", f"/admin/options/service.{section}", json={option: value})
    assert complaint in fault(answer, 400, "InvalidConfiguration")


async def test_where_charts_run_elsewhere_those_of_callbacks_do_not(api: Office) -> None:
    await api.configure("server", _ors="http://127.0.0.1:9")
    assert (await api.booked(TEN))["when"] == TEN
    answer = await api.send("PATCH", "/admin/options/service.call-back", json={"_service": "none.scxml"})
    assert "is no file in the folder" in fault(answer, 400, "InvalidConfiguration")
    await api.configure("server", _ors="")
