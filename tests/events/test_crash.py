"""Real servers: what was answered is delivered, though one is killed before it could, and whichever node is left."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import CONFIGURATION, Server, succeeded
from tests.acceptance.command import run as run_command
from tests.nodes.cluster import CONFIGURATION as NODES
from tests.nodes.cluster import nodes
from tests.postgres import PostgresServer

from .receiver import SECRET, Received, receiving

LIFE = ["reserved", "matched", "ended"]


def told_to(url: str) -> str:
    """The section of a configuration."""
    return f'\n[events]\ntypes = "*"\nurl = "{url}"\nsecret = "{SECRET}"\n'


@pytest.fixture
def receiver() -> Iterator[tuple[Received, str]]:
    with receiving() as found:
        yield found


def live_and_end(client: httpx.Client, **fields: str) -> str:
    """A session that is reserved, matched and deleted; its id."""
    service = "/genesys/1/service"
    session = client.post(f"{service}/request-interaction", data=fields).json()
    called = {"_access_number": session["_access_number"], "_delete_service": "true"}
    assert client.post(f"{service}/match-interaction", data=called).status_code == 200
    return str(session["_id"])


def test_what_a_killed_server_did_not_deliver_is_delivered_by_the_next(
    tmp_path: Path, receiver: tuple[Received, str]
) -> None:
    received, url = receiver
    received.refuse_with = 500
    server = Server(tmp_path, CONFIGURATION + told_to(url))
    try:
        server.start()
        sessions = [live_and_end(server.client) for _ in range(3)]
        received.wait_until_asked(1)
        server.kill()
        received.refuse_with = None
        server.start()
        received.wait_for(len(LIFE) * len(sessions))
        assert received.stories() == dict.fromkeys(sessions, LIFE)
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
    finally:
        server.close()


def test_of_two_nodes_whichever_is_left_goes_on(
    tmp_path: Path, postgres: PostgresServer, receiver: tuple[Received, str]
) -> None:
    received, url = receiver
    sessions: list[str] = []
    with nodes(tmp_path, postgres.empty(), 2, NODES + told_to(url)) as (first, second):
        for _ in range(5):
            sessions += [live_and_end(node.client) for node in (first, second)]
        received.wait_for(len(LIFE) * len(sessions))
        first.kill()
        sessions += [live_and_end(second.client) for _ in range(5)]
        received.wait_for(len(LIFE) * len(sessions))
    assert received.stories() == dict.fromkeys(sessions, LIFE)


def test_a_command_names_the_user_of_its_machine(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        server.start()
        for place in (("--store", server.store), ("--server", str(server.client.base_url))):
            succeeded(run_command(tmp_path, "options", *place, "set", "server", f"max_ttl={len(place[0])}"))
        told = succeeded(run_command(tmp_path, "audit", "--store", server.store))
    finally:
        server.close()
    assert "@" in told.splitlines()[0]
    assert "everyone, " in told.splitlines()[0]
    assert "[server] max_ttl: 7 → 8" in told
    assert "[server] default_region: not set → US" in told


def test_metrics_have_a_port_of_their_own_and_logs_are_json(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        server.start(
            *("--config", str(server.config), "--store", "memory://"),
            *("--port", "0", "--metrics-port", "0"),
            *("--log-format", "json", "--log-level", "debug"),
        )
        port = server.wait_for(r"Metrics are at port (\d+)")
        server.reserve()
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        assert 'matchline_reservations_total{group="DNIS",kind="reserved"} 1.0' in text
        line = server.wait_for(r'(\{"time":.*"message":"POST .*request_id":"[0-9a-f]{8}-\d+"\})')
    finally:
        server.close()
    assert '"level":"debug"' in line
