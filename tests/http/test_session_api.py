"""A running session: looked at, ended, updated and renewed; its data by key."""

from urllib.parse import quote

import pytest

from matchline.model import Record
from matchline.principal import Principal

from .api import BOOKING, COOLDOWN, Api, body, fault

pytestmark = pytest.mark.anyio

KEYS = ["a/b/c", "/leading", "trailing/", "Straße", "名前", "🙂", "a b+c", "100%", "?q=1&r", "#top", "a;b"]


async def test_a_waiting_session_tells_its_reservation(api: Api) -> None:
    session = await api.reserve(_provide_code="true", _ttl="100")
    api.clock.advance(10.5)
    assert body(await api.get(f"/service/{session['_id']}")) == {
        "_id": session["_id"],
        "_service": "request-interaction",
        "_data_id": session["_data_id"],
        "_state": "waiting",
        "_ttl_left": "90",
        "_access_number": session["_access_number"],
        "_access_code": session["_access_code"],
        "_expiration_time": "20",
    }


async def test_a_session_whose_reservation_is_over_tells_none(api: Api) -> None:
    session = await api.reserve(_provide_code="true", _ttl="100")
    api.clock.advance(BOOKING)
    answer = body(await api.get(f"/service/{session['_id']}"))
    assert set(answer) == {"_id", "_service", "_data_id", "_state", "_ttl_left"}


async def test_an_unknown_session_is_not_found_by_any_call(api: Api) -> None:
    fault(await api.get("/service/nobody"), 404, "UnknownSession")
    fault(await api.delete("/service/nobody"), 404, "UnknownSession")
    fault(await api.get("/service/nobody/storage"), 404, "UnknownSession")
    fault(await api.post("/service/nobody/storage", data={"a": "1"}), 404, "UnknownSession")
    fault(await api.get("/service/nobody/storage/a"), 404, "UnknownSession")
    fault(await api.get("/service/nobody/storage/binary/a"), 404, "UnknownSession")
    fault(await api.delete("/service/nobody/storage/a"), 404, "UnknownSession")
    fault(await api.post("/service/nobody/renew"), 404, "UnknownSession")


async def test_ending_a_session_releases_its_number_and_deletes_its_data(api: Api) -> None:
    session = await api.reserve(customer="Ada", _ttl="600")
    assert body(await api.delete(f"/service/{session['_id']}")) == {"_id": session["_id"]}
    assert await api.pool() == {"free": "2", "reserved": "0", "cooling": "1"}
    fault(await api.get(f"/service/{session['_id']}"), 404, "UnknownSession")
    fault(await api.get(f"/storage/{session['_data_id']}"), 404, "UnknownRecord")
    fault(await api.match(session["_access_number"]), 404, "NoMatch")
    fault(await api.delete(f"/service/{session['_id']}"), 404, "UnknownSession")
    api.clock.advance(COOLDOWN)
    assert (await api.pool())["free"] == "3"


# Data


async def test_the_data_is_a_flat_map_of_strings(api: Api) -> None:
    given = {"name": "Ada", "count": 3, "vip": True, "tags": ["a", {"b": None}], "nothing": None}
    session = body(await api.post("/service/request-interaction", json=given))
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {
        "name": "Ada",
        "count": "3",
        "vip": "true",
        "tags": '["a",{"b":null}]',
        "nothing": "null",
    }


async def test_keys_are_merged_into_the_data(api: Api) -> None:
    session = await api.reserve(kept="1", changed="1")
    merged = await api.post(f"/service/{session['_id']}/storage", data={"changed": "2", "new": "3"})
    assert body(merged) == {"_id": session["_id"]}
    data = {"kept": "1", "changed": "2", "new": "3"}
    assert body(await api.get(f"/service/{session['_id']}/storage")) == data
    assert body(await api.get(f"/storage/{session['_data_id']}")) == data


@pytest.mark.parametrize("key", KEYS)
async def test_a_value_is_read_and_removed_by_its_key(api: Api, key: str) -> None:
    session = body(await api.post("/service/request-interaction", json={key: "värde", "other": "x"}))
    address = f"/service/{session['_id']}/storage/{quote(key, safe='')}"
    answer = await api.get(address)
    assert (answer.status_code, answer.text) == (200, "värde")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert body(await api.delete(address)) == {"_id": session["_id"]}
    fault(await api.get(address), 404, "UnknownKey")
    fault(await api.delete(address), 404, "UnknownKey")
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {"other": "x"}


