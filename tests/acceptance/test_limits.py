"""Limits on what arrives at a socket: connections, the size of a request's head, and the time that it takes.

On loopback without credentials there are none but those of size, so this server has a password.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPResponse

import pytest

from matchline.cli.protocol import MAX_ADDRESS, MAX_HEAD, MAX_HEADERS

from .command import CONFIGURATION, LIMIT_SECONDS, Server
from .test_sockets import MIB, POST, connect, received

PER_ADDRESS = 20
HEAD_SECONDS, BODY_SECONDS, IDLE_SECONDS = 1, 2, 1

# By when a connection is closed that should be: these machines may be busy.
SURELY = 30  # seconds

GUARDED = CONFIGURATION.replace(
    "[server]",
    f"""[server]
username = "ada"
password = "s3cret"
max_connections_per_address = {PER_ADDRESS}
rate_per_address = 0
head_seconds = {HEAD_SECONDS}
body_seconds = {BODY_SECONDS}
idle_seconds = {IDLE_SECONDS}""",
)

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("guarded"), GUARDED)
    try:
        yield server.start()
    finally:
        server.close()


def seconds_until_closed(connection: socket.socket) -> tuple[float, bytes]:
    """And what was received until then."""
    begun = time.monotonic()
    content = received(connection)
    return time.monotonic() - begun, content


def serves(server: Server) -> bool:
    return server.client.get("/healthz", headers={"connection": "close"}).text == "ok"


# Time


def test_a_connection_that_never_asks_is_closed(guarded: Server) -> None:
    with connect(guarded) as connection:
        seconds, content = seconds_until_closed(connection)
    assert content == b""
    assert HEAD_SECONDS - 0.1 <= seconds < SURELY


@pytest.mark.parametrize("begun", [b"G", b"GET /healthz HTTP/1.1\r\n", HEALTH + b"GET /healthz"])
def test_a_head_that_does_not_end_is_not_waited_for(guarded: Server, begun: bytes) -> None:
    with connect(guarded) as connection:
        connection.sendall(begun)
        seconds, content = seconds_until_closed(connection)
    assert b"HTTP/1.1 408" in content
    assert b"TooSlow" in content
    assert seconds < SURELY


def test_a_head_that_drips_gains_no_time(guarded: Server) -> None:
    with connect(guarded) as connection:
        assert dripped(connection, b"GET /healthz HTTP/1.1\r\nX-Drip: " + b"x" * 1000) < SURELY


def test_empty_lines_keep_no_connection(guarded: Server) -> None:
    with connect(guarded) as connection:
        connection.sendall(HEALTH)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert dripped(connection, b"\r\n" * 500) < SURELY


def dripped(connection: socket.socket, content: bytes) -> float:
    """Seconds after which the server no longer took more, byte for byte."""
    begun = time.monotonic()
    connection.settimeout(0.05)
    for byte in content:
        try:
            connection.sendall(bytes([byte]))
            if connection.recv(1) in (b"", b"H"):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    else:
        raise AssertionError("the server took it all")
    return time.monotonic() - begun


def test_a_body_that_does_not_end_is_not_waited_for(guarded: Server) -> None:
    with connect(guarded) as connection:
        connection.sendall(
            f"{POST}Authorization: Basic YWRhOnMzY3JldA==\r\nContent-Length: 100\r\n\r\na=1".encode()
        )
        seconds, content = seconds_until_closed(connection)
    assert content.startswith(b"HTTP/1.1 408")
    assert BODY_SECONDS - 0.1 <= seconds < SURELY
    assert "Traceback" not in guarded.output


def test_an_idle_connection_is_closed(guarded: Server) -> None:
    with connect(guarded) as connection:
        connection.sendall(HEALTH)
        seconds, content = seconds_until_closed(connection)
    assert content.startswith(b"HTTP/1.1 200")
    assert IDLE_SECONDS - 0.1 <= seconds < SURELY


def test_a_connection_that_is_used_stays(guarded: Server) -> None:
    with closing(HTTPConnection(*guarded.address, timeout=LIMIT_SECONDS)) as connection:
        connection.connect()
        first = connection.sock
        end = time.monotonic() + 2 * max(HEAD_SECONDS, IDLE_SECONDS)
        while time.monotonic() < end:
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok"
        assert connection.sock is first


# Size


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /%s HTTP/1.1\r\nHost: test\r\n\r\n" % (b"a" * (MAX_ADDRESS + 1)), 414),
        (b"GET /healthz?%s HTTP/1.1\r\nHost: test\r\n\r\n" % (b"a" * (MAX_ADDRESS + 1)), 414),
        (b"GET /healthz HTTP/1.1\r\nX: %s\r\n\r\n" % (b"a" * MAX_HEAD), 431),
        (b"GET /healthz HTTP/1.1\r\n%s\r\n" % (b"X: 1\r\n" * (MAX_HEADERS + 1)), 431),
        (b"GET /healthz HTTP/1.1\r\nX: %s" % (b"a" * 2 * MIB), 431),
    ],
)
def test_a_head_that_is_too_large_is_refused(running: Server, request_: bytes, status: int) -> None:
    """On loopback without credentials too."""
    with connect(running) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # the answer may come before the end
            connection.sendall(request_)
        content = received(connection)
    assert content.startswith(b"HTTP/1.1 %d" % status) or (not content and len(request_) > MIB)
    assert serves(running)


def test_a_head_as_large_as_may_be_is_taken(running: Server) -> None:
    lines = b"".join(b"X-%02d: %s\r\n" % (n, b"a" * 500) for n in range(MAX_HEADERS - 2))
    address = b"/healthz?%s" % (b"a" * (MAX_ADDRESS - len("/healthz?")))
    with connect(running) as connection:
        connection.sendall(b"GET %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n%s\r\n" % (address, lines))
        assert received(connection).startswith(b"HTTP/1.1 200")


def test_what_follows_a_body_in_chunks_is_limited_too(guarded: Server) -> None:
    sent, chunk = 0, b"X-Trailer: " + b"a" * 0x10000 + b"\r\n"
    with connect(guarded) as connection:
        connection.sendall(f"{POST}Transfer-Encoding: chunked\r\n\r\n0\r\n".encode())
        try:
            while sent < 64 * MIB:
                connection.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 64 * MIB
    assert serves(guarded)


# Number


def test_one_address_has_only_so_many_connections(guarded: Server) -> None:
    with ExitStack() as stack:
        others = [stack.enter_context(connect(guarded)) for _ in range(2 * PER_ADDRESS)]
        answers = [received(each) for each in others]
    refused = [content for content in answers if content]
    assert len(refused) >= PER_ADDRESS
    assert all(each.startswith(b"HTTP/1.1 429") and b"TooManyConnections" in each for each in refused)
    wait_until(lambda: serves(guarded))


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < end


# As every other error


@pytest.mark.parametrize(
    ("request_", "status", "exception"),
    [
        (b"nonsense\r\n\r\n", 400, "MalformedRequest"),
        (b"CONNECT test:80 HTTP/1.1\r\nHost: test\r\n\r\n", 400, "MalformedRequest"),
        (HEALTH.replace(b"\r\n\r\n", b"\r\nX-Request-Id: mine\r\nX"), 408, "TooSlow"),
        (
            b"GET /%s HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n" % (b"a" * (MAX_ADDRESS + 1)),
            414,
            "AddressTooLong",
        ),
        (b"GET / HTTP/1.1\r\n%s\r\n" % (b"X-Request-Id: mine\r\n" * (MAX_HEADERS + 1)), 431, "HeadTooLarge"),
    ],
)
def test_what_never_became_a_request_has_an_id_and_is_counted(
    guarded: Server, request_: bytes, status: int, exception: str
) -> None:
    counted = requests_counted(guarded, status)
    with connect(guarded) as connection:
        connection.sendall(request_)
        answer = HTTPResponse(connection)
        answer.begin()
        body = json.loads(answer.read())
    assert (answer.status, body["exception"]) == (status, exception)
    assert body["_request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (body["_request_id"] == "mine") is (b"mine" in request_)
    assert requests_counted(guarded, status) == counted + 1


def requests_counted(server: Server, status: int) -> int:
    alone = {"connection": "close"}  # an idle connection may be closed just when it is used again
    text = server.client.get("/metrics", auth=("ada", "s3cret"), headers=alone).text
    found = re.search(rf'matchline_requests_total{{operation="none",status="{status}"}} (\d+)', text)
    return int(found[1]) if found else 0
