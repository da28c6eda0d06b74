"""A Redis of our own in a directory of its own, reached over a Unix socket: the nearest that it can be."""

import enum
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.served import Process, pinned


class Fsync(enum.StrEnum):
    """When its append-only file is made durable."""

    EVERY_SECOND = "everysec"  # a power cut loses up to the last second of answered requests
    ALWAYS = "always"  # before each answer, as Matchline does


class RedisServer(Process):
    def __init__(self, directory: Path, fsync: Fsync, core: int) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("redis-server is missing: apt-get install redis-server")
        directory.mkdir()
        socket = directory / "redis.sock"
        listening = ["--port", "0", "--unixsocket", str(socket)]
        kept = ["--dir", str(directory), "--save", "", "--appendonly", "yes", "--appendfsync", fsync]
        command = pinned(core, [program, *listening, *kept])
        super().__init__(f"Redis, {fsync}", command, "[Rr]eady to accept connections")
        self.url = f"unix://{socket}"


@contextmanager
def redis_server(directory: Path, fsync: Fsync, core: int) -> Iterator[RedisServer]:
    server = RedisServer(directory, fsync, core)
    try:
        yield server
    finally:
        server.stop()
