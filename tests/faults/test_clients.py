"""Clients that hold a connection and give nothing for it: the others are served."""

import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.acceptance.command import COMMAND, CONFIGURATION, LIMIT_SECONDS, POLL_SECONDS, Server

USUAL_SOFT_LIMIT = 1024  # descriptors of a process, on Linux
IDLE = 10_000  # connections
HALF_SENT = 300  # connections with a request that does not end
UNREAD = 30  # connections whose answers nobody reads; each costs the kernel some megabytes
SPARE = 500  # descriptors of this process besides its connections
PAIRS = 50  # reserved and matched by the others meanwhile
LONGEST_ANSWER_SECONDS = 3  # some milliseconds as a rule; the machine may be busy

POST = (
    "POST /genesys/1/service/request-interaction HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
)
SMALL_BUFFER = 4096  # bytes that a client takes of its answers
LARGE_RECORD = "large"
LARGE = "x" * 65_000  # bytes of an answer
UNREAD_REQUESTS = 100  # of a client that reads nothing; their answers are larger than all buffers on the way

Address = tuple[str, int]


def idle(address: Address) -> socket.socket:
    return socket.create_connection(address, LIMIT_SECONDS)


def in_the_middle_of_a_head(address: Address) -> socket.socket:
    return after_sending(address, POST.encode())


def in_the_middle_of_a_body(address: Address) -> socket.socket:
    return after_sending(address, f'{POST}Content-Length: 1000\r\n\r\n{{"customer": '.encode())


def reading_nothing(address: Address) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    connection.connect(address)
    request = (
        f"GET /genesys/1/storage/custom/{LARGE_RECORD} HTTP/1.1\r\nHost: test\r\ngms_user: tester\r\n\r\n"
    )
    connection.sendall(request.encode() * UNREAD_REQUESTS)
    return connection


def after_sending(address: Address, octets: bytes) -> socket.socket:
    connection = idle(address)
    connection.sendall(octets)
    return connection


Kind = Callable[[Address], socket.socket]


@pytest.fixture
def limits() -> Iterator[None]:
    """What a test does to this process's limits ends with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= IDLE + SPARE, (
        f"{IDLE} connections need as many descriptors on either side: raise the hard limit of {hard} (ulimit -Hn)"
    )
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def set_soft_limit(soft: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def server(tmp_path: Path, limits: None) -> Iterator[Server]:
    """A server that was started with the usual limit."""
    server = Server(tmp_path)
    set_soft_limit(USUAL_SOFT_LIMIT)
    server.start()
    set_soft_limit(IDLE + SPARE)
    yield server
    server.close()


@contextmanager
def herd(kind: Kind, size: int, address: Address) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(kind(address)) for _ in range(size)]


def serve_the_others(server: Server) -> None:
    """Calls are reserved and matched, over a connection that was there before and over new ones."""
    slowest = 0.0
    for _ in range(PAIRS):
        started = time.monotonic()
        reserved = server.reserve(customer="Ada")
        assert match_as_a_stranger(server.address, reserved["_access_number"]) == reserved["_id"]
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < LONGEST_ANSWER_SECONDS
    assert server.client.get("/readyz").text == "ok"


def match_as_a_stranger(address: Address, number: str) -> object:
    """The session, asked for over a connection of its own."""
    with closing(HTTPConnection(*address, timeout=LIMIT_SECONDS)) as connection:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"_access_number": number})
        connection.request("POST", "/genesys/1/service/match-interaction", body, form)
        return json.load(connection.getresponse())["_id"]


def descriptors(server: Server) -> int:
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def wait_for_few_descriptors(server: Server, most: int) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while (left := descriptors(server)) > most:
        assert time.monotonic() < deadline, f"the server still has {left} descriptors"
        time.sleep(POLL_SECONDS)


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (idle, IDLE),
        (in_the_middle_of_a_head, HALF_SENT),
        (in_the_middle_of_a_body, HALF_SENT),
        (reading_nothing, UNREAD),
    ],
)
def test_the_others_are_served(server: Server, kind: Kind, size: int) -> None:
    path = f"/genesys/1/storage/custom/{LARGE_RECORD}/600"
    assert server.client.post(path, data={"x": LARGE}, headers={"gms_user": "tester"}).status_code == 200
    serve_the_others(server)
    before = descriptors(server)
    with herd(kind, size, server.address):
        serve_the_others(server)
        assert descriptors(server) >= before + size, "each of them still has its connection"
    wait_for_few_descriptors(server, before)
    serve_the_others(server)


FEW = 100  # descriptors


def test_a_server_without_descriptors_serves_those_that_it_has_and_later_all(tmp_path: Path) -> None:
    server = Server(tmp_path, CONFIGURATION, ("prlimit", f"--nofile={FEW}", COMMAND))
    try:
        server.start()
        first = server.reserve(customer="Ada")
        before = descriptors(server)
        with herd(idle, 2 * FEW, server.address):
            found = server.ask("match-interaction", {"_access_number": first["_access_number"]})
            assert found["_id"] == first["_id"]
        wait_for_few_descriptors(server, before)
        serve_the_others(server)
        assert "Traceback" not in server.output
    finally:
        server.close()
