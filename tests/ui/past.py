"""Hours that a resource group has behind it, written into a server's SQLite store as its historian would."""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from matchline.clock import Instant
from matchline.kept.history import MINUTE, PoolSample, minute_of

HOURS = 6
_STEPS = 60 * HOURS


def write(url: str, samples: Iterator[PoolSample] | list[PoolSample]) -> None:
    rows = [(s.group, s.at, s.free, s.held, s.cooling, s.reserved, s.exhausted) for s in samples]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.executemany("insert or replace into pool_sample values (?, ?, ?, ?, ?, ?, ?)", rows)


def busy_hours(group: str, numbers: int, now: Instant) -> Iterator[PoolSample]:
    """Traffic that swells and ebbs; for ten minutes nothing was left."""
    for step in range(_STEPS, 0, -1):
        share = 0.45 + 0.35 * math.sin(step / 35) + 0.1 * math.sin(step / 7)
        used = min(numbers, round(numbers * (1.02 if 150 < step < 160 else max(0.05, share))))
        held = round(used * 0.7)
        refused = 3 if used == numbers else 0
        at = minute_of(now) - step * MINUTE
        yield PoolSample(at, group, numbers - used, held, used - held, held // 2 + 1, refused)


def falling(group: str, free: int, per_minute: int, now: Instant) -> list[PoolSample]:
    """For a quarter of an hour free slots became fewer, down to these."""
    return [
        PoolSample(minute_of(now) - step * MINUTE, group, free + step * per_minute, 0, 0)
        for step in range(15, 0, -1)
    ]
