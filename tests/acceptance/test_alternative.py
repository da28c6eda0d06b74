"""The build that Matchline is measured against: it answers the client of the measurements, from a real Redis."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bench.alternatives.redis_server import Fsync, redis_server
from bench.configured import Kind
from bench.crowd import crowd
from bench.machine import CLIENT_CORE
from bench.requests import USER_DATA
from bench.scripts import pairs
from bench.served import Served, by_hand, served

from tests.acceptance.command import LIMIT_SECONDS

NUMBERS = ("+18005550100", "+18005550101", "+18005550102")
CALLER, STRANGER = "+14155550123", "+14155550199"


@pytest.fixture
def alternative(tmp_path: Path) -> Iterator[Served]:
    if shutil.which("redis-server") is None:
        missing = "redis-server is missing: apt-get install redis-server"
        if os.environ.get("MATCHLINE_REQUIRE_ALL") == "1":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    numbers = tmp_path / "numbers"
    numbers.write_text("\n".join(NUMBERS))
    with (
        redis_server(tmp_path / "redis", Fsync.ALWAYS, CLIENT_CORE) as redis,
        served("FastAPI", by_hand(redis.url, numbers)) as server,
    ):
        yield server


@pytest.fixture
def client(alternative: Served) -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{alternative.port}/genesys/1/service"
    with httpx.Client(base_url=base, timeout=LIMIT_SECONDS, trust_env=False) as client:
        yield client


def reserve(client: httpx.Client) -> httpx.Response:
    return client.post("/request-interaction", data={"_phone_number": CALLER, **USER_DATA})


def match(client: httpx.Client, number: str, phone: str) -> httpx.Response:
    call = {"_access_number": number, "_phone_number": phone, "_return_user_data": "true"}
    return client.post("/match-interaction", data=call)


def test_measured_pairs_get_their_own_sessions_and_give_the_numbers_back(alternative: Served) -> None:
    with crowd([alternative.port], len(NUMBERS)) as clients:
        run = clients.run(pairs(Kind.NUMBER, 20 * len(NUMBERS)))
    assert run.requests == 40 * len(NUMBERS)


def test_a_number_is_given_to_one_session_until_its_call_came(client: httpx.Client) -> None:
    taken = [reserve(client).json()["_access_number"] for _ in NUMBERS]
    assert sorted(taken) == sorted(NUMBERS)
    refused = reserve(client)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert match(client, taken[1], CALLER).status_code == 200
    assert reserve(client).json()["_access_number"] == taken[1]


def test_a_session_is_for_one_call_from_its_own_phone(client: httpx.Client) -> None:
    reserved = reserve(client).json()
    number = reserved["_access_number"]
    assert match(client, number, STRANGER).status_code == 404
    assert match(client, number, CALLER).json() == {"_id": reserved["_id"], "user_data": USER_DATA}
    assert match(client, number, CALLER).status_code == 404


def test_a_call_without_a_number_is_refused(client: httpx.Client) -> None:
    refused = client.post("/match-interaction", data={"_phone_number": CALLER})
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["_access_number"]
