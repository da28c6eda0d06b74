"""Steps over API keys: they are part of the configuration; when each was last used is not."""

from collections.abc import Iterable

import msgspec

from matchline.clock import Instant
from matchline.model import Key
from matchline.principal import Scopes
from matchline.store.sql import Database, Reader

_scopes = msgspec.json.Decoder(Scopes).decode
_names = msgspec.json.Decoder(frozenset[str] | None).decode


def listed(db: Reader) -> tuple[Key, ...]:
    return tuple(
        Key(key_id, name, digest, _scopes(scopes), _names(services), _names(groups), created_at)
        for key_id, name, digest, scopes, services, groups, created_at in db.rows("list_keys", {})
    )


def add(db: Database, key: Key) -> None:
    db.run(
        "add_key",
        {
            "id": key.id,
            "name": key.name,
            "digest": key.digest,
            "scopes": _text(key.scopes),
            "services": _text(key.services),
            "groups": _text(key.groups),
            "created_at": key.created_at,
        },
    )


def revoke(db: Database, key_id: str) -> None:
    db.run("revoke_key", {"id": key_id})
    db.run("forget_key_use", {"id": key_id})


def uses(db: Reader) -> dict[str, Instant]:
    return dict(db.rows("list_key_uses", {}))


def note_uses(db: Database, key_ids: Iterable[str], now: Instant) -> None:
    for key_id in sorted(key_ids):  # in one order, so that two nodes do not wait for each other
        db.run("note_key_use", {"id": key_id, "used_at": now})


def _text(names: Iterable[str] | None) -> str:
    return msgspec.json.encode(None if names is None else sorted(names)).decode()
