"""Steps over the samples that tell how resource groups fared."""

from collections.abc import Iterable

from matchline.clock import Instant
from matchline.kept.history import PoolSample
from matchline.store.memory.tables import Tables


def add(tables: Tables, samples: Iterable[PoolSample]) -> None:
    for each in samples:
        key = (each.at, each.group)
        known = tables.samples.get(key)
        tables.samples[key] = known.joined(each) if known else each


def samples(tables: Tables, group: str, since: Instant) -> tuple[PoolSample, ...]:
    found = (each for each in tables.samples.values() if each.group == group and each.at >= since)
    return tuple(sorted(found, key=lambda each: each.at))


def trim(tables: Tables, before: Instant, limit: int) -> int:
    over = [key for key in tables.samples if key[0] < before][:limit]
    for key in over:
        del tables.samples[key]
    return len(over)


def open_on_shared(tables: Tables, group: str) -> int:
    return sum(
        each.open and each.shared
        for number in tables.numbers_of(group)
        for each in number.reservations.values()
    )
