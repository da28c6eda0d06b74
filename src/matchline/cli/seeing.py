"""How a server is seen: the form of its log, and where its metrics are served besides the API."""

import asyncio
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from prometheus_client import values

from matchline.cli.logs import FORMATS
from matchline.engine import Engine
from matchline.errors import Unavailable
from matchline.http.monitoring import exposition
from matchline.observing import metrics as m

_BACKLOG = 16  # scrapes are few
_LONGEST_HEAD = 16_384  # bytes
_HEAD_SECONDS = 5.0

# Counters that several processes share are files in this folder.
_SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "matchline-metrics-"


@dataclass(frozen=True, slots=True)
class Seeing:
    log_format: str
    metrics_port: int | None

    def listening(self, host: str) -> socket.socket | None:
        """Where metrics are served without credentials. Raises ValueError when the address cannot be had."""
        if self.metrics_port is None:
            return None
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listening = socket.create_server((host, self.metrics_port), family=family, backlog=_BACKLOG)
        except OSError as error:
            raise ValueError(f"cannot listen on {host}:{self.metrics_port}: {error.strerror}") from None
        click.echo(f"Metrics are at port {listening.getsockname()[1]} of {host}, under any path")
        return listening


@dataclass(frozen=True, slots=True)
class Watched:
    """What the workers of one server share."""

    listening: socket.socket | None  # for scrapes
    folder: str  # of their counters


def seeing_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that takes them together, as `seeing`."""

    @click.option(
        "--log-format",
        envvar="MATCHLINE_LOG_FORMAT",
        type=click.Choice(FORMATS),
        default=FORMATS[0],
        show_default=True,
        help="json: one object a line.",
    )
    @click.option(
        "--metrics-port",
        envvar="MATCHLINE_METRICS_PORT",
        type=click.IntRange(0, 65535),
        help="Serve metrics on this port too, without credentials: for a network that only operators reach.",
    )
    @wraps(function)
    def command(log_format: str, metrics_port: int | None, **given: Any) -> None:
        function(seeing=Seeing(log_format, metrics_port), **given)

    return command


@contextmanager
def shared_counters() -> Iterator[str]:
    """A folder in which several processes count together; it goes when they have ended."""
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder, _owned(folder):
        os.environ[_SHARED_FOLDER] = folder
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        yield folder


@contextmanager
def _owned(folder: str) -> Iterator[None]:
    """The folder is this process's and its children's until all of them have ended, however that comes about.

    Raises BlockingIOError when it is another's.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned() -> None:
    """What servers left behind that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else's, or gone meanwhile
            if folder.stat().st_uid == os.geteuid() and any(folder.iterdir()):  # empty is what just begins
                with _owned(str(folder)):
                    shutil.rmtree(folder)


@asynccontextmanager
async def metrics_served(engine: Engine, listening: socket.socket | None) -> AsyncIterator[None]:
    """Answer every request at this address with the metrics."""
    if listening is None:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(await _answer(engine))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(answer, sock=listening, limit=_LONGEST_HEAD)
    async with server:
        yield


async def _answer(engine: Engine) -> bytes:
    try:
        status, body = "200 OK", await exposition(engine)
    except Unavailable:
        status, body = "503 Service Unavailable", b""
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: {m.CONTENT_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
