"""Steps over the configuration: options, and the numbers of the resource groups."""

from matchline.clock import Instant
from matchline.errors import Conflict
from matchline.model import Change, Number, Stored
from matchline.store.memory import audit, keys
from matchline.store.memory.tables import AccessNumber, Tables


def stored(tables: Tables) -> Stored:
    numbers = tuple(Number(each.id, each.group, each.text, each.draining) for each in tables.numbers.values())
    sections = {name: dict(options) for name, options in tables.sections.items() if options}
    return Stored(tables.version, sections, numbers, keys.listed(tables))


def change(tables: Tables, wanted: Change, version: int, now: Instant) -> Stored:
    if version != tables.version:
        raise Conflict
    purge_numbers(tables, now)  # a number that is over and not swept is as good as gone: not taken back
    _change_options(tables, wanted)
    for number_id in wanted.removed:
        if number_id in tables.numbers:
            tables.numbers[number_id].draining = True
    for group, text in wanted.added:
        _add_number(tables, group, text)
    for key in wanted.created:
        keys.add(tables, key)
    for key_id in wanted.revoked:
        keys.revoke(tables, key_id)
    if wanted.entry:
        audit.add(tables, wanted.entry, now)
    tables.version += 1
    purge_numbers(tables, now)
    return stored(tables)


def _change_options(tables: Tables, wanted: Change) -> None:
    for section in wanted.removed_sections:
        tables.sections.pop(section, None)
    for section, name, value in wanted.options:
        if value is None:
            tables.sections.get(section, {}).pop(name, None)
        else:
            tables.sections.setdefault(section, {})[name] = value


def _add_number(tables: Tables, group: str, text: str) -> None:
    """A new number takes the last turn of its group's round; one that drains is taken back."""
    for number in tables.numbers_of(group):
        if number.text == text:
            number.draining = False
            return
    tables.last_number_id += 1
    last_turn = max((number.turn for number in tables.numbers_of(group)), default=0)
    tables.numbers[tables.last_number_id] = AccessNumber(tables.last_number_id, group, text, last_turn + 1)


def purge_numbers(tables: Tables, now: Instant) -> int:
    """Remove the drained numbers that nothing refers to any more; how many there were."""
    bound = {key.number_id for key, binding in tables.bindings.items() if now < binding.until}
    gone = [
        number.id
        for number in tables.numbers.values()
        if number.draining and number.id not in bound and _is_over(number, now)
    ]
    for number_id in gone:
        del tables.numbers[number_id]
    tables.version += bool(gone)
    return len(gone)


def _is_over(number: AccessNumber, now: Instant) -> bool:
    rested = all(each.span.busy_until <= now for each in number.reservations.values())
    return rested and number.free_at(shared=False) <= now
