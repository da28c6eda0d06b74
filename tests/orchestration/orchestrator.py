"""An Orchestration Server as a test writes it: real, on this machine, and nothing of our own server's in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

Answer = tuple[int, str]  # status and body, or with a 307 the address

REASONS = {
    200: "OK",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    503: "Unavailable",
}
SID = "00SID"

NOTHING: Answer = (0, "")  # the connection is closed once the request is read
SILENCE: Answer = (1, "")  # it stays open


@dataclass(frozen=True, slots=True)
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, str]


@dataclass(slots=True)
class Orchestrator:
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)  # by the path behind `/scxml/session/`
    told: asyncio.Event = field(default_factory=asyncio.Event)  # something was seen

    @property
    def paths(self) -> list[str]:
        return [each.path.removeprefix("/scxml/session/") for each in self.seen]

    async def until(self, count: int, path: str) -> list[Seen]:
        """What came to a path, when it is that many."""
        while len(found := [each for each in self.seen if each.path.endswith(path)]) < count:
            self.told.clear()
            await self.told.wait()
        return found

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.splitlines()
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines if line)}
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        method, path, _ = first.split()
        self.seen.append(Seen(method, path, headers, dict(parse_qsl(body, keep_blank_values=True))))
        self.told.set()
        answer = self._answer(path.removeprefix("/scxml/session/"))
        if answer == SILENCE:
            await reader.read()
        elif answer != NOTHING:
            writer.write(_written(*answer))
            await writer.drain()
        writer.close()

    def _answer(self, path: str) -> Answer:
        return self.answers.get(path) or (200, SID if path == "start" else "{}")


def _written(status: int, body: str) -> bytes:
    where = f"location: {body}\r\n" if status == 307 else ""
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\n{where}content-length: {len(body.encode())}\r\n"
    return f"{head}connection: close\r\n\r\n{body}".encode()


@asynccontextmanager
async def orchestrators(count: int) -> AsyncIterator[list[Orchestrator]]:
    found = [Orchestrator() for _ in range(count)]
    servers = [await asyncio.start_server(each.serve, "127.0.0.1", 0) for each in found]
    for each, server in zip(found, servers, strict=True):
        each.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()


async def refusing() -> str:
    """The address of a server that is no more."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return f"http://127.0.0.1:{port}"
