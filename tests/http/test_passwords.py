"""HTTP Basic, section by section and option by option, in force at once."""

import json

import pytest

from matchline.chance import SystemChance
from matchline.engine.configure import differences
from matchline.engine.passwords import Passwords, is_sealed, opens, seal
from matchline.wiring import read_document

from .api import Api, body, fault
from .credentials import Headers, basic

pytestmark = pytest.mark.anyio

ADMIN = basic("root", "very secret")
SERVER = {"username": "root", "password": "very secret"}


async def closed(api: Api) -> None:
    await api.configure("server", **SERVER)


async def set_options(api: Api, section: str, **options: str | None) -> None:
    body(await api.send("PATCH", f"/admin/options/{section}", json=options, headers=ADMIN))


async def status(api: Api, path: str, headers: Headers) -> int:
    return (await api.get(path, headers=headers)).status_code


async def test_a_password_closes_the_server_at_once_and_its_removal_opens_it(api: Api) -> None:
    await closed(api)
    refused = await api.get("/admin/options")
    fault(refused, 401, "NotAuthenticated")
    assert refused.headers["www-authenticate"] == 'Basic realm="Matchline", charset="UTF-8"'
    await set_options(api, "server", username=None, password=None)
    body(await api.get("/admin/options"))


@pytest.mark.parametrize(
    "sent",
    [
        basic("root", "wrong"),
        basic("root", ""),
        basic("", "very secret"),
        basic("Root", "very secret"),
        basic("root", "very secret "),
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic cm9vdA=="},  # without a colon
        {"authorization": "Basic /w=="},  # no UTF-8
        {"authorization": ADMIN["authorization"].replace("Basic", "Digest")},
        {"authorization": ""},
    ],
)
async def test_anything_else_is_refused(api: Api, sent: Headers) -> None:
    await closed(api)
    for _ in range(2):  # the second time after the right one is known
        fault(await api.get("/service/get", headers=sent), 401, "NotAuthenticated")
        assert await status(api, "/service/get", ADMIN) == 200


async def test_the_scheme_s_letter_case_does_not_matter(api: Api) -> None:
    await closed(api)
    lower = {"authorization": ADMIN["authorization"].replace("Basic", "bAsIC")}
    assert await status(api, "/service/get", lower) == 200


async def test_a_service_s_own_password_is_for_that_service_alone(api: Api) -> None:
    await closed(api)
    await set_options(api, "service.get", username="ivr", password="own")
    own = basic("ivr", "own")
    assert await status(api, "/service/get", own) == 200
    assert await status(api, "/service/get", ADMIN) == 401
    for path in ("/admin/options", "/storage/x", "/service/some-session"):
        assert await status(api, path, own) == 401
    fault(await api.ask("request-interaction", headers=own), 401, "NotAuthenticated")
    body(await api.ask("request-interaction", headers=ADMIN))


async def test_options_are_overridden_one_by_one(api: Api) -> None:
    await closed(api)
    await set_options(api, "service.get", username="other")
    assert await status(api, "/service/get", basic("other", "very secret")) == 200
    assert await status(api, "/service/get", ADMIN) == 401
    await set_options(api, "service.get", username=None, password="own")
    assert await status(api, "/service/get", basic("root", "own")) == 200
    await set_options(api, "service.get", password=None, realm="The IVR")
    assert await status(api, "/service/get", ADMIN) == 200
    refused = await api.get("/service/get", headers=basic("root", "x"))
    assert refused.headers["www-authenticate"] == 'Basic realm="The IVR", charset="UTF-8"'


async def test_a_session_belongs_to_its_service_s_part(api: Api) -> None:
    await closed(api)
    await set_options(api, "service.request-interaction", password="own")
    own = basic("root", "own")
    session = body(await api.ask("request-interaction", {"a": "1"}, headers=own))
    one = f"/service/{session['_id']}"
    assert body(await api.get(f"{one}/storage", headers=own)) == {"a": "1"}
    fault(await api.get(one, headers=ADMIN), 401, "NotAuthenticated")
    body(await api.post(f"{one}/update", data={"a": "2"}, headers=own))
    body(await api.delete(one, headers=own))
    fault(await api.get(one, headers=ADMIN), 404, "UnknownSession")


async def test_the_storage_has_a_part_of_its_own(api: Api) -> None:
    await closed(api)
    record = body(await api.post("/storage/60", json={"a": "1"}, headers=ADMIN))["id"]
    await set_options(api, "storage", username="keeper", password="own")
    own = basic("keeper", "own")
    assert await status(api, f"/storage/{record}", own) == 200
    assert await status(api, f"/storage/{record}", ADMIN) == 401
    assert await status(api, "/service/get", own) == 401


async def test_a_password_of_a_service_closes_that_service_and_the_administration(api: Api) -> None:
    await api.configure("service.get", password="own")
    fault(await api.ask("get"), 401, "NotAuthenticated")
    assert await status(api, "/service/get", basic("any name", "own")) == 200
    fault(await api.get("/admin/options"), 401, "NotAuthenticated")
    session = body(await api.ask("request-interaction", {"a": "1"}))
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {"a": "1"}
    assert body(await api.get(f"/storage/{session['_data_id']}")) == {"a": "1"}


