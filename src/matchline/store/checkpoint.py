"""Checkpoints beside the writer: what SQLite's log holds is copied into the file by a thread of its own.

Left to itself SQLite checkpoints within a commit, and one commit in some dozens takes ten times as long.
"""

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

WORTH_COPYING = 4 << 20  # bytes of log
# Under steady load the log is never copied to its end, and grows. Then the writer waits once for the little that
# a checkpoint left, and the log begins anew.
TOO_LONG = 64 << 20  # bytes


class Checkpoints:
    """Decides after each commit; to be asked by the writer's thread only."""

    def __init__(self, path: Path, writer: sqlite3.Connection, copier: sqlite3.Connection) -> None:
        self._log = path.with_name(f"{path.name}-wal")
        self._writer = writer
        self._copier = copier
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._copying: Future[None] | None = None
        self._copied = 0  # how long the log was when the last copy began

    def after_commit(self) -> None:
        if self._copying is not None and not self._copying.done():
            return
        size = self._log_size()
        if size > TOO_LONG:
            _checkpoint(self._writer, "truncate")
            self._copied = 0
        elif size - self._copied > WORTH_COPYING:
            self._copied = size
            self._copying = self._thread.submit(_checkpoint, self._copier, "passive")

    def close(self) -> None:
        self._thread.shutdown()

    def _log_size(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0


def _checkpoint(connection: sqlite3.Connection, how: str) -> None:
    """One that fails, on a full disk say, is tried again after the next commit; nothing is lost meanwhile."""
    with suppress(sqlite3.Error):
        connection.execute(f"pragma wal_checkpoint({how})")
