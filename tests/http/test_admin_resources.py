"""The administration of resource groups: numbers are added, refused and drained."""

from urllib.parse import quote

import pytest

from .api import BOOKING, COOLDOWN, GRACE, NUMBERS, SHARED, Api, body, fault

pytestmark = pytest.mark.anyio

DNIS = "/admin/resources/DNIS"


async def add(api: Api, group: str, *numbers: str) -> None:
    body(await api.post(f"/admin/resources/{group}/numbers", json={"numbers": numbers}))


def number(group: str, text: str) -> str:
    return f"/admin/resources/{group}/numbers/{quote(text, safe='')}"


async def drain(api: Api, group: str, text: str) -> None:
    body(await api.delete(number(group, text)))


async def texts(api: Api, group: str) -> dict[str, str]:
    """The numbers of a group, and whether each drains."""
    numbers = body(await api.get(f"/admin/resources/{group}"))["numbers"]
    return {each["number"]: each["draining"] for each in numbers}


async def test_groups_are_listed_with_the_state_of_their_numbers(api: Api) -> None:
    await api.reserve()
    groups = {each["group"]: each for each in body(await api.get("/admin/resources"))["groups"]}
    assert groups["DNIS"] == {
        "group": "DNIS",
        "strategy": "CLUSTER",
        "total": "3",
        "free": "2",
        "reserved": "1",
        "cooling": "0",
    }
    assert groups["SHARED"] == {"group": "SHARED", "strategy": "ROUND_ROBIN", "total": "1"}
    assert groups["EMPTY"]["total"] == "0"


async def test_one_group_is_shown_with_its_numbers(api: Api) -> None:
    assert await texts(api, "DNIS") == dict.fromkeys(NUMBERS, "false")
    assert "NOWHERE" in fault(await api.get("/admin/resources/NOWHERE"), 400, "UnknownResourceGroup")


async def test_a_pool_cools_and_is_free_again(api: Api) -> None:
    await api.reserve()
    api.clock.advance(BOOKING)
    assert await api.pool() == {"free": "2", "reserved": "0", "cooling": "1"}
    api.clock.advance(COOLDOWN)
    assert await api.pool() == {"free": "3", "reserved": "0", "cooling": "0"}


async def test_an_added_number_is_given_out_at_once(api: Api) -> None:
    await add(api, "EMPTY", "+1 800 555 0170")
    session = await api.reserve(_resource_group="EMPTY")
    assert session["_access_number"] == "+1 800 555 0170"
    assert body(await api.match("18005550170"))["_id"] == session["_id"]


async def test_numbers_that_the_group_has_already_stay_as_they_are(api: Api) -> None:
    await add(api, "DNIS", "8005550100", NUMBERS[1])
    assert await texts(api, "DNIS") == dict.fromkeys(NUMBERS, "false")


@pytest.mark.parametrize("spelling", [SHARED, "8005550190", "tel:+18005550190", "011 1 800 555 0190"])
async def test_another_group_s_number_is_refused_with_the_owner_s_name(api: Api, spelling: str) -> None:
    refused = await api.post(f"{DNIS}/numbers", json={"numbers": ["+1 800 555 0111", spelling]})
    assert "SHARED" in fault(refused, 400, "InvalidConfiguration")
    assert await texts(api, "DNIS") == dict.fromkeys(NUMBERS, "false"), "nothing half-done"


@pytest.mark.parametrize("text", ["", "  ", "x" * 257, "a\0b"])
async def test_what_is_no_number_is_refused(api: Api, text: str) -> None:
    refused = await api.post(f"{DNIS}/numbers", json={"numbers": [text]})
    assert "DNIS" in fault(refused, 400, "InvalidConfiguration")


async def test_an_idle_number_is_gone_at_once(api: Api) -> None:
    await drain(api, "DNIS", NUMBERS[0])
    assert NUMBERS[0] not in await texts(api, "DNIS")
    assert (await api.reserve())["_access_number"] == NUMBERS[1]


