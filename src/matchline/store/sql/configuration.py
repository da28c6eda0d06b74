"""Steps over the configuration: options, and the numbers of the resource groups."""

from matchline.clock import Instant
from matchline.errors import Conflict
from matchline.model import Change, Number, Stored
from matchline.store.sql import Database, Reader, audit, keys


def stored(db: Reader) -> Stored:
    sections: dict[str, dict[str, str]] = {}
    for section, name, value in db.rows("list_options", {}):
        sections.setdefault(section, {})[name] = value
    numbers = tuple(
        Number(number_id, group, text, bool(draining))
        for number_id, group, text, draining in db.rows("list_numbers", {})
    )
    return Stored(current_version(db), sections, numbers, keys.listed(db))


def change(db: Database, wanted: Change, version: int, now: Instant) -> Stored:
    db.lock("lock_version", {})
    if current_version(db) != version:
        raise Conflict
    purge_numbers(db, now)  # a number that is over and not swept is as good as gone: it is not taken back
    for section in wanted.removed_sections:
        db.run("remove_section", {"section": section})
    for section, name, value in wanted.options:
        parameters = {"section": section, "name": name, "value": value}
        db.run("unset_option" if value is None else "set_option", parameters)
    for number_id in wanted.removed:
        db.run("drain_number", {"id": number_id})
    for group, text in wanted.added:
        parameters = {"grp": group, "text": text}
        if db.row("undrain_number", parameters) is None:
            db.run("add_number", parameters)
    for key in wanted.created:
        keys.add(db, key)
    for key_id in wanted.revoked:
        keys.revoke(db, key_id)
    if wanted.entry:
        audit.add(db, wanted.entry, now)
    db.run("bump_version", {})
    purge_numbers(db, now)
    return stored(db)


def purge_numbers(db: Database, now: Instant) -> int:
    """Remove the drained numbers that nothing refers to any more; how many there were."""
    db.lock("lock_version", {})
    gone = db.rows("purge_numbers", {"now": now})
    for (number_id,) in gone:
        db.run("purge_pairs", {"id": number_id})
        db.run("purge_codes_in_use", {"id": number_id})
    if gone:
        db.run("bump_version", {})
    return len(gone)


def current_version(db: Reader) -> int:
    row = db.row("get_version", {})
    assert row, "the schema creates it"
    return int(row[0])
