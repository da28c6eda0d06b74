"""Steps over API keys: they are part of the configuration; when each was last used is not."""

from collections.abc import Iterable

from matchline.clock import Instant
from matchline.model import Key
from matchline.store.memory.tables import Tables


def listed(tables: Tables) -> tuple[Key, ...]:
    return tuple(tables.keys[key_id] for key_id in sorted(tables.keys))


def add(tables: Tables, key: Key) -> None:
    tables.keys[key.id] = key


def revoke(tables: Tables, key_id: str) -> None:
    tables.keys.pop(key_id, None)
    tables.key_uses.pop(key_id, None)


def uses(tables: Tables) -> dict[str, Instant]:
    return dict(sorted(tables.key_uses.items()))


def note_uses(tables: Tables, key_ids: Iterable[str], now: Instant) -> None:
    for key_id in key_ids:
        if key_id in tables.keys:
            tables.key_uses[key_id] = max(now, tables.key_uses.get(key_id, now))
