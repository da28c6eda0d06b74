"""Steps over records: stored sets of user data with a time to live. The database sees their values as one."""

from collections.abc import Callable

import msgspec

from matchline.clock import Instant
from matchline.errors import Conflict, NotFound
from matchline.model import Record, Value, Values
from matchline.principal import EVERYONE, Principal
from matchline.store.sql import Database, Reader

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Value]).decode


def create(db: Database, record_id: str, values: Values, expires_at: Instant, maker: str | None) -> None:
    """Without an owner: a session's data."""
    _put(db, Record(record_id, None, expires_at, values, maker))


def put(
    db: Database,
    record_id: str,
    owner: str | None,
    values: Values,
    ttl: int,
    now: Instant,
    by: Principal = EVERYONE,
) -> None:
    db.lock("lock_record", {"id": record_id})
    row = db.row("get_record", {"id": record_id, "now": now})
    if row:
        earlier_owner, _, _, earlier_maker = row
        if earlier_owner != owner or not by.may_change(earlier_maker):
            raise NotFound
    _put(db, Record(record_id, owner, now + ttl, values, by.maker))


def merge(
    db: Database, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
) -> None:
    db.lock("lock_record", {"id": record_id})
    merged = {**get(db, record_id, None, now).values, **values}
    if len(merged) > max_fields:
        raise Conflict
    _set_values(db, record_id, merged)
    if ttl is not None:
        db.run("restart_record", {"id": record_id, "expires_at": now + ttl, "now": now})


def get(db: Reader, record_id: str, owner: str | None, now: Instant) -> Record:
    row = db.row("get_record", {"id": record_id, "now": now})
    if row is None or row[0] != owner:
        raise NotFound
    _, expires_at, body, maker = row
    return Record(record_id, owner, expires_at, _decode(body), maker)


def get_value(db: Reader, record_id: str, key: str, now: Instant) -> Value | None:
    return get(db, record_id, None, now).values.get(key)


def delete_value(db: Database, record_id: str, key: str, now: Instant) -> None:
    db.lock("lock_record", {"id": record_id})
    values = dict(get(db, record_id, None, now).values)
    if values.pop(key, None) is None:
        raise NotFound
    _set_values(db, record_id, values)


def delete(db: Database, record_id: str, owner: str | None, now: Instant) -> None:
    db.lock("lock_record", {"id": record_id})
    get(db, record_id, owner, now)
    db.run("remove_record", {"id": record_id})


# The data of sessions


def extend_data(db: Database, data_id: str, expires_at: Instant, now: Instant) -> None:
    """A session's data live at least until then."""
    db.run("extend_data", {"id": data_id, "expires_at": expires_at, "now": now})


def remove_data(db: Database, data_id: str) -> None:
    db.run("remove_data", {"id": data_id})


def hide_data(db: Database, data_id: str, now: Instant, until: Instant) -> None:
    """Deleted for everyone but the call that is asked again (rule 12)."""
    db.run("hide_data", {"id": data_id, "expires_at": until, "now": now})


def remembered_values(db: Database, data_id: str, now: Instant) -> Callable[[], Values]:
    """The values as they are now, hidden ones too, to be had after `finish`; none when the data are gone."""
    found = db.later("get_remembered", {"id": data_id, "now": now})

    def read() -> Values:
        row = found()
        return _decode(row[0]) if row else {}

    return read


def _put(db: Database, record: Record) -> None:
    db.run(
        "put_record",
        {
            "id": record.id,
            "owner": record.owner,
            "expires_at": record.expires_at,
            "body": _body(record.values),
            "maker": record.maker,
        },
    )


def _set_values(db: Database, record_id: str, values: Values) -> None:
    db.run("set_body", {"id": record_id, "body": _body(values)})


def _body(values: Values) -> bytes:
    """In the order of their keys, as they are answered."""
    return _encode({key: values[key] for key in sorted(values)})
