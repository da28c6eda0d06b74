"""One keep-alive connection: bytes out, the body of one answer in."""

import socket

_BLOCK = 65_536
_LENGTH = b"content-length: "


class Connection:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.descriptor = self._socket.fileno()

    def send(self, octets: bytes) -> None:
        """Requests are smaller than a socket's buffer: this does not block."""
        self._socket.sendall(octets)

    def receive(self) -> bytes | None:
        """The answer's body once it is complete. To be called when there is something to read."""
        octets = self._socket.recv(_BLOCK)
        if not octets:
            raise RuntimeError("the server closed a connection")
        self._received += octets
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank or len(body) < _content_length(head):
            return None
        self._received = b""
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"the server answered {head[:60]!r} {body!r}")
        return body

    def close(self) -> None:
        self._socket.close()


def _content_length(head: bytes) -> int:
    _, name, rest = head.partition(_LENGTH)
    if not name:
        raise RuntimeError(f"an answer without a length: {head!r}")
    return int(rest.partition(b"\r\n")[0])