async def test_a_busy_number_drains_and_its_session_ends_normally(api: Api) -> None:
    session = await api.reserve()
    await drain(api, "DNIS", "(800) 555-0100")
    assert (await texts(api, "DNIS"))[NUMBERS[0]] == "true"
    assert [(await api.reserve())["_access_number"] for _ in range(2)] == list(NUMBERS[1:])
    fault(await api.ask("request-interaction"), 503, "NumbersExhausted")
    assert body(await api.match(NUMBERS[0]))["_id"] == session["_id"]
    await api.engine.sweeper.sweep()
    assert NUMBERS[0] not in await texts(api, "DNIS")


async def test_a_draining_number_s_reservation_is_not_renewed_by_request_access(api: Api) -> None:
    session = await api.reserve()
    await drain(api, "DNIS", NUMBERS[0])
    assert body(await api.access(_id=session["_id"]))["_access_number"] == NUMBERS[1]


async def test_a_draining_number_is_taken_back_by_adding_it(api: Api) -> None:
    await api.reserve()
    await drain(api, "DNIS", NUMBERS[0])
    await add(api, "DNIS", NUMBERS[0])
    assert (await texts(api, "DNIS"))[NUMBERS[0]] == "false"


async def test_a_draining_number_still_belongs_to_its_group(api: Api) -> None:
    await api.reserve()
    await drain(api, "DNIS", NUMBERS[0])
    refused = await api.post("/admin/resources/EMPTY/numbers", json={"numbers": [NUMBERS[0]]})
    message = fault(refused, 400, "InvalidConfiguration")
    assert "DNIS" in message
    assert "drains" in message


async def test_a_drained_number_may_move_to_another_group(api: Api) -> None:
    await drain(api, "DNIS", NUMBERS[0])
    await add(api, "EMPTY", NUMBERS[0])
    assert (await api.reserve(_resource_group="EMPTY"))["_access_number"] == NUMBERS[0]


async def test_unknown_numbers_and_groups_are_named(api: Api) -> None:
    assert "+18005559999" in fault(await api.delete(number("DNIS", "+18005559999")), 404, "UnknownOption")
    fault(await api.delete(number("DNIS", GRACE)), 404, "UnknownOption")
    fault(await api.delete(number("NOWHERE", GRACE)), 400, "UnknownResourceGroup")
    refused = await api.post("/admin/resources/NOWHERE/numbers", json={"numbers": [GRACE]})
    assert "NOWHERE" in fault(refused, 400, "UnknownResourceGroup")


@pytest.mark.parametrize("content", [{}, {"numbers": "x"}, {"numbers": [1]}, []])
async def test_a_list_of_numbers_that_is_none_is_malformed(api: Api, content: object) -> None:
    fault(await api.post(f"{DNIS}/numbers", json=content), 400, "MalformedBody")


async def test_a_draining_number_is_still_called_by_its_alias(api: Api) -> None:
    await api.configure("resources.DNIS", _aliases=f"4711={NUMBERS[0]}")
    session = await api.reserve()
    await drain(api, "DNIS", NUMBERS[0])
    assert body(await api.match("4711"))["_id"] == session["_id"]


async def test_an_alias_whose_number_has_gone_stops_nothing(api: Api) -> None:
    """The number goes by itself; the alias is told about, and keeps nobody from starting or changing things."""
    await api.configure("resources.DNIS", _aliases=f"4711={NUMBERS[0]}")
    await drain(api, "DNIS", NUMBERS[0])
    await api.engine.sweeper.sweep()
    assert NUMBERS[0] not in await texts(api, "DNIS")
    await api.engine.keeper.load()
    await api.configure("server", max_ttl="100")
    fault(await api.match("4711"), 404, "NoMatch")
    wrong = {"_aliases": "4712=+1 800 555 0999"}
    refused = await api.send("PATCH", "/admin/options/resources.DNIS", json=wrong)
    fault(refused, 400, "InvalidConfiguration")


async def test_a_strategy_changes_under_running_sessions(api: Api) -> None:
    first = await api.reserve()
    await api.configure("resources.DNIS", _allocation_strategy="ROUND_ROBIN")
    second = await api.reserve(_provide_code="true")
    assert second["_access_number"] != first["_access_number"], "an exclusive session keeps its number"
    assert body(await api.match(first["_access_number"]))["_id"] == first["_id"]
