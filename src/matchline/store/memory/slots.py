"""Slots: which number and code a reservation gets, and when they may be given out again (rules 4, 16, 18)."""

from collections.abc import Iterator
from dataclasses import dataclass

from matchline.clock import Instant
from matchline.errors import Exhausted
from matchline.model import CodeWish, Pool, Strategy, Wish
from matchline.observing.masking import Private
from matchline.store.memory.tables import AccessNumber, Tables


@dataclass(frozen=True, slots=True, repr=False)
class Slot(Private):
    number: AccessNumber
    code: str | None


def take_slot(tables: Tables, wish: Wish, now: Instant) -> Slot:
    group = _numbers_in_use(tables, wish.group)
    return (
        _exclusive_slot(group, wish, now)
        if wish.strategy.exclusive
        else _shared_slot(tables, group, wish, now)
    )


def pool(tables: Tables, group: str, now: Instant) -> Pool:
    numbers = _numbers_in_use(tables, group)
    free = sum(number.free_at(shared=False) <= now for number in numbers)
    reserved = sum(number.released_at() > now for number in numbers)
    return Pool(len(numbers), free, reserved, len(numbers) - free - reserved)


def _numbers_in_use(tables: Tables, group: str) -> list[AccessNumber]:
    return [number for number in tables.numbers_of(group) if not number.draining]


def _exclusive_slot(group: list[AccessNumber], wish: Wish, now: Instant) -> Slot:
    """The number that is free for longest."""
    free = [number for number in group if number.free_at(shared=False) <= now]
    if not free:
        raise Exhausted(min((number.free_at(shared=False) for number in group), default=None))
    number = min(free, key=lambda each: (each.free_at(shared=True), each.id))
    return Slot(number, wish.code.candidates[0] if wish.code else None)


def _shared_slot(tables: Tables, group: list[AccessNumber], wish: Wish, now: Instant) -> Slot:
    free = [number for number in group if number.free_at(shared=True) <= now]
    for number in _in_turn(free, wish):
        code = _free_code(number, wish.code, now) if wish.code else None
        if code is not None or wish.code is None:
            if wish.strategy is Strategy.ROUND_ROBIN:
                number.turn = 1 + max(each.turn for each in tables.numbers_of(wish.group))
            return Slot(number, code)
    raise Exhausted(_soonest_pair(group, now))


def _in_turn(numbers: list[AccessNumber], wish: Wish) -> Iterator[AccessNumber]:
    """The numbers of a shared group in the order in which its strategy tries them."""
    if wish.strategy is Strategy.ROUND_ROBIN:
        yield from sorted(numbers, key=lambda each: (each.turn, each.id))
    elif numbers:
        start = wish.pick % len(numbers)
        yield from numbers[start:] + numbers[:start]


def _soonest_pair(group: list[AccessNumber], now: Instant) -> Instant | None:
    busy = (
        each.span.busy_until
        for number in group
        for each in number.reservations.values()
        if each.holds_slot and now < each.span.busy_until
    )
    return min(busy, default=None)


def _free_code(number: AccessNumber, wish: CodeWish, now: Instant) -> str | None:
    """The first candidate that no code in use equals, begins or is begun by; None when half are taken."""
    in_use = [
        each.code
        for each in number.reservations.values()
        if each.shared and each.code and now < each.span.busy_until
    ]
    blocked = sum(10 ** max(0, wish.length - len(code)) for code in in_use if code[0] in wish.leads)
    if blocked >= wish.most_in_use:
        return None
    for code in wish.candidates:
        if not any(code.startswith(other) or other.startswith(code) for other in in_use):
            return code
    return None
