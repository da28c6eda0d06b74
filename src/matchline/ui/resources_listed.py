"""A page of a group's numbers: how each is read, and what it does now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matchline import phone
from matchline.engine.policy import Configuration, Group
from matchline.live import NumberUse
from matchline.model import Number
from matchline.ui.asked import Asked
from matchline.ui.calls_words import GOOD, PLAIN, WARN
from matchline.ui.looked_up import address as looked_for
from matchline.ui.looked_up import text, whole_number
from matchline.ui.resources_form import address

PAGE = 100  # numbers

_FREE = NumberUse(is_free=True, held=0, cooling=0)


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """Which numbers a page shows, and where the pages beside it are."""

    group: str
    ids: Sequence[int]
    find: str
    found: int  # numbers that are like what was looked for
    first: int
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class ShownNumber:
    id: int
    text: str
    reading: str
    states: Sequence[tuple[str, str]]  # what it does, each with the kind of its badge


def numbers_of(current: Configuration, name: str) -> list[Number]:
    return [number for number in current.numbers if number.group == name]


def numbers_page(asked: Asked, name: str) -> NumbersPage:
    current = asked.engine.keeper.current
    wanted, place = text(asked, "find"), whole_number(asked.query("page")) or 0
    found = numbers_of(current, name)
    if wanted:
        found = _like(found, wanted, current.groups[name].region)

    def turn(to: int) -> str:
        return looked_for(address(name), {"find": wanted, "page": str(to)}) + "#numbers"

    return NumbersPage(
        name,
        [each.id for each in found[place * PAGE : (place + 1) * PAGE]],
        wanted,
        len(found),
        place * PAGE + 1,
        turn(place - 1) if place else None,
        turn(place + 1) if len(found) > (place + 1) * PAGE else None,
    )


async def listed(asked: Asked, page: NumbersPage) -> Mapping[str, object]:
    """As they are now: some may be gone since the page was found."""
    current = asked.engine.keeper.current
    there = [each for each in map(current.directory.number, page.ids) if each and each.group == page.group]
    uses = await asked.engine.browsing.number_uses([each.id for each in there])
    group = current.groups[page.group]
    numbers = [_shown(each, group, uses.get(each.id, _FREE)) for each in there]
    return {"numbers_page": page, "numbers": numbers, "count": len(numbers_of(current, page.group))}


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
