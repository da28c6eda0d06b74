"""The HTTP server that drains: told to stop, it says OFFLINE, finishes what runs, and stops."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from matchline.engine.node import Node
from matchline.errors import MalformedRequest
from matchline.http.answers import fault_answer

LONGEST_DRAIN = 30  # seconds a running request may take after the order to stop
_GRACE = 5  # seconds for connections to close after the last request
_TICK = 0.02  # seconds between looks at what still runs
_KEEP_ALIVE = 75  # seconds an idle connection is kept: longer than load balancers' usual 60


class Protocol(HttpToolsProtocol):
    """What is no HTTP is answered in the shape of every other error."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words are no one's business
        body = bytes(fault_answer(MalformedRequest()).body)
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class DrainingServer(uvicorn.Server):
    def __init__(self, app: ASGIApp, node: Node, drain_seconds: float) -> None:
        self._app = app
        self._node = node
        self._drain_seconds = drain_seconds
        self._running = 0
        self._drain: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                self._counted,
                interface="asgi3",
                loop="uvloop",
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=_GRACE,
            )
        )

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The first signal drains, a second one stops at once."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for each in signals:
            loop.add_signal_handler(each, self._told_to_stop)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)

    def _told_to_stop(self) -> None:
        if self._drain is not None:
            self.should_exit = self.force_exit = True
            return
        self._node.draining = True
        self._drain = asyncio.get_running_loop().create_task(self._drained())

    async def _drained(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await asyncio.sleep(self._drain_seconds)
        while self._running and loop.time() < started + self._drain_seconds + LONGEST_DRAIN:  # noqa: ASYNC110 - the count is on the hot path
            await asyncio.sleep(_TICK)
        self.should_exit = True