async def test_a_session_of_a_guarded_service_is_guarded_too(api: Api) -> None:
    session = body(await api.ask("request-interaction"))
    await api.configure("service.request-interaction", password="own")
    fault(await api.get(f"/service/{session['_id']}"), 401, "NotAuthenticated")
    assert await status(api, f"/service/{session['_id']}", basic("x", "own")) == 200


async def test_a_changed_password_is_in_force_at_once(api: Api) -> None:
    await closed(api)
    await set_options(api, "server", password="another")
    assert await status(api, "/service/get", ADMIN) == 401
    assert await status(api, "/service/get", basic("root", "another")) == 200


async def test_a_password_may_be_any_text(api: Api) -> None:
    await api.configure("server", username="zoë", password="$a$:☎ pass:wörd")
    assert await status(api, "/service/get", basic("zoë", "$a$:☎ pass:wörd")) == 200


@pytest.mark.parametrize(
    ("section", "options", "why"),
    [
        ("server", {"username": "root"}, "needs a password"),
        ("service.get", {"username": "root"}, "needs a password"),
        ("storage", {"username": "root"}, "needs a password"),
        ("server", {"username": "a:b", "password": "x"}, "colon"),
        ("server", {"password": "x", "realm": 'a "b"'}, "quotes"),
        ("server", {"password": "x", "realm": "a\r\nset-cookie: b"}, "printable"),
        ("server", {"jwt_issuer": "https://issuer.example"}, "issuer, an audience and keys"),
        (
            "server",
            {"jwt_issuer": "i", "jwt_audience": "a", "jwt_keys": "http://issuer.example/keys"},
            "https",
        ),
    ],
)
async def test_what_cannot_work_is_refused_when_configured(
    api: Api, section: str, options: dict[str, str], why: str
) -> None:
    refused = await api.send("PATCH", f"/admin/options/{section}", json=options)
    assert why in fault(refused, 400, "InvalidConfiguration")
    body(await api.get("/admin/options"))


async def test_the_server_s_password_cannot_go_while_a_user_name_needs_it(api: Api) -> None:
    await closed(api)
    refused = await api.send("PATCH", "/admin/options/server", json={"password": None}, headers=ADMIN)
    fault(refused, 400, "InvalidConfiguration")


async def test_a_password_is_shown_by_nothing(api: Api) -> None:
    await closed(api)
    changed = await api.send(
        "PATCH", "/admin/options/service.get", json={"password": "hidden away"}, headers=ADMIN
    )
    stored = (await api.engine.store.stored()).sections
    sealed = [stored["server"]["password"], stored["service.get"]["password"]]
    answers = [
        changed,
        await api.get("/service/get", headers=basic("root", "hidden away")),
        *[await api.get(f"/admin/{each}", headers=ADMIN) for each in ("options", "options/server")],
        await api.client.get("/openapi.json", headers=ADMIN),
    ]
    for answer in answers:
        assert answer.status_code == 200
        for secret in ("very secret", "hidden away", *sealed):
            assert secret not in answer.text
    assert '"username":"root"' in answers[2].text


async def test_a_password_is_stored_as_a_salted_hash(api: Api) -> None:
    await api.configure("server", password="same")
    first = (await api.engine.store.stored()).sections["server"]["password"]
    assert is_sealed(first)
    assert "same" not in first
    assert opens(first, "same")
    assert not opens(first, "other")
    assert seal("same", bytes(32)) != first


async def test_a_hash_may_be_configured_in_place_of_the_password(api: Api) -> None:
    await api.configure("server", password=seal("given", bytes(32)))
    assert await status(api, "/service/get", basic("", "given")) == 200


async def test_a_file_that_names_the_password_in_force_changes_nothing(api: Api) -> None:
    await closed(api)
    document, faults = read_document('[server]\nusername = "root"\npassword = "very secret"\n')
    assert not faults
    told = differences(api.engine.keeper.current, document)
    assert told == ['[server] default_region: "US" → not set']
    document, _ = read_document('[server]\nusername = "root"\npassword = "another"\ndefault_region = "US"\n')
    assert differences(api.engine.keeper.current, document) == ["[server] password: set → set"]
    sent = {"headers": {**ADMIN, "content-type": "application/toml"}, "content": '[server]\npassword = "new"'}
    told = body(await api.post("/admin/options", **sent))["changes"]
    assert "new" not in json.dumps(told)


async def test_another_process_checks_the_password_by_its_hash(api: Api) -> None:
    await closed(api)
    api.engine.passwords = Passwords(SystemChance())
    assert await status(api, "/service/get", basic("root", "wrong")) == 401
    assert await status(api, "/service/get", ADMIN) == 200


@pytest.mark.parametrize("text", ["scrypt", "scrypt:a:b", "scrypt:::", "a:b:c", "scrypt:QQ==:QQ==", ""])
def test_what_merely_looks_like_a_hash_is_none(text: str) -> None:
    assert not is_sealed(text)
    assert not opens(text, text)
