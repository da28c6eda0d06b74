"""A server that is told to stop finishes what it has begun; one that is killed forgets nothing it has said."""

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from .command import LIMIT_SECONDS, POLL_SECONDS, Server

FORM = "application/x-www-form-urlencoded"


def half_sent(server: Server, content: bytes) -> socket.socket:
    """A request whose body is half sent, and which the server has begun to read."""
    connection = socket.create_connection(server.address, LIMIT_SECONDS)
    head = (
        "POST /genesys/1/service/request-interaction HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    connection.sendall(head.encode())
    assert connection.recv(1024).startswith(b"HTTP/1.1 100"), "the server asks for the body"
    connection.sendall(content[: len(content) // 2])
    return connection


def rest_of_answer(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    return received


def status(server: Server) -> str:
    return server.client.get("/genesys/1/admin/node/status").text


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_a_half_sent_request_is_finished_while_the_node_says_offline(
    server: Server, order: signal.Signals
) -> None:
    server.start(
        "--config", str(server.config), "--store", server.store, "--port", "0", "--drain-seconds", "0"
    )
    content = b"customer=Ada&note=" + b"x" * 1000
    with half_sent(server, content) as connection:
        server.signal(order)
        deadline = time.monotonic() + LIMIT_SECONDS
        while status(server) != "OFFLINE" and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        assert status(server) == "OFFLINE"
        assert server.client.get("/readyz").status_code == 503
        connection.sendall(content[len(content) // 2 :])
        answer = rest_of_answer(connection)
    assert answer.startswith(b"HTTP/1.1 200")
    assert server.wait() == 0
    assert "Matchline has stopped." in server.output
    assert "Traceback" not in server.output

    session = json.loads(answer.partition(b"\r\n\r\n")[2])["_id"]
    server.start()
    stored = server.client.get(f"/genesys/1/service/{session}/storage").json()
    assert (stored["customer"], len(stored["note"])) == ("Ada", 1000)


def test_an_idle_server_stops_at_once_with_its_connections(server: Server) -> None:
    server.start("--store", "memory://", "--port", "0", "--drain-seconds", "0")
    assert status(server) == "ONLINE", "the connection stays open"
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


def test_a_second_order_to_stop_waits_for_nobody(server: Server) -> None:
    server.start("--store", "memory://", "--port", "0", "--drain-seconds", "0")
    with half_sent(server, b"a" * 1000):
        server.signal(signal.SIGTERM)
        deadline = time.monotonic() + LIMIT_SECONDS
        while status(server) != "OFFLINE" and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        started = time.monotonic()
        server.signal(signal.SIGTERM)
        server.wait()
        assert time.monotonic() - started < 15, "half of the longest drain"


GROUP = f"""
[resources.MANY]
_booking_expiration_timeout = 1800
numbers = {json.dumps([f"+1800555{n}" for n in range(1000, 3000)])}

[service.request-interaction]
_type = "builtin"
_service = "request-interaction"
_resource_group = "MANY"
_ttl = 3600

[service.match-interaction]
_type = "builtin"
_service = "match-interaction"
_return_user_data = true
"""


def reserve_until_killed(server: Server, worker: int) -> list[Any]:
    """The sessions that were acknowledged."""
    acknowledged = []
    with httpx.Client(base_url=server.client.base_url, trust_env=False) as client:
        for turn in range(400):
            try:
                answer = client.post(
                    "/genesys/1/service/request-interaction", data={"worker": f"{worker}/{turn}"}
                )
            except httpx.TransportError:
                break
            assert answer.status_code == 200, answer.text
            acknowledged.append(answer.json())
            if worker == 0 and turn == 20:
                server.signal(signal.SIGKILL)
    return acknowledged


def test_a_killed_server_keeps_every_acknowledged_reservation_and_leaks_none(server: Server) -> None:
    server.config.write_text(GROUP)
    server.start()
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda worker: reserve_until_killed(server, worker), range(4)))
    sessions = [session for each in runs for session in each]
    assert len(sessions) > 20
    assert server.wait() == -signal.SIGKILL

    server.start()
    assert len({session["_access_number"] for session in sessions}) == len(sessions)
    for worker, each in enumerate(runs):
        for turn, session in enumerate(each):
            found = server.ask("match-interaction", {"_access_number": session["_access_number"]})
            assert (found["_id"], found["user_data"]) == (session["_id"], {"worker": f"{worker}/{turn}"})
    pool_now = server.client.get("/genesys/1/admin/resources/MANY").json()
    unacknowledged = int(pool_now["reserved"])
    assert unacknowledged <= 4, "at most one request of each worker was under way"
    assert int(pool_now["free"]) + unacknowledged == 2000
