"""A page of a group's numbers: how each is read, and what it does now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matchline import phone
from matchline.engine.policy import Configuration, Group
from matchline.kept.live import NumberUse
from matchline.model import Number
from matchline.ui.asked import Asked
from matchline.ui.calls_words import GOOD, PLAIN, WARN
from matchline.ui.looked_up import text
from matchline.ui.paging import Leaf, leaf
from matchline.ui.resources_form import address

_FREE = NumberUse(is_free=True, held=0, cooling=0)


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """Which numbers of a group a page shows."""

    group: str
    find: str
    ids: Leaf[int]


@dataclass(frozen=True, slots=True)
class ShownNumber:
    id: int
    text: str
    reading: str
    states: Sequence[tuple[str, str]]  # what it does, each with the kind of its badge


def numbers_of(current: Configuration, name: str) -> list[Number]:
    return [number for number in current.numbers if number.group == name]


def numbers_page(asked: Asked, name: str) -> NumbersPage:
    current, wanted = asked.engine.keeper.current, text(asked, "find")
    found = numbers_of(current, name)
    if wanted:
        found = _like(found, wanted, current.groups[name].region)
    ids = [each.id for each in found]
    return NumbersPage(name, wanted, leaf(asked, address(name), ids, {"find": wanted}, "#numbers"))


async def listed(asked: Asked, page: NumbersPage) -> Mapping[str, object]:
    """As they are now: some may be gone since the page was found."""
    current = asked.engine.keeper.current
    there = [
        each for each in map(current.directory.number, page.ids.rows) if each and each.group == page.group
    ]
    uses = await asked.engine.browsing.number_uses([each.id for each in there])
    group = current.groups[page.group]
    numbers = [_shown(each, group, uses.get(each.id, _FREE)) for each in there]
    return {
        "numbers": numbers,
        "count": len(numbers_of(current, page.group)),
        "find": page.find,
        "numbers_leaf": page.ids,
    }


def _like(numbers: Sequence[Number], wanted: str, region: str | None) -> list[Number]:
    reading = phone.normalise(wanted, region)
    readings = ((each, phone.normalise(each.text, region)) for each in numbers)
    return [each for each, read in readings if wanted in each.text or wanted in read or read == reading]


def _shown(number: Number, group: Group, use: NumberUse) -> ShownNumber:
    states = list(_states_of_one(use) if group.strategy.exclusive else _states_of_shared(use))
    if number.draining:
        states.append(("draining", WARN))
    return ShownNumber(number.id, number.text, phone.normalise(number.text, group.region), states)


def _states_of_one(use: NumberUse) -> Sequence[tuple[str, str]]:
    if use.held:
        return (("held", GOOD),)
    return (("free", PLAIN),) if use.is_free else (("cooling", WARN),)


def _states_of_shared(use: NumberUse) -> Sequence[tuple[str, str]]:
    more = "" if use.complete else "at least "
    counts = ((use.held, "held", GOOD), (use.cooling, "cooling", WARN))
    found = tuple((f"{more}{count:,} {what}", kind) for count, what, kind in counts if count)
    return found or (("not held", PLAIN),)
