"""Steps over records: stored sets of user data with a time to live."""

from matchline.clock import Instant
from matchline.errors import Conflict, NotFound
from matchline.model import Record, Value, Values
from matchline.store.sql import Database, Row


def create(db: Database, record_id: str, values: Values, expires_at: Instant) -> None:
    db.run("put_record", {"id": record_id, "owner": None, "expires_at": expires_at})
    _set_values(db, record_id, values)


def put(db: Database, record_id: str, owner: str | None, values: Values, ttl: int, now: Instant) -> None:
    row = db.row("get_record", {"id": record_id, "now": now})
    if row and row[0] != owner:
        raise NotFound
    db.run("remove_values", {"record_id": record_id})
    db.run("put_record", {"id": record_id, "owner": owner, "expires_at": now + ttl})
    _set_values(db, record_id, values)


def merge(
    db: Database, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
) -> None:
    _live(db, record_id, None, now)
    _set_values(db, record_id, values)
    row = db.row("count_values", {"record_id": record_id})
    if row and row[0] > max_fields:
        raise Conflict
    if ttl is not None:
        db.run("restart_record", {"id": record_id, "expires_at": now + ttl, "now": now})


def get(db: Database, record_id: str, owner: str | None, now: Instant) -> Record:
    expires_at = _live(db, record_id, owner, now)
    return Record(record_id, owner, expires_at, _values(db, record_id))


def get_value(db: Database, record_id: str, key: str, now: Instant) -> Value | None:
    _live(db, record_id, None, now)
    row = db.row("get_value", {"record_id": record_id, "key": key})
    return Value(bytes(row[1]), row[0]) if row else None


def delete_value(db: Database, record_id: str, key: str, now: Instant) -> None:
    _live(db, record_id, None, now)
    if db.row("remove_value", {"record_id": record_id, "key": key}) is None:
        raise NotFound


def delete(db: Database, record_id: str, owner: str | None, now: Instant) -> None:
    _live(db, record_id, owner, now)
    remove(db, record_id)


def remove(db: Database, record_id: str) -> None:
    db.run("remove_values", {"record_id": record_id})
    db.run("remove_record", {"id": record_id})


# The data of sessions


def extend_data(db: Database, data_id: str, expires_at: Instant, now: Instant) -> None:
    """A session's data live at least until then."""
    db.run("extend_data", {"id": data_id, "expires_at": expires_at, "now": now})


def remove_data(db: Database, data_id: str) -> None:
    if db.row("remove_data", {"id": data_id}):
        db.run("remove_values", {"record_id": data_id})


def hide_data(db: Database, data_id: str, now: Instant, until: Instant) -> None:
    """Deleted for everyone but the call that is asked again (rule 12)."""
    db.run("hide_data", {"id": data_id, "expires_at": until, "now": now})


def remembered_values(db: Database, data_id: str, now: Instant) -> Values:
    """The values, hidden ones too; none when the data are gone."""
    return _read(db.rows("list_remembered", {"id": data_id, "now": now}))


def _live(db: Database, record_id: str, owner: str | None, now: Instant) -> Instant:
    row = db.row("get_record", {"id": record_id, "now": now})
    if row is None or row[0] != owner:
        raise NotFound
    return int(row[1])


def _values(db: Database, record_id: str) -> Values:
    return _read(db.rows("list_values", {"record_id": record_id}))


def _read(rows: list[Row]) -> Values:
    return {key: Value(bytes(body), content_type) for key, content_type, body in rows}


def _set_values(db: Database, record_id: str, values: Values) -> None:
    if values:
        db.run_each(
            "set_value",
            [
                {
                    "record_id": record_id,
                    "key": key,
                    "content_type": value.content_type,
                    "body": value.body,
                }
                for key, value in values.items()
            ],
        )