async def test_slashes_in_a_key_need_no_encoding(api: Api) -> None:
    session = body(await api.post("/service/request-interaction", json={"a/b/c": "1"}))
    assert (await api.get(f"/service/{session['_id']}/storage/a/b/c")).text == "1"


async def test_a_missing_key_is_named(api: Api) -> None:
    session = await api.reserve()
    assert "basket" in fault(await api.get(f"/service/{session['_id']}/storage/basket"), 404, "UnknownKey")


@pytest.mark.parametrize("key", ["photo", "shots/1", "Straße"])
async def test_a_file_comes_back_as_bytes_and_shows_as_their_address(api: Api, key: str) -> None:
    photo = bytes(range(256))
    session = body(
        await api.post("/service/request-interaction", files={key: ("me.png", photo, "image/png")})
    )
    storage = f"/service/{session['_id']}/storage"
    raw = await api.get(f"{storage}/binary/{quote(key)}")
    assert (raw.content, raw.headers["content-type"]) == (photo, "image/png")
    assert raw.headers["content-disposition"] == "attachment"
    assert raw.headers["x-content-type-options"] == "nosniff"
    address = body(await api.get(storage))[key]
    assert (await api.get(address)).content == photo
    assert (await api.get(f"{storage}/{quote(key)}")).text == address


async def test_the_bytes_of_a_string_are_its_utf_8(api: Api) -> None:
    session = await api.reserve(name="Zoë")
    raw = await api.get(f"/service/{session['_id']}/storage/binary/name")
    assert (raw.content, raw.headers["content-type"]) == ("Zoë".encode(), "text/plain; charset=utf-8")


async def test_a_session_whose_record_was_deleted_has_no_data(api: Api) -> None:
    session = await api.reserve(customer="Ada")
    body(await api.delete(f"/storage/{session['_data_id']}"))
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {}
    fault(await api.get(f"/service/{session['_id']}/storage/customer"), 404, "UnknownKey")
    fault(await api.post(f"/service/{session['_id']}/storage", data={"a": "1"}), 404, "UnknownRecord")
    answer = body(await api.match(session["_access_number"], _return_user_data="true"))
    assert (answer["_id"], answer["user_data"]) == (session["_id"], {})


# Requests to it


async def test_update_merges_user_data(api: Api) -> None:
    session = await api.reserve(kept="1")
    assert body(await api.post(f"/service/{session['_id']}/update", json={"new": "2", "_x": "3"})) == {
        "_id": session["_id"]
    }
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {"kept": "1", "new": "2"}


async def test_renew_begins_reservation_and_life_again(api: Api) -> None:
    session = await api.reserve(
        _ttl="100", _booking_expiration_timeout="40", _provide_code="true", customer="Ada"
    )
    api.clock.advance(39)
    answer = body(await api.post(f"/service/{session['_id']}/renew"))
    same = ("_id", "_access_number", "_access_code", "_expiration_time", "_tel_url")
    assert answer == {name: session[name] for name in same}
    api.clock.advance(39.999)
    assert body(await api.get(f"/service/{session['_id']}"))["_ttl_left"] == "61"
    assert body(await api.get(f"/storage/{session['_data_id']}")) == {"customer": "Ada"}
    assert body(await api.match(answer["_access_number"]))["_id"] == session["_id"]


async def test_renew_answers_get_too(api: Api) -> None:
    session = await api.reserve()
    assert body(await api.get(f"/service/{session['_id']}/renew"))["_id"] == session["_id"]


@pytest.mark.parametrize("end", ["matched", "expired"])
async def test_a_session_without_a_live_reservation_cannot_be_renewed(api: Api, end: str) -> None:
    session = await api.reserve(_ttl="600")
    if end == "matched":
        body(await api.match(session["_access_number"]))
    else:
        api.clock.advance(BOOKING)
    fault(await api.post(f"/service/{session['_id']}/renew"), 409, "NotReserved")


async def test_an_unknown_request_is_named(api: Api) -> None:
    session = await api.reserve()
    asked = await api.post(f"/service/{session['_id']}/check-queue-position")
    assert "check-queue-position" in fault(asked, 404, "UnknownRequest")


async def test_data_of_a_session_that_ends_meanwhile_is_not_called_empty(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await api.reserve(name="Ada")
    read = api.engine.records.get

    async def after_the_end(record_id: str, by: Principal) -> Record:
        await api.engine.reservations.end(session["_id"], by)
        return await read(record_id, by)

    monkeypatch.setattr(api.engine.records, "get", after_the_end)
    fault(await api.get(f"/service/{session['_id']}/storage"), 404, "UnknownSession")
