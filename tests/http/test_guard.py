"""What clients may do: how often they may ask, how much they may hold, from where and on which port."""

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import httpx
import pytest

from matchline.engine.guard import BURST, MOST_CLIENTS, Rates, client_of, is_loopback
from matchline.engine.ports import PortRestrictions
from matchline.wire import BASE_PATH
from matchline.wiring import application

from .api import NUMBERS, Api, body, check_answer, fault

pytestmark = pytest.mark.anyio

HERE, ELSEWHERE, FARTHER = "127.0.0.1", "203.0.113.9", "198.51.100.7"

RATE = 5  # requests a second
AT_ONCE = RATE * BURST // 1000

SERVER_PASSWORD = ("ada", "s3cret")

From: TypeAlias = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def client_from(api: Api) -> AsyncIterator[From]:
    """Clients at an address, on a port of the server's."""
    made: list[httpx.AsyncClient] = []

    def make(address: str, port: int = 80) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(application(api.engine), client=(address, 4711)),
            base_url=f"http://matchline.local:{port}{BASE_PATH}",
            event_hooks={"response": [check_answer]},
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.aclose()


async def let_the_network_in(api: Api, **options: str) -> None:
    api.engine.guard.insecure_open = True
    await api.configure("server", **options)


# Nothing is open by accident


async def test_without_credentials_only_the_machine_itself_is_answered(api: Api, client_from: From) -> None:
    fault(await client_from(ELSEWHERE).get("/admin/options"), 403, "NotOpenToNetwork")
    body(await client_from(HERE).get("/admin/options"))
    body(await client_from("::1").get("/admin/options"))


@pytest.mark.parametrize(
    "host", ["evil.example.com", "evil.example.com:8080", "evil.example.com.", "EVIL.COM"]
)
async def test_a_pages_own_name_that_leads_here_does_not_make_it_the_machine_itself(
    api: Api, host: str
) -> None:
    named = {"host": host}
    fault(await api.get("/admin/options", headers=named), 403, "NotOpenToNetwork")
    made = await api.post("/admin/keys", json={"name": "theirs", "scopes": ["admin"]}, headers=named)
    fault(made, 403, "NotOpenToNetwork")
    api.engine.guard.insecure_open = True
    body(await api.get("/admin/options", headers=named))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "[::1]:8080", "localhost", "matchline", "matchline.svc.cluster.local", ""]
)
async def test_the_machines_own_names_are_answered(api: Api, host: str) -> None:
    body(await api.get("/admin/options", headers={"host": host}))


async def test_once_there_are_credentials_names_do_not_matter(api: Api) -> None:
    await api.configure("server", password=SERVER_PASSWORD[1])
    body(await api.get("/admin/options", auth=SERVER_PASSWORD, headers={"host": "calls.example.com"}))


async def test_a_network_may_be_let_in_on_purpose(api: Api, client_from: From) -> None:
    await let_the_network_in(api)
    body(await client_from(ELSEWHERE).get("/admin/options"))


async def test_with_credentials_who_has_them_is_answered_wherever_from(api: Api, client_from: From) -> None:
    await api.configure("server", username=SERVER_PASSWORD[0], password=SERVER_PASSWORD[1])
    client = client_from(ELSEWHERE)
    assert (await client.get("/admin/options")).status_code == 401
    body(await client.get("/admin/options", auth=SERVER_PASSWORD))


# Headers


