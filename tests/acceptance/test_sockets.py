"""What arrives on a socket and is no polite request: too much, too little, or nonsense."""

import socket

import pytest

from .command import LIMIT_SECONDS, Server

MIB = 1 << 20
SENT_AT_MOST = 32 * MIB  # the limit of a body and whatever the sockets of both sides hold

POST = (
    "POST /genesys/1/storage/60 HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)


def connect(server: Server) -> socket.socket:
    return socket.create_connection(server.address, LIMIT_SECONDS)


def received(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    content = b""
    try:
        while chunk := connection.recv(65_536):
            content += chunk
    except ConnectionResetError:
        pass  # the server closed while we were still sending
    return content


def test_a_body_declared_too_large_is_refused_unseen(running: Server) -> None:
    with connect(running) as connection:
        connection.sendall(f"{POST}Content-Length: {1024 * MIB}\r\n\r\n".encode())
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"TooLarge" in answer
    assert b"connection: close" in answer


def test_a_client_that_waits_for_leave_never_sends_a_body_that_is_too_large(running: Server) -> None:
    with connect(running) as connection:
        connection.sendall(f"{POST}Expect: 100-continue\r\nContent-Length: {1024 * MIB}\r\n\r\n".encode())
        assert received(connection).startswith(b"HTTP/1.1 413")


def test_an_endless_body_is_cut_off(running: Server) -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    sent = 0
    with connect(running) as connection:
        connection.sendall(f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            while sent < 4 * SENT_AT_MOST:
                connection.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert MIB <= sent < SENT_AT_MOST
    assert running.client.get("/readyz").text == "ok"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /genesys/1/storage/\xff\xfe HTTP/1.1\r\nHost: test\r\n\r\n",
        b"GET /genesys/1/storage/x HTTP/1.1\r\nHost test\r\n\r\n",
        f"{POST}Content-Length: -1\r\n\r\n".encode(),
        f"{POST}Content-Length: {'9' * 5000}\r\n\r\n".encode(),
        f"{POST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
        f"{POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
    ],
)
def test_what_is_no_http_is_refused_and_hurts_nobody(running: Server, nonsense: bytes) -> None:
    with connect(running) as connection:
        connection.sendall(nonsense)
        connection.shutdown(socket.SHUT_WR)
        answer = received(connection)
    assert not answer.startswith(b"HTTP/1.1 5")
    assert not answer.startswith(b"HTTP/1.1 2")
    assert "Traceback" not in running.output
    assert running.client.get("/readyz").text == "ok"


def test_a_body_that_breaks_off_stores_nothing(running: Server) -> None:
    before = running.client.get("/genesys/1/admin/resources/DNIS").json()
    with connect(running) as connection:
        head = POST.replace("/storage/60", "/service/request-interaction")
        connection.sendall(f"{head}Content-Length: 1000\r\n\r\ncustomer=Ada".encode())
    assert running.client.get("/readyz").text == "ok"
    assert running.client.get("/genesys/1/admin/resources/DNIS").json() == before
    assert "Traceback" not in running.output


def test_head_and_pipelined_requests_are_answered_in_order(running: Server) -> None:
    status = "{} /genesys/1/admin/node/status HTTP/1.1\r\nHost: test\r\n{}\r\n"
    with connect(running) as connection:
        connection.sendall(
            (status.format("HEAD", "") + status.format("GET", "Connection: close\r\n")).encode()
        )
        answer = received(connection)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.count(b"ONLINE") == 1
