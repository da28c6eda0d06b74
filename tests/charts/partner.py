"""A server of somebody else's, which charts ask and tell; it is real and listens on this machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ANSWERS = {
    "/text": (200, "text/plain", b"a text"),
    "/notjson": (200, "application/json", b"{"),
    "/large": (200, "text/plain", b"x" * 5000),
}
STATUSES = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}


@dataclass(frozen=True, slots=True)
class Seen:
    path: str
    query: str
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Partner:
    host: str
    seen: list[Seen] = field(default_factory=list)
    refuse: int = 0  # of the events that are told next
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.splitlines()
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path, _, query = first.split()[1].partition("?")
        self.seen.append(Seen(path, query, headers, body.decode()))
        if path == "/slow":
            await reader.read()  # until the other side gives up
        else:
            status, kind, content = self._answer(path, body)
            writer.write(
                f"HTTP/1.1 {status} {STATUSES[status]}\r\ncontent-type: {kind}\r\n"
                f"content-length: {len(content)}\r\nconnection: close\r\n\r\n".encode()
                + content
            )
            await writer.drain()
        writer.close()

    def _answer(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        if path == "/json":
            quoted = body.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            return 200, "application/json", b'{"you":"sent","body":"%s"}' % quoted
        if path == "/events":
            self.refuse -= 1
            return (503 if self.refuse >= 0 else 200), "text/plain", b""
        if path in self.documents:
            return 200, "application/xml", self.documents[path].encode()
        return ANSWERS.get(path, (404, "text/plain", b""))


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def partner() -> AsyncIterator[Partner]:
    found = Partner("")
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield found
