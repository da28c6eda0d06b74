"""API keys: made, listed, revoked, limited; an app touches only what it made."""

import asyncio
import json
from typing import Any

import pytest

from matchline.errors import Unavailable
from matchline.wiring import open_engine

from .api import CALLER, NUMBERS, SHARED, Api, body, fault
from .credentials import Headers, Keyring, bearer

pytestmark = pytest.mark.anyio

KEYS = "/admin/keys"


@pytest.fixture
async def keys(api: Api) -> Keyring:
    return await Keyring.open(api)


async def begun(api: Api, by: Headers, **fields: str) -> dict[str, Any]:
    return body(await api.ask("request-interaction", fields, headers=by))


async def test_the_first_key_closes_the_server(api: Api) -> None:
    body(await api.ask("request-interaction"))
    body(await api.post(KEYS, json={"name": "a", "scopes": ["app"]}))
    refused = await api.ask("request-interaction")
    fault(refused, 401, "NotAuthenticated")
    assert refused.headers["www-authenticate"] == 'Bearer realm="Matchline"'


async def test_the_secret_is_shown_once_and_stored_nowhere(api: Api, keys: Keyring) -> None:
    made = body(await api.post(KEYS, json={"name": "shop", "scopes": ["ivr", "app"]}, headers=keys.admin))
    secret = made["key"]
    assert secret.startswith("mlk_")
    assert len(secret) > 40
    listed = body(await api.get(KEYS, headers=keys.admin))["keys"]
    assert [(key["name"], key["scopes"]) for key in listed] == [
        ("administrator", ["admin"]),
        ("shop", ["app", "ivr"]),
    ]
    stored = await api.engine.store.stored()
    for told in (json.dumps(listed), str(stored)):
        assert secret.removeprefix("mlk_") not in told


async def test_a_revoked_key_is_refused_at_once(api: Api, keys: Keyring) -> None:
    key_id, app = await keys.make("app")
    body(await api.ask("request-interaction", headers=app))
    body(await api.delete(f"{KEYS}/{key_id}", headers=keys.admin))
    fault(await api.ask("request-interaction", headers=app), 401, "NotAuthenticated")
    fault(await api.delete(f"{KEYS}/{key_id}", headers=keys.admin), 404, "UnknownApiKey")


async def test_keys_are_there_after_a_restart(api: Api, keys: Keyring, store_url: str) -> None:
    if store_url == "memory://":
        return
    _, app = await keys.make("app", services=["request-interaction"], groups=["DNIS"])
    before = api.engine.keeper.current.keys
    await api.engine.store.close()
    async with open_engine(store_url, api.clock) as engine:
        assert engine.keeper.current.keys == before
        again = Api(engine, api.clock)
        async with again.client:
            body(await again.ask("request-interaction", headers=app))
    await api.engine.store.open()


async def test_an_app_can_begin_sessions_and_cannot_match(api: Api, keys: Keyring) -> None:
    _, app = await keys.make("app")
    session = await begun(api, app)
    asked = {"_access_number": session["_access_number"]}
    fault(await api.ask("match-interaction", asked, headers=app), 403, "NotAllowed")
    _, ivr = await keys.make("ivr")
    match = body(await api.ask("match-interaction", {**asked, "_return_user_data": "true"}, headers=ivr))
    assert match["_id"] == session["_id"]


async def test_an_ivr_can_read_data_and_change_nothing(api: Api, keys: Keyring) -> None:
    (_, app), (_, ivr) = await keys.make("app"), await keys.make("ivr")
    session = await begun(api, app, customer="Ada")
    one = f"/service/{session['_id']}"
    assert body(await api.get(f"{one}/storage", headers=ivr)) == {"customer": "Ada"}
    assert body(await api.get(f"/storage/{session['_data_id']}", headers=ivr)) == {"customer": "Ada"}
    body(await api.get(one, headers=ivr))
    for method, path in (
        ("DELETE", one),
        ("POST", f"{one}/storage"),
        ("POST", f"{one}/update"),
        ("GET", f"{one}/renew"),
        ("POST", "/service/request-interaction"),
        ("DELETE", f"/storage/{session['_data_id']}"),
    ):
        fault(await api.send(method, path, headers=ivr), 403, "NotAllowed")


