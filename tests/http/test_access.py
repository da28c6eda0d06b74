"""No way around: every operation of the description is tried with every kind of credential.

What must come out is the page `docs/reference/access.md`, which a reader trusts; it is not read from the code.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from .api import Api, body, fault
from .credentials import Headers, Keyring, basic, bearer

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "access.md"
ROW = re.compile(r"\| `(\w+) (\S+)`(?:, bound to `(\S+)`)? \| (.*) \|")
COLUMNS = ("nothing", "app", "ivr", "admin")
SERVICE = "/genesys/1/service/"
ASK = SERVICE + "{name}"

SERVER_LOGIN = basic("root", "of the server")
SERVICE_LOGIN = basic("root", "of a service")
STORAGE_LOGIN = basic("root", "of the storage")


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation of the description; `builtin` when it asks a configured service."""

    method: str
    path: str
    builtin: str | None = None

    @property
    def part(self) -> str:
        """Whose password opens it."""
        if self.builtin:
            return "service" if self.builtin == "get" else "server"
        return "storage" if self.path.startswith("/genesys/1/storage/") else "server"


def table() -> dict[Asked, frozenset[str]]:
    """Who may ask for what, as the page says."""
    found = {}
    for method, path, builtin, cells in ROW.findall(PAGE.read_text()):
        allowed = zip(COLUMNS, cells.split(" | "), strict=True)
        found[Asked(method, path, builtin or None)] = frozenset(who for who, cell in allowed if cell == "yes")
    return found


def described(document: Mapping[str, Any], builtins: Mapping[str, str]) -> Iterator[Asked]:
    for path, methods in document["paths"].items():
        for method in methods:
            builtin = builtins.get(path.removeprefix(SERVICE))
            yield Asked(method.upper(), path, builtin)


def row(asked: Asked) -> Asked:
    """Its row on the page: a configured service is one of a kind."""
    if asked.builtin and asked.method == "POST":
        return replace(asked, path=ASK)
    return Asked(asked.method, ASK) if asked.builtin else asked


async def outcome(api: Api, asked: Asked, headers: Headers) -> str:
    """Whether the request was let in: 401, 403 or through."""
    path = re.sub(r"\{\w+\}", "x", asked.path)
    api.clock.advance(1)  # so that it is never too often
    how: dict[str, Any] = {"json": {}} if asked.method in ("POST", "PATCH") else {}
    answer = await api.client.request(asked.method, path, headers={"gms_user": "x", **headers}, **how)
    if answer.status_code == 401:
        fault(answer, 401, "NotAuthenticated")
        assert answer.headers["www-authenticate"].startswith("Basic ")
        return "401"
    if answer.status_code == 403:
        fault(answer, 403, "NotAllowed")
        return "403"
    assert answer.status_code != 429
    return "through"


CHART = '<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0"><state id="a"/></scxml>'


@pytest.fixture
async def keys(api: Api, tmp_path: Path) -> Keyring:
    """With a password for the server, another for one service, another for the storage, keys, and a chart."""
    keys = await Keyring.open(api)
    (tmp_path / "chart.scxml").write_text(CHART)
    await keys.configure("server", scxml_folder=str(tmp_path))
    await keys.configure("service.chart", _type="ors", _service="chart.scxml")
    hours = {"_service": "office-hours", "_regular_hours": "Mon-Fri 09:00-17:00"}
    await keys.configure("service.hours", _type="builtin", **hours)
    await keys.configure("service.capacity", _type="builtin", _service="capacity")
    await keys.configure("server", username="root", password="of the server")
    await keys.configure("service.get", password="of a service")
    await keys.configure("storage", password="of the storage")
    return keys


async def described_operations(api: Api, keys: Keyring) -> list[Asked]:
    document = body(await api.client.get("/openapi.json", headers=keys.admin))
    services = {name: each.builtin for name, each in api.engine.keeper.current.services.items()}
    return list(described(document, services))


async def test_the_page_and_the_description_name_the_same_operations(api: Api, keys: Keyring) -> None:
    operations = await described_operations(api, keys)
    assert {row(asked) for asked in operations} == set(table())
    assert len(operations) > 40