@pytest.mark.parametrize("path", ["/admin/options", "/nowhere", "/service/nobody"])
async def test_every_answer_carries_the_security_headers(api: Api, path: str) -> None:
    headers = (await api.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


async def test_refusals_carry_them_too(api: Api, client_from: From) -> None:
    refused = await client_from(ELSEWHERE).get("/admin/options")
    assert refused.headers["cache-control"] == "no-store"


async def test_the_page_runs_nothing_and_is_embedded_nowhere(api: Api) -> None:
    policy = (await api.client.get("/docs")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy


async def test_a_file_s_header_is_not_sent_twice(api: Api) -> None:
    record = body(await api.post("/storage/60", files={"photo": ("f", b"x", "image/png")}))["id"]
    answer = await api.get(f"/storage/binary/{record}/photo")
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_over_tls_browsers_are_told_to_come_back_over_tls(api: Api) -> None:
    answer = await api.client.get("https://matchline.local/healthz")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


# Rates


async def test_an_address_that_asks_too_often_is_told_when_to_come_back(api: Api, client_from: From) -> None:
    await let_the_network_in(api, rate_per_address=str(RATE))
    client = client_from(ELSEWHERE)
    for _ in range(AT_ONCE):
        assert (await client.get("/nowhere")).status_code == 404
    refused = await client.get("/nowhere")
    fault(refused, 429, "TooManyRequests")
    assert refused.headers["retry-after"] == "1"
    assert (await client_from(FARTHER).get("/nowhere")).status_code == 404, "others are not held up"
    api.clock.advance(1)
    assert [(await client.get("/nowhere")).status_code for _ in range(RATE + 1)] == [404] * RATE + [429]


async def test_the_machine_itself_may_ask_as_often_as_it_likes(api: Api) -> None:
    await api.configure("server", rate_per_address="1", reservation_quota="1", rate_per_key="1")
    for _ in range(len(NUMBERS)):
        await api.reserve()


async def test_credentials_that_ask_too_often_are_refused_wherever_from(api: Api, client_from: From) -> None:
    username, password = SERVER_PASSWORD
    await api.configure("server", username=username, password=password, rate_per_key=str(RATE))
    places = [client_from(address) for address in (HERE, ELSEWHERE, FARTHER)]
    for n in range(AT_ONCE):
        body(await places[n % 3].get("/admin/options", auth=SERVER_PASSWORD))
    fault(await places[0].get("/admin/options", auth=SERVER_PASSWORD), 429, "TooManyRequests")


async def test_a_limit_of_none_is_none(api: Api, client_from: From) -> None:
    await let_the_network_in(api, rate_per_address="0")
    client = client_from(ELSEWHERE)
    assert {(await client.get("/nowhere")).status_code for _ in range(300)} == {404}


def test_a_bucket_never_lends_more_than_its_rate() -> None:
    rates, asked = Rates(), 0
    for now in range(0, 10_000, 7):
        asked += rates.wait("a", RATE, now) == 0
    assert AT_ONCE + 10 * RATE - 1 <= asked <= AT_ONCE + 10 * RATE


def test_what_is_remembered_of_clients_is_bounded() -> None:
    rates = Rates()
    for n in range(MOST_CLIENTS + 10):
        assert rates.wait(f"{n}", 1, 0) == 0
    assert len(rates) == MOST_CLIENTS


def test_the_addresses_of_one_network_are_one_client() -> None:
    assert client_of("2001:db8:1:2::1") == client_of("2001:db8:1:2:ffff::2") != client_of("2001:db8:1:3::1")
    assert client_of(ELSEWHERE) == ELSEWHERE


def test_the_machine_itself_has_many_addresses() -> None:
    assert all(is_loopback(address) for address in (HERE, "127.8.9.1", "::1", "::ffff:127.0.0.1", ""))
    assert not any(is_loopback(address) for address in (ELSEWHERE, "2001:db8::1", "::ffff:203.0.113.9", "0"))


# Quota


async def reserve(client: httpx.AsyncClient, **how: object) -> httpx.Response:
    return await client.post("/service/request-interaction", **how)  # type: ignore[arg-type]


async def test_a_client_does_not_drain_a_group(api: Api, client_from: From) -> None:
    await let_the_network_in(api, reservation_quota="2")
    greedy = client_from(ELSEWHERE)
    first = body(await reserve(greedy))
    body(await reserve(greedy))
    refused = await reserve(greedy)
    fault(refused, 429, "QuotaReached")
    assert b"matchline_exhausted_total{" not in api.engine.metrics.exposition(), "a number is free"
    assert refused.headers["retry-after"] == "30"
    body(await reserve(client_from(FARTHER)))
    asked = {"_access_number": first["_access_number"]}
    body(await greedy.post("/service/match-interaction", data=asked))
    body(await reserve(greedy))


async def test_credentials_have_one_quota_wherever_from(api: Api, client_from: From) -> None:
    username, password = SERVER_PASSWORD
    await api.configure("server", username=username, password=password, reservation_quota="1")
    body(await reserve(client_from(ELSEWHERE), auth=SERVER_PASSWORD))
    fault(await reserve(client_from(FARTHER), auth=SERVER_PASSWORD), 429, "QuotaReached")


async def test_access_for_a_running_session_is_within_the_quota(api: Api, client_from: From) -> None:
    await let_the_network_in(api, reservation_quota="1")
    client = client_from(ELSEWHERE)
    session = body(await reserve(client))
    access = await client.post("/service/request-access", data={"_id": session["_id"]})
    assert body(access)["_access_number"] == session["_access_number"]
    other = await api.reserve()
    fault(
        await client.post("/service/request-access", data={"_id": other["_id"], "_resource_group": "SHARED"}),
        429,
        "QuotaReached",
    )


# Ports


async def restrict(api: Api, **patterns: str) -> httpx.Response:
    return await api.send("PATCH", "/admin/options/port_restrictions", json=patterns)


async def test_an_address_is_served_on_its_ports_only(api: Api, client_from: From) -> None:
    body(
        await restrict(
            api,
            **{
                "/genesys/1/storage*": "80-90",
                "/genesys/1/service/*": "92-98,100",
                "/genesys/1/service/match-interaction": "8443",
            },
        )
    )
    for path, port, status in (
        ("/storage/none", 85, 404),
        ("/storage/none", 91, 403),
        ("/service/none", 100, 404),
        ("/service/none", 99, 403),
        ("/service/match-interaction", 92, 403),
        ("/service/match-interaction", 8443, 404),
        ("/admin/options", 4711, 200),
    ):
        answer = await client_from(HERE, port).get(path)
        assert answer.status_code == status, (path, port)
        if status == 403:
            fault(answer, 403, "WrongPort")


@pytest.mark.parametrize(
    ("pattern", "ports"),
    [("storage", "80"), ("/a", "eighty"), ("/a", "80-"), ("/a", "70000"), ("/a", "1-2-3")],
)
async def test_a_restriction_that_means_nothing_is_refused(api: Api, pattern: str, ports: str) -> None:
    assert pattern in fault(await restrict(api, **{pattern: ports}), 400, "InvalidConfiguration")


def test_a_pattern_s_other_characters_stand_for_themselves() -> None:
    restrictions = PortRestrictions({"/a.b/*": "1", "/c": ""})
    assert restrictions.allow("/axb/c", 2)
    assert restrictions.allow("/c", 2), "an option without a text is not set"
    assert not restrictions.allow("/a.b/\n", 2)
