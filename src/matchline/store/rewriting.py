"""Writes SQLite's file anew now and then, so that nothing is left in it of what was removed.

What is removed is overwritten where it stands (`secure_delete`), but not where it stood before its row was moved to
another page; of that only a vacuum leaves nothing. Writers wait for it, 0.6 s of a core where 100,000 sessions
wait for their calls, so it is done while little is asked.
"""

import sqlite3
from contextlib import suppress

from matchline.clock import SECOND, Clock, steady

EVERY = 3600 * SECOND  # ms
LATEST = 24 * EVERY  # ms; busy or not

# Little is asked when no more than this was in as long; the server itself has a few steps a second.
QUIET_STEPS = 50
QUIET_SECONDS = 5.0

# Writers would wait longer than two seconds for a larger one, and it is held in memory meanwhile.
LARGEST = 256 << 20  # bytes of live content

_READ = "select value from meta where name = 'rewritten'"
_NOTE = "insert or replace into meta (name, value) values ('rewritten', ?)"


class Rewriting:
    """Decides after each commit; to be asked by the writer's thread only."""

    def __init__(self, writer: sqlite3.Connection, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        found = writer.execute(_READ).fetchone()
        self._tried_at = found[0] if found else clock.now()
        if not found:
            writer.execute(_NOTE, (self._tried_at,))
        self._steps = 0
        self._since = steady()

    def after_commit(self, steps: int) -> bool:
        """Whether the file was written anew."""
        is_quiet = self._is_quiet(steps)
        now = self._clock.now()
        waited = now - self._tried_at
        if waited < EVERY or not (is_quiet or waited >= LATEST):
            return False
        self._tried_at = now
        return self._rewrite()

    def _is_quiet(self, steps: int) -> bool:
        """At the end of a while in which little was asked."""
        self._steps += steps
        if steady() - self._since < QUIET_SECONDS:
            return False
        little = self._steps <= QUIET_STEPS
        self._steps, self._since = 0, steady()
        return little

    def _rewrite(self) -> bool:
        """What fails, on a full disk say, is tried again an hour later; nothing is lost."""
        with suppress(sqlite3.Error):
            if self._content() <= LARGEST:
                self._writer.execute("vacuum")
                self._writer.execute(_NOTE, (self._tried_at,))
                return True
        return False

    def _content(self) -> int:
        pages, free, size = (
            self._writer.execute(f"pragma {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)