@pytest.mark.parametrize("scopes", [("app",), ("ivr",), ("admin",), ("app", "ivr")])
async def test_a_key_is_let_in_where_the_page_says(api: Api, keys: Keyring, scopes: tuple[str, ...]) -> None:
    allowed = table()
    _, key = await keys.make(*scopes)
    for asked in await described_operations(api, keys):
        expected = "through" if allowed[row(asked)] & {*scopes} else "403"
        assert await outcome(api, asked, key) == expected, asked


async def test_nothing_is_open_without_credentials_but_what_the_page_says(api: Api, keys: Keyring) -> None:
    allowed = table()
    revoked_id, revoked = await keys.make("admin")
    body(await api.delete(f"/admin/keys/{revoked_id}", headers=keys.admin))
    nothing: tuple[Headers, ...] = (
        {},
        bearer("mlk_" + 43 * "A"),
        revoked,
        bearer(keys.admin["authorization"].removeprefix("Bearer ").swapcase()),
        basic("root", "wrong"),
        basic("", ""),
        {"authorization": "Bearer"},
    )
    for asked in await described_operations(api, keys):
        expected = "through" if "nothing" in allowed[row(asked)] else "401"
        for headers in nothing:
            assert await outcome(api, asked, headers) == expected, (asked, headers)


@pytest.mark.parametrize(
    ("part", "login"),
    [("server", SERVER_LOGIN), ("service", SERVICE_LOGIN), ("storage", STORAGE_LOGIN)],
    ids=["server", "service", "storage"],
)
async def test_a_password_opens_its_part_and_no_other(
    api: Api, keys: Keyring, part: str, login: Headers
) -> None:
    allowed = table()
    for asked in await described_operations(api, keys):
        is_open = asked.part == part or "nothing" in allowed[row(asked)]
        assert await outcome(api, asked, login) == ("through" if is_open else "401"), asked


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/genesys/1/admin", "/genesys/1/admin/options/", "/genesys/1//admin/options"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "TRACE"])
async def test_an_address_that_is_none_is_closed_too(api: Api, keys: Keyring, path: str, method: str) -> None:
    answer = await api.client.request(method, path)
    assert answer.status_code == 401
    assert (await api.client.request(method, path, headers=keys.admin)).status_code != 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_what_is_there_for_anyone_is_so_for_its_method_alone(
    api: Api, keys: Keyring, method: str
) -> None:
    assert (await api.client.request("HEAD", "/healthz")).status_code == 200
    assert (await api.client.request(method, "/healthz")).status_code == 401
    assert keys.admin


async def test_the_description_says_which_credentials_are_needed(api: Api, keys: Keyring) -> None:
    document = body(await api.client.get("/openapi.json", headers=keys.admin))
    assert set(document["components"]["securitySchemes"]) == {"password", "key"}
    allowed = table()
    for asked in described(document, {n: s.builtin for n, s in api.engine.keeper.current.services.items()}):
        said = document["paths"][asked.path][asked.method.lower()]["security"]
        named = allowed[row(asked)] - {"nothing"}
        if asked.builtin and asked.method == "GET":
            assert said[1]["key"]
        elif "nothing" in allowed[row(asked)]:
            assert said == []
        else:
            assert said == [{"password": []}, {"key": sorted(named)}]


async def test_an_open_server_says_that_none_are_needed(api: Api) -> None:
    document = body(await api.client.get("/openapi.json"))
    for methods in document["paths"].values():
        for operation in methods.values():
            assert not operation["security"] or {} in operation["security"]


async def test_a_preflight_of_a_browser_needs_no_credentials(api: Api, keys: Keyring) -> None:
    await keys.configure("server", cors_origins="https://app.example")
    asked = {"origin": "https://app.example", "access-control-request-method": "POST"}
    answer = await api.client.options("/genesys/1/service/get", headers=asked)
    assert answer.status_code == 204
    refused = await api.client.post("/genesys/1/service/get", headers={"origin": "https://app.example"})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://app.example"
