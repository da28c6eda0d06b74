"""Steps over the samples that tell how resource groups fared."""

from collections.abc import Iterable

from matchline.clock import Instant
from matchline.kept.history import PoolSample
from matchline.store.sql import Database, Reader


def add(db: Database, samples: Iterable[PoolSample]) -> None:
    """In the order of their groups, so that two nodes do not wait for each other."""
    for each in sorted(samples, key=lambda sample: (sample.group, sample.at)):
        counts = {"reserved": each.reserved, "exhausted": each.exhausted}
        levels = {"free": each.free, "held": each.held, "cooling": each.cooling}
        db.run("add_sample", {"grp": each.group, "at": each.at, **levels, **counts})


def samples(db: Reader, group: str, since: Instant) -> tuple[PoolSample, ...]:
    return tuple(PoolSample(*row) for row in db.rows("list_samples", {"grp": group, "since": since}))


def trim(db: Database, before: Instant, limit: int) -> int:
    return len(db.rows("samples_over", {"before": before, "limit": limit}))


def open_on_shared(db: Reader, group: str) -> int:
    row = db.row("open_on_shared", {"grp": group})
    assert row, "an aggregate has a row"
    counted: int = row[0]
    return counted
