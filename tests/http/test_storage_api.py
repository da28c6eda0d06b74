"""The Storage API: data with a time to live, under our ids or the client's own."""

import pytest

from .api import Api, body, fault

pytestmark = pytest.mark.anyio

ADA, BOB = {"gms_user": "ada"}, {"gms_user": "bob"}


async def test_stored_data_comes_back_under_its_id(api: Api) -> None:
    answer = body(await api.post("/storage/60", data={"a": "1", "b": ""}))
    assert set(answer) == {"id"}
    assert body(await api.get(f"/storage/{answer['id']}")) == {"a": "1", "b": ""}


async def test_nothing_at_all_may_be_stored(api: Api) -> None:
    record = body(await api.post("/storage/60"))["id"]
    assert body(await api.get(f"/storage/{record}")) == {}


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [
        *[("1", 1), ("60", 60), ("0.5", 0.5), ("86400", 86_400)],
        *[("0", 30), ("-5", 30), ("soon", 30), ("NaN", 30), ("-Infinity", 30), ("%20", 30), ("60s", 30)],
        *[("86401", 86_400), ("1e300", 86_400), ("Infinity", 86_400), ("9" * 400, 86_400)],
    ],
)
async def test_the_ttl_is_in_seconds_and_30_when_it_is_no_positive_number(
    api: Api, ttl: str, seconds: float
) -> None:
    record = await api.store({"a": "1"}, ttl)
    api.clock.advance(seconds - 0.001)
    assert body(await api.get(f"/storage/{record}")) == {"a": "1"}
    api.clock.advance(0.001)
    fault(await api.get(f"/storage/{record}"), 404, "UnknownRecord")


async def test_max_ttl_limits_the_life_of_data(api: Api) -> None:
    await api.configure("server", max_ttl="100")
    record = await api.store({"a": "1"}, "1000")
    api.clock.advance(100)
    fault(await api.get(f"/storage/{record}"), 404, "UnknownRecord")


async def test_keys_are_merged_and_the_time_starts_again(api: Api) -> None:
    record = await api.store({"kept": "1", "changed": "1"}, "60")
    api.clock.advance(50)
    assert body(await api.post(f"/storage/{record}/100", data={"changed": "2", "new": "3"})) == {"id": record}
    api.clock.advance(99.999)
    assert body(await api.get(f"/storage/{record}")) == {"kept": "1", "changed": "2", "new": "3"}
    api.clock.advance(0.001)
    fault(await api.post(f"/storage/{record}/100", data={"a": "1"}), 404, "UnknownRecord")


async def test_a_time_that_starts_again_may_be_shorter(api: Api) -> None:
    record = await api.store({"a": "1"}, "1000")
    body(await api.post(f"/storage/{record}/10"))
    api.clock.advance(10)
    fault(await api.get(f"/storage/{record}"), 404, "UnknownRecord")


async def test_deleted_data_is_gone(api: Api) -> None:
    record = await api.store({"a": "1"})
    assert body(await api.delete(f"/storage/{record}")) == {"id": record}
    fault(await api.get(f"/storage/{record}"), 404, "UnknownRecord")
    fault(await api.get(f"/storage/{record}/a"), 404, "UnknownRecord")
    fault(await api.delete(f"/storage/{record}"), 404, "UnknownRecord")


async def test_one_value_is_plain_text(api: Api) -> None:
    record = await api.store({"a/b": "<b>Zoë</b>", "empty": ""})
    value = await api.get(f"/storage/{record}/a/b")
    assert (value.text, value.headers["content-type"]) == ("<b>Zoë</b>", "text/plain; charset=utf-8")
    assert (await api.get(f"/storage/{record}/empty")).content == b""
    assert "other" in fault(await api.get(f"/storage/{record}/other"), 404, "UnknownKey")


async def test_names_that_begin_with_an_underscore_are_data_here(api: Api) -> None:
    record = await api.store({"_phone_number": "+1415", "_x": "1"})
    assert body(await api.get(f"/storage/{record}")) == {"_phone_number": "+1415", "_x": "1"}


async def test_a_null_is_kept_as_its_text_under_any_name(api: Api) -> None:
    record = body(await api.post("/storage/60", json={"_x": None, "y": None, "z": "null"}))["id"]
    assert body(await api.get(f"/storage/{record}")) == {"_x": "null", "y": "null", "z": "null"}


# Files


async def test_a_file_is_served_as_an_attachment_that_no_browser_guesses_at(api: Api) -> None:
    page = b"<script>alert(1)</script>"
    record = body(await api.post("/storage/60", files={"page": ("x.html", page, "text/html")}))["id"]
    address = body(await api.get(f"/storage/{record}"))["page"]
    assert address == f"http://matchline.local/genesys/1/storage/binary/{record}/page"
    raw = await api.get(address)
    assert (raw.content, raw.headers["content-type"]) == (page, "text/html")
    assert raw.headers["content-disposition"] == "attachment"
    assert raw.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("content_type", ["", "nonsense", "text/html\x01", "a/b" + "c" * 300])
