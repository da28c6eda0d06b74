"""Callbacks as time goes by and as their charts end: each test has a server of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matchline.clock import instant_of, moment
from tests.callback.office import MONDAY, ROOM, TEN, Office, office
from tests.http.api import body, fault

pytestmark = pytest.mark.anyio

DAY_SECONDS = 86_400
LOOK_SECONDS = 0.02


@pytest.fixture(name="api")
async def _api(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as api:
        yield api


async def test_outside_office_hours_none_begins_at_once(api: Office) -> None:
    api.clock.advance(9 * 3600)
    fault(await api.book(), 400, "CallbackExceptionAvailability")
    await api.booked(None, service="whenever")


async def test_another_time(api: Office) -> None:
    session = await api.booked(TEN)
    answer = body(await api.move(session, "2026-11-30T11:00:00+01:00", topic="a lamp"))
    later = "2026-11-30T10:00:00Z"
    assert answer == {"_id": session["_id"], "_desired_time": later}
    (found,) = await api.found(_id=session["_id"])
    assert (found["_desired_time"], found["_expiration_time"]) == (later, "2026-12-01T10:00:00Z")
    told = await api.answer(session, "tell")
    assert told == {"name": "callback.rescheduled", "data": {"_desired_time": later, "topic": "a lamp"}}
    api.clock.advance(6 * DAY_SECONDS)
    assert await api.state(session) == "SCHEDULED"


@pytest.mark.parametrize(("request_", "reason"), [("end", None), ("loop", "FAILED")])
async def test_where_a_chart_ends_its_callback_is_completed(
    api: Office, request_: str, reason: str | None
) -> None:
    await api.configure("service.call-back", _response_timeout="0")
    await api.configure("server", scxml_microsteps="100")
    session = body(await api.book(TEN))
    await api.request(session, request_)
    while (found := (await api.found(_id=session["_id"]))[0])["_callback_state"] != "COMPLETED":  # noqa: ASYNC110 - it is told by HTTP only
        await asyncio.sleep(LOOK_SECONDS)
    assert found.get("_callback_reason") == reason
    assert (await api.free(start=TEN))[TEN] == str(ROOM)


async def test_office_hours_are_told(api: Office) -> None:
    told = body(await api.get("/service/hours", params={"number-of-days": "3"}))
    day = ["09:00-17:00"]
    assert told["open"] == "true"
    assert told["hours"] == {"2026-11-23": day, "2026-11-24": day, "2026-11-25": [], "2026-11-26": day}
    api.clock.advance(8 * 3600)
    assert body(await api.get("/service/hours"))["open"] == "false"


async def test_a_callback_lives_until_its_time_however_far_that_is(api: Office) -> None:
    far = moment(instant_of(MONDAY) + 300 * DAY_SECONDS * 1000)
    session = await api.booked(far, service="whenever")
    api.clock.advance(300 * DAY_SECONDS)
    assert await api.state(session) == "SCHEDULED"
