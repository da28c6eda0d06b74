"""What keeps a running server from writing its store, each as it really happens where this process may do it."""

import os
import resource
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from tests.acceptance.command import COMMAND, Server

SMALL_DISK = "2m"  # bytes, as mount has them
_BLOCK = bytes(4096)  # the ballast grows by this much until the disk is full


class Hindrance(ABC):
    program: Sequence[str] = (COMMAND,)  # what runs the server

    @staticmethod
    def possible() -> bool:
        return True

    def __init__(self, disk: Path) -> None:
        self.disk = disk  # the store's folder

    @abstractmethod
    def hinder(self, server: Server) -> Iterator[None]:
        """Yields once, while the server is hindered."""

    def seen_from_outside(self, server: Server) -> Path:
        """The store's folder."""
        return self.disk

    @property
    def files(self) -> list[Path]:
        return [self.disk / "matchline.db", self.disk / "matchline.db-wal"]


class FileSizeLimit(Hindrance):
    """No file of the process may grow: a disk quota, simulated. The system answers EFBIG."""

    def hinder(self, server: Server) -> Iterator[None]:
        largest = max(file.stat().st_size for file in self.files)
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (largest, before[1]))
        yield
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


class WriteLock(Hindrance):
    """Another program has begun to write to the database and does not end."""

    def hinder(self, server: Server) -> Iterator[None]:
        with closing(sqlite3.connect(self.files[0], isolation_level=None)) as other:
            other.execute("begin immediate")
            yield
            other.execute("rollback")


class ReadOnlyFiles(Hindrance):
    """The files are made immutable, which counts for a process that has them open too. It takes root."""

    @staticmethod
    @cache
    def possible() -> bool:
        return os.geteuid() == 0

    def hinder(self, server: Server) -> Iterator[None]:
        subprocess.run(["chattr", "+i", *self.files], check=True)
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", *self.files], check=True)


class FullDisk(Hindrance):
    """A small disk of the server's own, filled to its last block. It goes when the server ends."""

    def __init__(self, disk: Path) -> None:
        super().__init__(disk)
        mounted = f'mount -t tmpfs -o size={SMALL_DISK} none "$0" && exec "$@"'
        self.program = (*_own_mounts(), "sh", "-c", mounted, str(disk), COMMAND)

    @staticmethod
    def possible() -> bool:
        return bool(_own_mounts())

    def seen_from_outside(self, server: Server) -> Path:
        return Path(f"/proc/{server.pid}/root{self.disk}")

    def hinder(self, server: Server) -> Iterator[None]:
        ballast = self.seen_from_outside(server) / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(_BLOCK)
        assert ballast.stat().st_size, "there was room left to fill"
        yield
        ballast.unlink()


@cache
def _own_mounts() -> tuple[str, ...]:
    """The program that gives another one mounts of its own; none where no one may have them."""
    for unshare in (("unshare", "--mount"), ("unshare", "--map-root-user", "--mount")):
        trial = subprocess.run(
            [*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
        )
        if trial.returncode == 0:
            return unshare
    return ()


ALL: tuple[type[Hindrance], ...] = (FileSizeLimit, WriteLock, ReadOnlyFiles, FullDisk)
