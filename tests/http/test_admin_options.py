"""The administration of options: changes in one step, in force at once, refused as a whole."""

import asyncio

import pytest

from .api import CONFIGURATION, NUMBERS, SHARED, Api, body, fault

pytestmark = pytest.mark.anyio

TOML = {"content-type": "application/toml"}
SERVER, REQUEST = "/admin/options/server", "/admin/options/service.request-interaction"


async def version(api: Api) -> str:
    return str(body(await api.get("/admin/options"))["version"])


async def test_all_sections_are_listed_with_their_options(api: Api) -> None:
    sections = body(await api.get("/admin/options"))["sections"]
    assert sections["server"] == {"default_region": "US"}
    assert sections["service.get"] == {"_type": "builtin", "_service": "get"}
    assert set(sections) >= {"resources.DNIS", "service.match-interaction"}


async def test_one_section_is_shown(api: Api) -> None:
    assert body(await api.get("/admin/options/service.get")) == {"_type": "builtin", "_service": "get"}
    assert "service.none" in fault(await api.get("/admin/options/service.none"), 404, "UnknownOption")


async def test_options_are_set_and_null_removes_one(api: Api) -> None:
    changed = await api.send("PATCH", SERVER, json={"max_ttl": "600", "default_region": None})
    assert body(changed) == {"max_ttl": "600"}
    assert body(await api.get(SERVER)) == {"max_ttl": "600"}


async def test_a_section_is_made_by_its_first_option_and_removed_as_a_whole(api: Api) -> None:
    made = {"_type": "builtin", "_service": "get"}
    assert body(await api.send("PATCH", "/admin/options/service.new", json=made)) == made
    assert body(await api.get("/service/new")) == made
    assert body(await api.delete("/admin/options/service.new")) == {"section": "service.new"}
    fault(await api.ask("new"), 404, "UnknownService")
    fault(await api.delete("/admin/options/service.new"), 404, "UnknownOption")


async def test_a_group_with_numbers_is_not_removed(api: Api) -> None:
    assert "resources.DNIS" in fault(
        await api.delete("/admin/options/resources.DNIS"), 400, "InvalidConfiguration"
    )
    body(await api.delete("/admin/options/resources.EMPTY"))


# Refusals


@pytest.mark.parametrize(
    ("section", "option", "text"),
    [
        ("server", "max_ttl", "0"),
        ("server", "default_region", "Narnia"),
        ("server", "access_code_prefix", "9-7"),
        ("server", "no_such_option", "x"),
        ("storage", "allow-file-control", "maybe"),
        ("resources.DNIS", "_allocation_strategy", "BEST"),
        ("resources.DNIS", "_booking_expiration_timeout", "4"),
        ("resources.DNIS", "_late_grace", "16"),
        ("resources.DNIS", "_aliases", "4711"),
        ("resources.DNIS", "_aliases", "4711=+18005559999"),
        ("service.get", "_service", "no-such-builtin"),
        ("service.get", "_type", "ors-or-so"),
        ("service.match-interaction", "_max_matches", "0"),
        ("service.match-interaction", "_require_code", "perhaps"),
        ("service.match-interaction", "_no_such_option", "x"),
        ("no-such-section", "x", "y"),
    ],
)
async def test_a_bad_option_is_refused_with_its_place_and_changes_nothing(
    api: Api, section: str, option: str, text: str
) -> None:
    before = body(await api.get("/admin/options"))
    refused = await api.send("PATCH", f"/admin/options/{section}", json={option: text})
    message = fault(refused, 400, "InvalidConfiguration")
    assert f"[{section}]" in message
    assert option in message or section == "no-such-section"
    assert body(await api.get("/admin/options")) == before


@pytest.mark.parametrize("nothing", [{}, {"_type": None}])
async def test_changing_nothing_of_no_section_is_refused(api: Api, nothing: dict[str, None]) -> None:
    for section in ("service.none", "no-such-section"):
        refused = await api.send("PATCH", f"/admin/options/{section}", json=nothing)
        assert section in fault(refused, 404, "UnknownOption")


async def test_every_fault_of_a_change_is_told_at_once(api: Api) -> None:
    refused = await api.send("PATCH", SERVER, json={"max_ttl": "0", "max_body": "x", "y": "z"})
    message = fault(refused, 400, "InvalidConfiguration")
    assert all(name in message for name in ("max_ttl", "max_body", "y"))


async def test_one_bad_option_stops_the_good_ones_beside_it(api: Api) -> None:
    fault(
        await api.send("PATCH", SERVER, json={"max_ttl": "600", "max_body": "x"}), 400, "InvalidConfiguration"
    )
    assert "max_ttl" not in body(await api.get(SERVER))


@pytest.mark.parametrize("content", ["", "[]", '"x"', '{"max_ttl": 600}', '{"max_ttl"', "\xff", "[" * 5000])
async def test_a_change_that_is_no_object_of_texts_is_malformed(api: Api, content: str) -> None:
    headers = {"content-type": "application/json"}
    fault(
        await api.send("PATCH", SERVER, content=content.encode("latin-1"), headers=headers),
        400,
        "MalformedBody",
    )


async def test_a_web_form_cannot_change_anything(api: Api) -> None:
    fault(await api.send("PATCH", SERVER, data={"max_ttl": "600"}), 415, "UnsupportedMediaType")
    plain = {"content-type": "text/plain"}
    fault(await api.post("/admin/options", content="", headers=plain), 415, "UnsupportedMediaType")
    fault(
        await api.post("/admin/resources/DNIS/numbers", content="{}", headers=plain),
        415,
        "UnsupportedMediaType",
    )


