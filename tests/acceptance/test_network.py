"""How a server stands in the network: not open by accident, on several ports, behind proxies that it trusts."""

from pathlib import Path

import httpx
import pytest
from click import UsageError

from matchline.cli.network import Given, Standing, take_stand
from matchline.wiring import open_engine, sample_document

from .command import LIMIT_SECONDS, Server, refused, run

OPTIONS = "/genesys/1/admin/options"
ELSEWHERE = "203.0.113.9"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ELSEWHERE])  # noqa: S104 - it is not listened on
def test_it_does_not_start_open_to_the_network(tmp_path: Path, host: str) -> None:
    message = refused(run(tmp_path, "serve", "--store", "memory://", "--port", "0", "--host", host))
    for way_out in ("password", "matchline keys create", "127.0.0.1", "--insecure-open"):
        assert way_out in message


def stand(host: str, *, insecure_open: bool = False) -> Standing:
    return Standing(host, (0,), None, (), insecure_open)


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
async def test_loopback_may_be_open(host: str) -> None:
    async with open_engine("memory://") as engine:
        take_stand(engine, stand(host))
        assert not engine.guard.insecure_open


@pytest.mark.anyio
async def test_the_network_may_be_served_on_purpose_or_with_credentials() -> None:
    async with open_engine("memory://") as engine:
        with pytest.raises(ValueError, match="no credentials are configured"):
            take_stand(engine, stand(ELSEWHERE))
        take_stand(engine, stand(ELSEWHERE, insecure_open=True))
        await engine.keeper.apply(sample_document())
        await engine.keeper.set_options("server", {"password": "s3cret"})
        take_stand(engine, stand(ELSEWHERE))
        assert not engine.guard.insecure_open


def test_it_listens_on_several_ports(server: Server) -> None:
    server.start("--config", str(server.config), "--store", "memory://", "--port", "0", "--port", "0")
    second = server.wait_for(r"ready at \S+, (http://127\.0\.0\.1:\d+)")
    assert httpx.get(f"{second}/healthz", trust_env=False).text == "ok"
    assert server.client.get("/healthz").text == "ok"


def test_several_ports_may_stand_in_the_environment(server: Server) -> None:
    server.start("--config", str(server.config), "--store", "memory://", MATCHLINE_PORT="0 0")
    server.wait_for(r"ready at \S+, (http://127\.0\.0\.1:\d+)")


def test_ports_are_restricted(server: Server) -> None:
    server.start("--config", str(server.config), "--store", "memory://", "--port", "0", "--port", "0")
    second = httpx.URL(server.wait_for(r"ready at \S+, (http://127\.0\.0\.1:\d+)"))
    restricted = {"/genesys/1/storage*": str(second.port)}
    section = f"{OPTIONS}/port_restrictions"
    assert server.client.patch(section, json=restricted).status_code == 200
    assert server.client.get("/genesys/1/storage/none").status_code == 403
    assert httpx.get(second.join("/genesys/1/storage/none"), trust_env=False).status_code == 404


def test_only_a_trusted_proxy_s_word_on_its_clients_is_believed(server: Server) -> None:
    told = {"X-Forwarded-For": ELSEWHERE}
    server.start("--config", str(server.config), "--store", "memory://", "--port", "0")
    assert server.client.get(OPTIONS, headers=told).status_code == 200, "anybody can send a header"
    server.kill()
    server.start(
        "--config",
        str(server.config),
        "--store",
        "memory://",
        "--port",
        "0",
        "--trusted-proxy",
        "127.0.0.0/8,::1",
    )
    refusal = server.client.get(OPTIONS, headers=told)
    assert refusal.json()["exception"] == "NotOpenToNetwork"
    assert server.client.get(OPTIONS).status_code == 200


def test_the_public_address_is_the_one_that_the_proxy_was_asked_by(server: Server) -> None:
    server.start(
        "--config",
        str(server.config),
        "--store",
        "memory://",
        "--port",
        "0",
        "--trusted-proxy",
        "127.0.0.1",
        "--insecure-open",
    )
    told = {
        "X-Forwarded-For": ELSEWHERE,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "calls.example",
    }
    files = {"photo": ("f", b"x", "image/png")}
    record = server.client.post("/genesys/1/storage/60", files=files).json()["id"]
    seen = server.client.get(f"/genesys/1/storage/{record}", headers=told, timeout=LIMIT_SECONDS)
    assert seen.json()["photo"].startswith("https://calls.example/genesys/1/storage/binary/")
    assert "strict-transport-security" in seen.headers


def test_a_proxy_that_is_no_address_is_refused() -> None:
    given = Given(None, (), None, None, "10.0.0.0/8,proxy.example", insecure_open=False)
    with pytest.raises(UsageError, match=r"proxy\.example"):
        given.standing({"host": "127.0.0.1", "port": "0"})
