"""One process per embedded store: a lock file that also tells where the owner is to be found."""

import fcntl
import os
from pathlib import Path

from matchline.errors import Unavailable


class StoreLock:
    """An exclusive lock beside a store's file. The system lets it go when the process ends, however it does."""

    def __init__(self, store_path: Path) -> None:
        self._path = store_path.with_name(store_path.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises Unavailable when another process has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Unavailable(f"another process is using this store (lock file {self._path})") from None
        os.ftruncate(descriptor, 0)
        self._descriptor = descriptor

    def announce(self, url: str) -> None:
        assert self._descriptor is not None, "only the owner tells where it is"
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, url.encode(), 0)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def owner_url(self) -> str | None:
        """Where the server is that has the lock; None when no one has it.

        Raises Unavailable when it does not say.
        """
        try:
            self.acquire()
        except Unavailable:
            url = self._path.read_text()
            if not url:
                raise
            return url
        self.release()
        return None
