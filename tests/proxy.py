"""A proxy between a client and its PostgreSQL: slow, silent, or cutting connections at the worst moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from pathlib import Path

_CHUNK = 1 << 16  # bytes

_COMMIT = b"\0commit\0"  # as the statement stands on the wire


class Cut(Enum):
    """When a connection is cut."""

    NEVER = auto()
    BEFORE_COMMIT = auto()  # the server does not see it
    AFTER_COMMIT = auto()  # the client does not see its answer


class Proxy:
    def __init__(self, server: Path) -> None:
        self._server = server
        self._passing: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.Task[None]] = set()
        self.delay = 0.0  # seconds until an answer of the server is passed on
        self.cuts = 0
        self.silent = False  # what is sent is lost, and the connection stays
        self._next = Cut.NEVER
        self._then_silent = False

    def cut_next(self, cut: Cut, *, then_silent: bool = False) -> None:
        """The connection of the next commit."""
        self._next = cut
        self._then_silent = then_silent

    def cut_all(self) -> None:
        for task in self._passing:
            task.cancel()

    async def close(self) -> None:
        self.cut_all()
        await asyncio.gather(*self._clients)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._server)
        committing = asyncio.Event()
        ways = {
            asyncio.create_task(self._requests(reader, server_writer, committing)),
            asyncio.create_task(self._answers(server_reader, writer, committing)),
        }
        self._passing |= ways
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        self._passing -= ways
        for end in (server_writer, writer):
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event
    ) -> None:
        while data := await reader.read(_CHUNK):
            if self.silent:
                continue
            if _COMMIT in data and self._next is not Cut.NEVER:
                cut, self._next = self._next, Cut.NEVER
                self.cuts += 1
                self.silent = self._then_silent
                if cut is Cut.BEFORE_COMMIT:
                    return
                committing.set()
            writer.write(data)

    async def _answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event
    ) -> None:
        """Each is passed on when its time has come, however long those before it took."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def arrive() -> None:
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(due - loop.time())
                writer.write(data)

        arriving = asyncio.create_task(arrive())
        try:
            while data := await reader.read(_CHUNK):
                if committing.is_set():
                    return
                under_way.put_nowait((loop.time() + self.delay, data))
        finally:
            arriving.cancel()


@asynccontextmanager
async def proxy_before(server: Path) -> AsyncIterator[tuple[Proxy, int]]:
    """The proxy and its port."""
    proxy = Proxy(server)
    listening = await asyncio.start_server(proxy.accept, "127.0.0.1")
    try:
        yield proxy, listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await proxy.close()