async def test_a_file_of_a_type_that_is_none_comes_back_as_octets(api: Api, content_type: str) -> None:
    head = f'Content-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: {content_type}\r\n'
    record = await api.post(
        "/storage/60",
        content=f"--b\r\n{head}\r\nx\r\n--b--\r\n".encode(),
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    raw = await api.get(f"/storage/binary/{body(record)['id']}/f")
    assert (raw.content, raw.headers["content-type"]) == (b"x", "application/octet-stream")


async def test_files_and_strings_come_in_one_request(api: Api) -> None:
    both = await api.post("/storage/60", data={"a": "1"}, files={"f": ("f", b"\x00\xff", "image/png")})
    record = body(both)["id"]
    assert (await api.get(f"/storage/{record}/a")).text == "1"
    assert (await api.get(f"/storage/binary/{record}/f")).content == b"\x00\xff"


async def test_only_the_allowed_types_of_files_are_accepted_where_configured(api: Api) -> None:
    types = {"allow-file-control": "true", "allowed-mime-types": "image/png, image/jpeg"}
    body(await api.send("PATCH", "/admin/options/storage", json=types))
    body(await api.post("/storage/60", files={"f": ("f", b"x", "IMAGE/PNG; q=1")}))
    refused = await api.post("/storage/60", files={"page": ("f", b"x", "text/html")})
    assert "page" in fault(refused, 415, "UnsupportedMediaType")
    body(await api.post("/storage/60", data={"a": "strings are no files"}))


# The client's own ids


async def test_data_is_created_and_overwritten_under_the_clients_own_id(api: Api) -> None:
    for data in ({"a": "1", "b": "2"}, {"a": "3"}):
        assert body(await api.post("/storage/custom/basket/60", data=data, headers=ADA)) == {"id": "basket"}
        assert body(await api.get("/storage/custom/basket", headers=ADA)) == data


async def test_an_id_of_ones_own_needs_the_user(api: Api) -> None:
    for missing in ({}, {"gms_user": ""}):
        for method, path in (("POST", "/basket/60"), ("GET", "/basket"), ("DELETE", "/basket")):
            refused = await api.send(method, f"/storage/custom{path}", headers=missing)
            assert "gms_user" in fault(refused, 400, "BadParameter")


async def test_another_users_id_is_not_found_and_stays_as_it_is(api: Api) -> None:
    body(await api.post("/storage/custom/basket/60", data={"a": "1"}, headers=ADA))
    fault(await api.get("/storage/custom/basket", headers=BOB), 404, "UnknownRecord")
    fault(await api.delete("/storage/custom/basket", headers=BOB), 404, "UnknownRecord")
    fault(await api.post("/storage/custom/basket/60", data={"a": "2"}, headers=BOB), 404, "UnknownRecord")
    fault(await api.get("/storage/basket"), 404, "UnknownRecord")
    fault(await api.get("/storage/basket/a"), 404, "UnknownRecord")
    fault(await api.post("/storage/basket/60", data={"a": "2"}), 404, "UnknownRecord")
    fault(await api.delete("/storage/basket"), 404, "UnknownRecord")
    assert body(await api.get("/storage/custom/basket", headers=ADA)) == {"a": "1"}


async def test_a_session_s_data_cannot_be_taken_over_as_a_custom_id(api: Api) -> None:
    session = await api.reserve(customer="Ada")
    taken = f"/storage/custom/{session['_data_id']}"
    fault(await api.post(f"{taken}/60", data={"a": "1"}, headers=BOB), 404, "UnknownRecord")
    fault(await api.get(taken, headers=BOB), 404, "UnknownRecord")


async def test_ids_of_ones_own_end_with_their_time_or_deletion(api: Api) -> None:
    body(await api.post("/storage/custom/basket/nonsense", data={"a": "1"}, headers=ADA))
    api.clock.advance(30)
    fault(await api.get("/storage/custom/basket", headers=ADA), 404, "UnknownRecord")
    body(await api.post("/storage/custom/basket/60", data={"a": "2"}, headers=BOB))
    assert body(await api.delete("/storage/custom/basket", headers=BOB)) == {"id": "basket"}
    fault(await api.get("/storage/custom/basket", headers=BOB), 404, "UnknownRecord")


async def test_a_file_under_an_id_of_ones_own_is_read_by_its_user_only(api: Api) -> None:
    sent = {"photo": ("me.png", b"\x89PNG", "image/png")}
    body(await api.post("/storage/custom/basket/60", files=sent, headers=ADA))
    address = body(await api.get("/storage/custom/basket", headers=ADA))["photo"]
    assert (await api.get(address, headers=ADA)).content == b"\x89PNG"
    fault(await api.get(address, headers=BOB), 404, "UnknownRecord")
    fault(await api.get(address), 404, "UnknownRecord")


@pytest.mark.parametrize("custom_id", ["x" * 257, "a%00b", "a%ffb"])
async def test_an_unreasonable_id_is_refused_by_name(api: Api, custom_id: str) -> None:
    refused = await api.post(f"/storage/custom/{custom_id}/60", headers=ADA)
    assert "customId" in fault(refused, 400, "BadParameter")


# The record of a session


async def test_a_session_s_data_is_a_record_like_any_other(api: Api) -> None:
    session = await api.reserve(customer="Ada", _ttl="600")
    body(await api.post(f"/storage/{session['_data_id']}/60", data={"basket": "3"}))
    data = {"customer": "Ada", "basket": "3"}
    assert body(await api.get(f"/service/{session['_id']}/storage")) == data


async def test_retiming_the_record_does_not_end_the_session(api: Api) -> None:
    session = await api.reserve(customer="Ada", _ttl="600")
    body(await api.post(f"/storage/{session['_data_id']}/5"))
    api.clock.advance(5)
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {}
    assert body(await api.match(session["_access_number"]))["_id"] == session["_id"]
