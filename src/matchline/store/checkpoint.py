"""Checkpoints beside the writer: what SQLite's log holds is copied into the file by a thread of its own.

Left to itself SQLite checkpoints within a commit, and one commit in some dozens takes ten times as long. The log's
file is written over from its beginning again and again: to sync what is written over costs half of what it costs to
sync a file that grows (`docs/decisions/group-commit.md`).
"""

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from matchline.clock import steady
from matchline.store.rewriting import Rewriting

# Each leaves five to ten pages in the log. A copy takes the processor for some milliseconds while calls wait: with
# 1,000 the slowest in a hundred of 2,000 matches/s waited 60 ms, with 300 35 to 50, with 160 and with 100 some 20;
# with 30 the copies took all of the core.
COPY_EVERY = 160  # steps

# Under steady load a copy never reaches the log's end. When the log is as long as this the writer waits once for the
# little that a copy left, so that the next commit begins the log anew.
LONG_LOG = 16_384  # pages

# What a log that grew longer, with large files or beside a long backup, is cut to when it begins anew.
KEPT_LOG = 32 << 20  # bytes

# What was removed from the file still stands in the log until that is written over. So it is cut to nothing now and
# then; more often would cost more, for a log that grows is slower than one that is written over.
ERASE_EVERY = 60.0  # seconds


class Checkpoints:
    """Decides after each commit; to be asked by the writer's thread only."""

    def __init__(
        self, writer: sqlite3.Connection, copier: sqlite3.Connection, rewriting: Rewriting | None = None
    ) -> None:
        writer.execute(f"pragma journal_size_limit = {KEPT_LOG}")
        self._writer = writer
        self._copier = copier
        self._rewriting = rewriting
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._copying: Future[int] | None = None
        self._steps = 0  # since the last copy began
        self._erase_at = steady() + ERASE_EVERY
        self._erasing = False  # once the copy that is under way is done

    def after_commit(self, steps: int) -> None:
        if self._rewriting and self._rewriting.after_commit(steps):
            self._erase_at = steady()  # the log holds the whole file
        self._steps += steps
        if self._copying is not None:
            if not self._copying.done():
                return
            if self._erasing:
                self._erase()
            elif self._copying.result() > LONG_LOG:
                _copy(self._writer)
            self._copying = None
        self._erasing = steady() >= self._erase_at
        if self._erasing or self._steps >= COPY_EVERY:
            self._steps = 0
            self._copying = self._thread.submit(_copy, self._copier)

    def _erase(self) -> None:
        """Cut the log to nothing, unless somebody reads it just now; then it is tried again."""
        with suppress(sqlite3.Error):
            (waited,) = self._writer.execute("pragma busy_timeout").fetchone()
            self._writer.execute("pragma busy_timeout = 0")
            busy, _, _ = self._writer.execute("pragma wal_checkpoint(truncate)").fetchone()
            self._writer.execute(f"pragma busy_timeout = {waited}")
            if not busy:
                self._erase_at = steady() + ERASE_EVERY

    def close(self) -> None:
        self._thread.shutdown()


def _copy(connection: sqlite3.Connection) -> int:
    """How many pages the log has. A copy that fails, on a full disk say, is tried again later; nothing is lost."""
    with suppress(sqlite3.Error):
        _, pages, _ = connection.execute("pragma wal_checkpoint(passive)").fetchone()
        return int(pages)
    return 0