async def test_another_key_s_session_is_not_there(api: Api, keys: Keyring) -> None:
    (_, mine), (_, other) = await keys.make("app"), await keys.make("app")
    session = await begun(api, mine, customer="Ada")
    one = f"/service/{session['_id']}"
    for method, path in (
        ("GET", one),
        ("DELETE", one),
        ("GET", f"{one}/storage"),
        ("POST", f"{one}/storage"),
        ("GET", f"{one}/storage/customer"),
        ("GET", f"{one}/storage/binary/customer"),
        ("DELETE", f"{one}/storage/customer"),
        ("POST", f"{one}/update"),
        ("POST", f"{one}/renew"),
        ("GET", f"{one}/renew"),
    ):
        fault(await api.send(method, path, headers=other), 404, "UnknownSession")
    asked = {"_id": session["_id"]}
    fault(await api.ask("request-access", asked, headers=other), 404, "UnknownSession")
    body(await api.ask("request-access", asked, headers=mine))
    body(await api.post(f"{one}/update", data={"customer": "Eve"}, headers=mine))
    assert body(await api.get(f"{one}/storage", headers=mine)) == {"customer": "Eve"}
    body(await api.delete(one, headers=mine))


async def test_another_key_s_data_are_not_there(api: Api, keys: Keyring) -> None:
    (_, mine), (_, other) = await keys.make("app"), await keys.make("app")
    record = body(await api.post("/storage/60", json={"a": "1"}, headers=mine))["id"]
    data = (await begun(api, mine, a="1"))["_data_id"]
    for each in (record, data):
        for method, path in (
            ("GET", f"/storage/{each}"),
            ("DELETE", f"/storage/{each}"),
            ("POST", f"/storage/{each}/60"),
            ("GET", f"/storage/{each}/a"),
            ("GET", f"/storage/binary/{each}/a"),
        ):
            fault(await api.send(method, path, headers=other), 404, "UnknownRecord")
        assert (await api.get(f"/storage/{each}/a", headers=mine)).text == "1"
    body(await api.delete(f"/storage/{record}", headers=mine))


async def test_another_key_s_own_ids_are_not_there(api: Api, keys: Keyring) -> None:
    (_, mine), (_, other) = await keys.make("app"), await keys.make("app")
    user, custom = {"gms_user": "ada"}, "/storage/custom/basket"
    body(await api.post(f"{custom}/60", json={"a": "1"}, headers={**user, **mine}))
    for method, path in (
        ("GET", custom),
        ("DELETE", custom),
        ("POST", f"{custom}/60"),
        ("GET", "/storage/basket/a"),
    ):
        fault(await api.send(method, path, headers={**user, **other}), 404, "UnknownRecord")
    body(await api.post(f"{custom}/60", json={"a": "2"}, headers={**user, **mine}))
    assert body(await api.get(custom, headers={**user, **keys.admin})) == {"a": "2"}
    body(await api.delete(custom, headers={**user, **mine}))


async def test_what_was_made_without_credentials_is_no_app_s(api: Api) -> None:
    session = await api.reserve()
    keys = await Keyring.open(api)
    _, app = await keys.make("app")
    fault(await api.get(f"/service/{session['_id']}", headers=app), 404, "UnknownSession")
    body(await api.get(f"/service/{session['_id']}", headers=keys.admin))


async def test_a_key_may_be_limited_to_services(api: Api, keys: Keyring) -> None:
    await keys.configure("service.other", _type="builtin", _service="request-interaction")
    _, app = await keys.make("app", services=["request-interaction"])
    body(await api.ask("request-interaction", headers=app))
    fault(await api.ask("other", headers=app), 403, "NotAllowed")
    fault(await api.get("/service/get", headers=app), 403, "NotAllowed")


async def test_an_ivr_limited_to_services_sees_no_session_of_another(api: Api, keys: Keyring) -> None:
    _, ivr = await keys.make("ivr", services=["match-interaction"])
    session = await begun(api, keys.admin)
    fault(await api.get(f"/service/{session['_id']}", headers=ivr), 404, "UnknownSession")
    asked = {"_access_number": session["_access_number"]}
    assert body(await api.ask("match-interaction", asked, headers=ivr))["_id"] == session["_id"]


async def test_a_key_may_be_limited_to_resource_groups(api: Api, keys: Keyring) -> None:
    _, app = await keys.make("app", groups=["SHARED"])
    fault(await api.ask("request-interaction", headers=app), 403, "NotAllowed")
    shared = {"_resource_group": "SHARED", "_phone_number": CALLER}
    session = await begun(api, app, **shared)
    asked = {"_id": session["_id"], "_resource_group": "DNIS"}
    fault(await api.ask("request-access", asked, headers=app), 403, "NotAllowed")


