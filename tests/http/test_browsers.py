"""Web pages of other origins, and a server behind a proxy."""

import pytest

from .api import Api, body

pytestmark = pytest.mark.anyio

APP = "https://app.example.com"
PREFLIGHT = {
    "origin": APP,
    "access-control-request-method": "POST",
    "access-control-request-headers": "idempotency-key, content-type",
}


async def test_no_origin_is_allowed_by_default(api: Api) -> None:
    answer = await api.get("/admin/node/status", headers={"origin": APP})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert (await api.send("OPTIONS", "/service/request-interaction", headers=PREFLIGHT)).status_code == 405


async def test_an_allowed_origin_may_ask_and_read_the_answer(api: Api) -> None:
    await api.configure("server", cors_origins=f"https://other.example.com, {APP}")
    asked = await api.send("OPTIONS", "/service/request-interaction", headers=PREFLIGHT)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == APP
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == PREFLIGHT["access-control-request-headers"]
    answer = await api.ask("request-interaction", headers={"origin": APP})
    assert body(answer)
    assert answer.headers["access-control-allow-origin"] == APP
    assert "Origin" in answer.headers["vary"]


async def test_faults_can_be_read_by_an_allowed_origin_too(api: Api) -> None:
    await api.configure("server", cors_origins=APP)
    refused = await api.ask("request-interaction", {"_resource_group": "EMPTY"}, headers={"origin": APP})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (503, APP)
    assert "retry-after" in refused.headers["access-control-expose-headers"].lower()


@pytest.mark.parametrize("origin", ["https://evil.example.com", f"{APP}.evil.com", "null", "*"])
async def test_other_origins_are_told_nothing(api: Api, origin: str) -> None:
    await api.configure("server", cors_origins=APP)
    answer = await api.get("/admin/node/status", headers={"origin": origin})
    assert "access-control-allow-origin" not in answer.headers
    refused = await api.send("OPTIONS", "/service/get", headers={**PREFLIGHT, "origin": origin})
    assert refused.status_code == 405


async def test_a_star_allows_every_origin(api: Api) -> None:
    await api.configure("server", cors_origins="*")
    answer = await api.get("/admin/node/status", headers={"origin": APP})
    assert answer.headers["access-control-allow-origin"] in ("*", APP)


async def test_a_change_of_the_origins_is_in_force_at_once(api: Api) -> None:
    await api.configure("server", cors_origins=APP)
    await api.configure("server", cors_origins=None)
    answer = await api.get("/admin/node/status", headers={"origin": APP})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "public_url", ["https://calls.example.com/match", "https://calls.example.com/match/"]
)
async def test_the_public_url_stands_in_every_absolute_address(api: Api, public_url: str) -> None:
    await api.configure("server", public_url=public_url)
    sent = {"photo": ("f", b"x", "image/png")}
    session = body(await api.post("/service/request-interaction", files=sent))
    expected = f"https://calls.example.com/match/genesys/1/storage/binary/{session['_data_id']}/photo"
    assert body(await api.get(f"/storage/{session['_data_id']}"))["photo"] == expected
    assert (await api.get(f"/storage/{session['_data_id']}/photo")).text == expected
    assert body(await api.get(f"/service/{session['_id']}/storage"))["photo"] == expected
    found = body(await api.match(session["_access_number"], _return_user_data="true"))
    assert found["user_data"]["photo"] == expected


async def test_without_a_public_url_addresses_are_those_of_the_request(api: Api) -> None:
    record = body(await api.post("/storage/60", files={"photo": ("f", b"x", "image/png")}))["id"]
    answer = await api.get(f"/storage/{record}", headers={"host": "calls.local:8080"})
    assert answer.json()["photo"].startswith("http://calls.local:8080/genesys/1/")


@pytest.mark.parametrize(("scheme", "is_secure"), [("https", True), ("http", False)])
async def test_the_uis_cookie_stays_with_the_ui_and_with_tls(api: Api, scheme: str, is_secure: bool) -> None:
    await api.configure("server", password="open sesame")
    login = await api.get(f"{scheme}://matchline.example/ui/login")
    name, *flags = (flag.strip().lower() for flag in login.headers["set-cookie"].split(";"))
    assert name.startswith("matchline_ui=")
    assert {"httponly", "samesite=lax", "path=/ui"} <= set(flags)
    assert ("secure" in flags) is is_secure
