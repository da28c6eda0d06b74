"""Steps over records: stored sets of user data with a time to live."""

from matchline.clock import Instant
from matchline.errors import Conflict, NotFound
from matchline.model import Record, Value, Values
from matchline.principal import EVERYONE, Principal
from matchline.store import DELETED_DATA_MEMORY
from matchline.store.memory.tables import StoredRecord, Tables


def put(
    tables: Tables,
    record_id: str,
    owner: str | None,
    values: Values,
    ttl: int,
    now: Instant,
    by: Principal = EVERYONE,
) -> None:
    old = _find(tables, record_id, now)
    if old and (old.owner != owner or not by.may_change(old.maker)):
        raise NotFound
    tables.records[record_id] = StoredRecord(owner, now + ttl, dict(values), maker=by.maker)


def merge(
    tables: Tables, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
) -> None:
    record = _live(tables, record_id, None, now)
    merged = {**record.values, **values}
    if len(merged) > max_fields:
        raise Conflict
    record.values = merged
    if ttl is not None:
        record.expires_at = now + ttl


def get(tables: Tables, record_id: str, owner: str | None, now: Instant) -> Record:
    record = _live(tables, record_id, owner, now)
    values = dict(sorted(record.values.items()))
    return Record(record_id, owner, record.expires_at, values, record.maker)


def get_value(tables: Tables, record_id: str, key: str, now: Instant) -> Value | None:
    return _live(tables, record_id, None, now).values.get(key)


def delete_value(tables: Tables, record_id: str, key: str, now: Instant) -> None:
    if _live(tables, record_id, None, now).values.pop(key, None) is None:
        raise NotFound


def delete(tables: Tables, record_id: str, owner: str | None, now: Instant) -> None:
    _live(tables, record_id, owner, now)
    del tables.records[record_id]


def _live(tables: Tables, record_id: str, owner: str | None, now: Instant) -> StoredRecord:
    record = _find(tables, record_id, now)
    if record is None or record.owner != owner:
        raise NotFound
    return record


def _find(tables: Tables, record_id: str, now: Instant) -> StoredRecord | None:
    record = tables.records.get(record_id)
    return record if record and now < record.expires_at and not record.hidden else None


# The data of sessions. What has an owner is no session's data.


def extend_data(tables: Tables, data_id: str, expires_at: Instant, now: Instant) -> None:
    """A session's data live at least until then."""
    record = _find(tables, data_id, now)
    if record and record.owner is None:
        record.expires_at = max(record.expires_at, expires_at)


def remove_data(tables: Tables, data_id: str) -> None:
    record = tables.records.get(data_id)
    if record and record.owner is None:
        del tables.records[data_id]


def hide_data(tables: Tables, data_id: str, now: Instant) -> None:
    """Deleted for everyone but the call that is asked again (rule 12)."""
    record = _find(tables, data_id, now)
    if record and record.owner is None:
        record.hidden = True
        record.expires_at = now + DELETED_DATA_MEMORY


def remembered_values(tables: Tables, data_id: str, now: Instant) -> Values:
    """The values, hidden ones too; none when the data are gone."""
    record = tables.records.get(data_id)
    return dict(record.values) if record and now < record.expires_at and record.owner is None else {}