async def test_an_ivr_s_numbers_are_those_of_its_groups(api: Api, keys: Keyring) -> None:
    await begun(api, keys.admin)
    session = await begun(api, keys.admin, _resource_group="SHARED", _phone_number=CALLER)
    _, ivr = await keys.make("ivr", groups=["SHARED"])
    asked = {"_access_number": NUMBERS[0]}
    fault(await api.ask("match-interaction", asked, headers=ivr), 404, "NoMatch")
    asked = {"_access_number": SHARED, "_phone_number": CALLER}
    assert body(await api.ask("match-interaction", asked, headers=ivr))["_id"] == session["_id"]


async def test_a_repeated_request_is_the_same_for_the_same_key_only(api: Api, keys: Keyring) -> None:
    (_, one), (_, other) = await keys.make("app"), await keys.make("app")
    repeated = {"Idempotency-Key": "k"}
    first = body(await api.ask("request-interaction", headers={**repeated, **one}))
    assert body(await api.ask("request-interaction", headers={**repeated, **one})) == first
    assert body(await api.ask("request-interaction", headers={**repeated, **other})) != first


async def test_the_last_use_of_a_key_is_told(api: Api, keys: Keyring) -> None:
    key_id, app = await keys.make("app")

    async def used_at() -> str | None:
        listed = body(await api.get(KEYS, headers=keys.admin))["keys"]
        (found,) = (key for key in listed if key["id"] == key_id)
        used: str | None = found.get("used_at")
        return used

    assert await used_at() is None
    await begun(api, app)
    first = await used_at()
    assert first == "2023-11-14T22:13:20Z"
    api.clock.advance(3600)
    assert await used_at() == first
    await begun(api, app)
    assert await used_at() == "2023-11-14T23:13:20Z"


async def test_uses_are_noted_when_the_server_stops(api: Api, keys: Keyring) -> None:
    key_id, app = await keys.make("app")
    noting = asyncio.create_task(api.engine.keys.run())
    await asyncio.sleep(0)  # it begins
    await begun(api, app)
    assert await api.engine.store.key_uses() == {}
    noting.cancel()
    await asyncio.gather(noting, return_exceptions=True)
    assert (await api.engine.store.key_uses())[key_id] == api.clock.now()


async def test_uses_that_could_not_be_noted_are_noted_later(
    api: Api, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, app = await keys.make("app")
    await begun(api, app)

    async def fail(*_: object) -> None:
        raise Unavailable("it is away")

    with monkeypatch.context() as away:
        away.setattr(api.engine.store, "note_key_uses", fail)
        with pytest.raises(Unavailable):
            await api.engine.keys.note_uses()
    await api.engine.keys.note_uses()
    assert key_id in await api.engine.store.key_uses()


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"scopes": ["app"]}, "name"),
        ({"name": "", "scopes": ["app"]}, "name"),
        ({"name": "a"}, "scopes"),
        ({"name": "a", "scopes": []}, "scopes"),
        ({"name": "a", "scopes": ["root"]}, "scopes"),
        ({"name": "a", "scopes": ["app"], "services": []}, "services"),
        ({"name": "a", "scopes": ["app"], "services": ["nowhere"]}, "nowhere"),
        ({"name": "a", "scopes": ["app"], "groups": ["nowhere"]}, "nowhere"),
        ({"name": "a", "scopes": ["admin", "app"], "groups": ["DNIS"]}, "scopes"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_by_name(
    api: Api, wanted: dict[str, object], named: str
) -> None:
    answer = await api.post(KEYS, json=wanted)
    assert answer.status_code == 400
    assert named in answer.json()["message"]
    assert body(await api.get(KEYS))["keys"] == []


@pytest.mark.parametrize("sent", ["mlk_", "mlk_" + 43 * "A", "", "x", "mlk_ä"])
async def test_what_is_no_key_is_refused(api: Api, keys: Keyring, sent: str) -> None:
    headers = [(name.encode(), text.encode()) for name, text in bearer(sent).items()]
    fault(await api.client.get("/genesys/1/admin/keys", headers=headers), 401, "NotAuthenticated")
    assert keys.admin


async def test_two_credentials_in_one_request_are_none(api: Api, keys: Keyring) -> None:
    twice = [(name, text) for name, text in keys.admin.items() for _ in range(2)]
    fault(await api.client.get("/genesys/1/admin/keys", headers=twice), 401, "NotAuthenticated")
