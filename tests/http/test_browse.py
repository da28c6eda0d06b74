"""Administrators look at live sessions, release and end them by hand, and see how resource groups fared."""

from typing import Any

import pytest

from matchline.clock import SECOND
from matchline.kept.history import MINUTE

from .api import BOOKING, CALLER, COOLDOWN, NUMBERS, STRANGER, Api, body, fault

pytestmark = pytest.mark.anyio

ENDED_LONG_AGO = "69a3c08d" + "x" * 22


async def sessions(api: Api, **wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = body(await api.get("/admin/sessions", params=wanted))["sessions"]
    return found


async def ids(api: Api, **wanted: str) -> list[str]:
    return [each["_id"] for each in await sessions(api, **wanted)]


async def life(api: Api, session: dict[str, Any]) -> dict[str, Any]:
    return body(await api.get(f"/admin/sessions/{session['_id']}"))


async def audit(api: Api) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = body(await api.get("/admin/audit"))["entries"]
    return entries


async def test_a_live_session_is_shown_without_its_secrets(api: Api) -> None:
    session = await api.reserve(_phone_number=CALLER, _provide_code="true", _ttl="60")
    (found,) = await sessions(api)
    assert found == {
        "_id": session["_id"],
        "service": "request-interaction",
        "state": "held",
        "seconds_left": "60",
        "phone": "…23",
        "group": "DNIS",
        "_access_number": NUMBERS[0],
        "held_for_seconds": str(BOOKING),
    }


async def test_a_callers_number_is_shown_when_that_is_permitted(api: Api) -> None:
    await api.configure("server", call_log_whole_callers="true")
    await api.reserve(_phone_number=CALLER)
    assert [each["phone"] for each in await sessions(api)] == [CALLER]


async def test_sessions_are_found_by_what_is_known_of_them(api: Api) -> None:
    first = (await api.reserve(_phone_number=CALLER))["_id"]
    api.clock.advance(1)
    second = (await api.reserve(_phone_number=STRANGER, _ttl="600"))["_id"]
    await api.match(NUMBERS[1], _phone_number=STRANGER)
    for wanted, expected in (
        ({}, [second, first]),
        ({"number": "1-800-555-0100"}, [first]),
        ({"number": "+4930123456"}, []),
        ({"phone": "(415) 555-0199"}, [second]),
        ({"phone": "+4930123456"}, []),
        ({"state": "matched"}, [second]),
        ({"state": "held", "service": "request-interaction"}, [first]),
        ({"service": "another"}, []),
        ({"id": first}, [first]),
        ({"id": first[:9]}, [first]),
    ):
        assert await ids(api, **wanted) == expected, wanted
    fault(await api.get("/admin/sessions", params={"state": "asleep"}), 400, "BadParameter")


async def test_pages_of_sessions_follow_each_other(api: Api) -> None:
    reserved = [(await api.reserve(_resource_group="SHARED"))["_id"] for _ in range(5)]
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = body(await api.get("/admin/sessions", params={"limit": "2", **after}))
        found += [each["_id"] for each in page["sessions"]]
        if "next" not in page:
            break
        after = {"after": page["next"]}
    assert found == sorted(reserved, reverse=True)


async def test_a_session_is_told_with_its_data_events_and_calls(api: Api) -> None:
    await api.configure("events", types="*")
    session = await api.reserve(_phone_number=CALLER, customer="Ada")
    api.clock.advance(3)
    await api.match(NUMBERS[0], _phone_number=CALLER)
    told = await life(api, session)
    assert (told["live"], told["complete"]) == ("true", "true")
    assert (told["session"]["state"], told["data"]) == ("matched", {"customer": "Ada"})
    assert [each["type"] for each in told["events"]] == ["reserved", "matched"]
    assert [(each["verdict"], each["seconds_ago"]) for each in told["calls"]] == [("matched", "0")]


async def test_of_a_session_that_has_ended_the_past_is_told(api: Api) -> None:
    session = await api.reserve()
    await api.match(NUMBERS[0])
    await api.delete(f"/service/{session['_id']}")
    told = await life(api, session)
    assert (told["live"], "session" in told, "data" in told) == ("false", False, False)
    assert [each["verdict"] for each in told["calls"]] == ["matched"]
    fault(await api.get(f"/admin/sessions/{ENDED_LONG_AGO}"), 404, "UnknownSession")


async def test_a_reservation_is_released_by_hand(api: Api) -> None:
    session = await api.reserve()
    address = f"/admin/sessions/{session['_id']}/release"
    body(await api.post(address))
    assert [each["state"] for each in await sessions(api)] == ["released"]
    assert (await api.pool())["cooling"] == "1"
    api.clock.advance(COOLDOWN)
    assert (await api.pool())["cooling"] == "0"
    fault(await api.match(NUMBERS[0]), 404, "NoMatch")
    fault(await api.post(address), 409, "NotReserved")
    (entry,) = (each for each in await audit(api) if each["what"] == "reservation released by hand")
    assert entry["before"] == {f"session {session['_id']}": f"DNIS {NUMBERS[0]}"}


async def test_a_session_is_ended_by_hand(api: Api) -> None:
    session = await api.reserve()
    address = f"/admin/sessions/{session['_id']}/end"
    body(await api.post(address))
    assert await sessions(api) == []
    fault(await api.post(address), 404, "UnknownSession")
    (entry,) = (each for each in await audit(api) if each["what"] == "session ended by hand")
    assert entry["before"] == {f"session {session['_id']}": "request-interaction"}


async def test_a_groups_history_is_told_minute_by_minute(api: Api) -> None:
    api.clock.advance((MINUTE - api.clock.now() % MINUTE) / SECOND)
    for _ in range(len(NUMBERS)):
        await api.reserve()
    fault(await api.ask("request-interaction"), 503, "NumbersExhausted")
    await api.reserve(_resource_group="SHARED")
    api.clock.advance(1)
    await api.match(NUMBERS[0])
    api.clock.advance(59)
    await api.engine.historian.note()
    api.clock.advance(60)
    await api.engine.historian.note()
    first, second = body(await api.get("/admin/resources/DNIS/history"))["samples"]
    levels = {"free": "3", "held": "0", "cooling": "0"}
    assert first == {"time": first["time"], **levels, "reserved": "3", "exhausted": "1"}
    assert (second["reserved"], second["exhausted"]) == ("0", "0")
    shared = body(await api.get("/admin/resources/SHARED/history?hours=1"))["samples"]
    assert [(each.get("held"), each["reserved"], "free" in each) for each in shared][:1] == [
        ("1", "1", False)
    ]
    fault(await api.get("/admin/resources/nothing/history"), 400, "UnknownResourceGroup")


async def test_history_is_kept_for_two_days(api: Api) -> None:
    await api.reserve()
    await api.engine.historian.note()
    for hours in (47, 2):
        api.clock.advance(hours * 3600)
        await api.engine.historian.note()
    samples = body(await api.get("/admin/resources/DNIS/history?hours=48"))["samples"]
    assert len(samples) == 2