# Versions


async def test_a_change_of_the_named_version_is_made_and_a_stale_one_is_refused(api: Api) -> None:
    seen = await version(api)
    body(await api.send("PATCH", SERVER, json={"max_ttl": "600"}, headers={"if-match": seen}))
    stale = {"if-match": f'"{seen}"'}
    fault(
        await api.send("PATCH", SERVER, json={"max_ttl": "700"}, headers=stale), 409, "ConfigurationChanged"
    )
    fault(await api.delete("/admin/options/service.get", headers=stale), 409, "ConfigurationChanged")
    fault(
        await api.post("/admin/options", content=CONFIGURATION, headers={**TOML, **stale}),
        409,
        "ConfigurationChanged",
    )
    numbers = "/admin/resources/DNIS/numbers"
    fault(
        await api.post(numbers, json={"numbers": ["+18005550111"]}, headers=stale),
        409,
        "ConfigurationChanged",
    )
    fault(await api.delete(f"{numbers}/{NUMBERS[0]}", headers=stale), 409, "ConfigurationChanged")
    assert body(await api.get(SERVER))["max_ttl"] == "600"


async def test_a_star_or_no_version_means_any(api: Api) -> None:
    body(await api.send("PATCH", SERVER, json={"max_ttl": "600"}, headers={"if-match": "*"}))
    body(await api.send("PATCH", SERVER, json={"max_ttl": "700"}))


@pytest.mark.parametrize("given", ["x", "-1", "1.0", "W/1", "9" * 5000, "\u0661"])
async def test_a_version_that_is_no_number_is_refused_by_name(api: Api, given: str) -> None:
    headers = {"if-match": given.encode()}
    refused = await api.send("PATCH", SERVER, json={"max_ttl": "600"}, headers=headers)
    assert "If-Match" in fault(refused, 400, "BadParameter")


async def test_simultaneous_changes_are_all_made(api: Api) -> None:
    options = {f"extra{n}": str(n) for n in range(4)}
    changes = (api.send("PATCH", REQUEST, json={name: text}) for name, text in options.items())
    for answer in await asyncio.gather(*changes):
        body(answer)
    assert options.items() <= body(await api.get(REQUEST)).items()


# Files


async def test_a_file_is_applied_section_by_section_and_says_what_changed(api: Api) -> None:
    file = '[service.get]\n_type = "builtin"\n_service = "get"\n_offline_code = 500\n'
    changes = body(await api.post("/admin/options", content=file, headers=TOML))["changes"]
    assert changes == ['[service.get] _offline_code: not set → "500"']
    assert body(await api.get("/service/get"))["_offline_code"] == "500"
    assert body(await api.post("/admin/options", content=file, headers=TOML))["changes"] == []
    assert (await api.reserve())["_access_number"], "other sections stay as they are"


async def test_numbers_of_a_file_are_added_and_drained(api: Api) -> None:
    file = f'[resources.DNIS]\nnumbers = ["{NUMBERS[0]}", "+1 800 555 0111"]\n'
    changes = body(await api.post("/admin/options", content=file, headers=TOML))["changes"]
    assert "[resources.DNIS] numbers: + +1 800 555 0111" in changes
    assert f"[resources.DNIS] numbers: - {NUMBERS[1]}" in changes
    assert (await api.pool())["free"] == "2"


@pytest.mark.parametrize("flag", ["true", "TRUE", "True"])
async def test_a_dry_run_changes_nothing(api: Api, flag: str) -> None:
    before = await version(api)
    file = "[server]\nmax_ttl = 600\n"
    answer = await api.post(f"/admin/options?dry_run={flag}", content=file, headers=TOML)
    assert len(body(answer)["changes"]) == 2
    assert await version(api) == before


@pytest.mark.parametrize("flag", ["1", "yes", ""])
async def test_a_doubtful_dry_run_is_refused_and_changes_nothing(api: Api, flag: str) -> None:
    before = await version(api)
    refused = await api.post(f"/admin/options?dry_run={flag}", content="[server]\n", headers=TOML)
    assert "dry_run" in fault(refused, 400, "BadParameter")
    assert await version(api) == before


async def test_a_bad_file_is_refused_with_its_lines(api: Api) -> None:
    file = f'[server]\nmax_ttl = 0\n\n[resources.OTHER]\nnumbers = ["{SHARED}"]\n_cooldown = "x"\n'
    message = fault(await api.post("/admin/options", content=file, headers=TOML), 400, "InvalidConfiguration")
    assert "line 2: [server] max_ttl" in message
    assert "line 6: [resources.OTHER] _cooldown" in message


@pytest.mark.parametrize("content", [b"[server", b"server = 1", b"[server]\nmax_ttl = [1]", b"a = 1\na = 2"])
async def test_a_file_that_is_no_configuration_is_refused(api: Api, content: bytes) -> None:
    fault(await api.post("/admin/options", content=content, headers=TOML), 400, "InvalidConfiguration")


async def test_a_file_that_is_no_text_is_refused(api: Api) -> None:
    fault(await api.post("/admin/options", content=b"\xff\xfe", headers=TOML), 400, "MalformedBody")


async def test_a_number_of_another_group_is_refused_with_the_owner(api: Api) -> None:
    file = f'[resources.DNIS]\nnumbers = ["{SHARED}"]\n'
    message = fault(await api.post("/admin/options", content=file, headers=TOML), 400, "InvalidConfiguration")
    assert "SHARED" in message
    assert (await api.pool())["free"] == "3"
