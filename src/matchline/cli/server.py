"""The HTTP server that drains: told to stop, it says OFFLINE, finishes what runs, and stops."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from socket import socket

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from matchline.cli.protocol import Connections, Protocol
from matchline.cli.tls import Certificate
from matchline.engine.node import Node

LONGEST_DRAIN = 30  # seconds a running request may take after the order to stop
GRACE = 5  # seconds for connections to close after the last request
_TICK = 0.02  # seconds between looks at what still runs


class DrainingServer(uvicorn.Server):
    """Without `connections` they are not limited, without a certificate it speaks plain HTTP."""

    def __init__(
        self,
        app: ASGIApp,
        node: Node,
        drain_seconds: float,
        connections: Connections | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self._app = app
        self._node = node
        self._certificate = certificate
        self._drain_seconds = drain_seconds
        self._running = 0
        self._drain: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                self._counted,
                interface="asgi3",
                loop="uvloop",
                http=partial(Protocol, connections) if connections else HttpToolsProtocol,  # type: ignore[arg-type]
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE,
            )
        )

        if certificate:
            self.config.load()
            self.config.ssl = certificate.context

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
        """The first signal drains, a second one stops at once; SIGHUP reads the certificate anew."""
        loop = asyncio.get_running_loop()
        if self._certificate:
            loop.add_signal_handler(signal.SIGHUP, self.reload)
        signals = (signal.SIGTERM, signal.SIGINT)
        for each in signals:
            loop.add_signal_handler(each, self.told_to_stop)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)

    def reload(self) -> None:
        """Show the certificate that its files hold now."""
        if self._certificate:
            self._certificate.reload()

    def told_to_stop(self) -> None:
        if self._drain is None:
            self.drain()
        else:
            self.stop()

    def drain(self) -> None:
        """Say OFFLINE for a while, let running requests finish, and stop."""
        if self._drain is None:
            self._node.draining = True
            self._drain = asyncio.get_running_loop().create_task(self._drained())

    def stop(self) -> None:
        """At once."""
        self.should_exit = self.force_exit = True

    async def _drained(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await asyncio.sleep(self._drain_seconds)
        while self._running and loop.time() < started + self._drain_seconds + LONGEST_DRAIN:  # noqa: ASYNC110 - the count is on the hot path
            await asyncio.sleep(_TICK)
        self.should_exit = True
