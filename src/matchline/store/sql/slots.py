"""Slots: which number and code a reservation gets, and when they may be given out again (rules 4, 16, 18)."""

from collections.abc import Iterator
from typing import Protocol

from matchline.clock import Instant
from matchline.errors import Exhausted
from matchline.model import CodeWish, Pool, Strategy, Wish
from matchline.store.sql import Database, Reader, SharedSlot, Slot, events


class Holder(Protocol):
    """A reservation, as far as its slot is concerned."""

    @property
    def reservation_id(self) -> int: ...
    @property
    def number_id(self) -> int: ...
    @property
    def shared(self) -> bool: ...
    @property
    def code(self) -> str | None: ...


def take_slot(db: Database, wish: Wish, now: Instant, shared: SharedSlot) -> Slot:
    return _exclusive_slot(db, wish, now) if wish.strategy.exclusive else shared(db, wish, now)


def shared_slot(db: Database, wish: Wish, now: Instant) -> Slot:
    """For a database with one writer: nobody takes what was looked up."""
    for number_id, number in _shared_numbers(db, wish, now):
        code = _free_code(db, number_id, wish.code, now) if wish.code else ""
        if code is not None:
            if wish.strategy is Strategy.ROUND_ROBIN:
                db.run("take_turn", {"grp": wish.group, "id": number_id})
            return Slot(number_id, number, code)
    raise pairs_exhausted(db, wish, now)


def pairs_exhausted(db: Database, wish: Wish, now: Instant) -> Exhausted:
    return Exhausted(_soonest(db, "soonest_pair", wish, now) if _has_numbers(db, wish) else None)


def _exclusive_slot(db: Database, wish: Wish, now: Instant) -> Slot:
    row = db.claimed("free_number", {"grp": wish.group, "now": now})
    if row is None:
        raise Exhausted(_soonest(db, "soonest_number", wish, now))
    number_id, number = row
    return Slot(number_id, number, wish.code.candidates[0] if wish.code else "")


def _shared_numbers(db: Database, wish: Wish, now: Instant) -> Iterator[tuple[int, str]]:
    """The numbers of a shared group in the order in which its strategy tries them."""
    row = db.row("count_shared", {"grp": wish.group, "now": now})
    count = int(row[0]) if row else 0
    by_turn = wish.strategy is Strategy.ROUND_ROBIN
    for place in range(count):
        offset = place if by_turn else (wish.pick + place) % count
        statement = "shared_by_turn" if by_turn else "shared_by_place"
        found = db.row(statement, {"grp": wish.group, "now": now, "offset": offset})
        if found:
            yield found[0], found[1]


def _has_numbers(db: Database, wish: Wish) -> bool:
    return db.row("any_number", {"grp": wish.group}) is not None


def _soonest(db: Database, statement: str, wish: Wish, now: Instant) -> Instant | None:
    row = db.row(statement, {"grp": wish.group, "now": now})
    return row[0] if row else None


def occupy(
    db: Database,
    number_id: int,
    reservation_id: int,
    held_until: Instant,
    busy_until: Instant,
    shared: bool,
) -> None:
    if shared:
        db.run("mark_shared", {"id": number_id, "until": busy_until})
        return
    db.run(
        "hold_number",
        {
            "id": number_id,
            "reservation_id": reservation_id,
            "held_until": held_until,
            "busy_until": busy_until,
        },
    )


def is_still_held(db: Database, holder: Holder, now: Instant) -> bool:
    """Whether the slot was not given to somebody else since.

    A step that others overtook has an earlier instant than theirs: what it may still hold may be over for them.
    """
    db.lock("lock_number", {"id": holder.number_id})
    if not holder.shared:
        return db.row("number_holder", {"id": holder.number_id}) == (holder.reservation_id,)
    if not holder.code:
        return True
    shorter = _shorter(_codes_in_use(db, holder.number_id), len(holder.code))
    return not _clashes(db, holder.number_id, holder.code, shorter, now, but=holder.reservation_id)


def settle(db: Database, holder: Holder, outcome: str, busy_until: Instant, now: Instant) -> None:
    """A reservation is over for good; its row stays while its slot rests."""
    if busy_until > now:
        parameters = {"id": holder.reservation_id, "outcome": outcome, "busy_until": busy_until}
        db.run("rest_reservation", parameters)
    else:
        remove_reservation(db, holder.reservation_id, holder.number_id, holder.code, shared=holder.shared)


def rest_number(db: Database, holder: Holder, busy_until: Instant, now: Instant) -> None:
    """An exclusive number is let go by the reservation that held it."""
    if not holder.shared:
        parameters = {"id": holder.number_id, "reservation_id": holder.reservation_id}
        db.run("settle_number", {**parameters, "now": now, "busy_until": busy_until})


def remove_reservation(
    db: Database, reservation_id: int, number_id: int, code: str | None, *, shared: bool
) -> None:
    db.run("remove_reservation", {"id": reservation_id})
    if shared and code:
        forget_code(db, number_id, code)


def pool(db: Reader, group: str, now: Instant) -> Pool:
    row = db.row("pool", {"grp": group, "now": now})
    assert row, "an aggregate has a row"
    total, free, reserved = row
    return Pool(total, free, reserved, total - free - reserved)


# Codes on shared numbers


def _free_code(db: Database, number_id: int, wish: CodeWish, now: Instant) -> str | None:
    """The first candidate that no code in use equals, begins or is begun by; None when half of them are taken."""
    in_use = _codes_in_use(db, number_id)
    if _blocked(in_use, wish) >= wish.most_in_use:
        over = _codes_over(db, number_id, now)
        in_use = {kind: used - over.get(kind, 0) for kind, used in in_use.items()}
        if _blocked(in_use, wish) >= wish.most_in_use:
            return None
    shorter = _shorter(in_use, wish.length)
    for code in wish.candidates:
        if not _clashes(db, number_id, code, shorter, now):
            events.note_expired_on_pair(db, number_id, code, now)
            for _ in db.rows("drop_rested_pair", {"number_id": number_id, "code": code, "now": now}):
                forget_code(db, number_id, code)
            return code
    return None


def _shorter(in_use: dict[tuple[int, str], int], length: int) -> set[int]:
    return {other for (other, _), used in in_use.items() if used and other < length}


def _codes_in_use(db: Database, number_id: int) -> dict[tuple[int, str], int]:
    """(length, first digit) → codes in the table: those in use and those not yet swept."""
    rows = db.rows("codes_listed", {"number_id": number_id})
    return {(length, lead): used for length, lead, used in rows}


def _codes_over(db: Database, number_id: int, now: Instant) -> dict[tuple[int, str], int]:
    rows = db.rows("codes_over", {"number_id": number_id, "now": now})
    return {(length, lead): over for length, lead, over in rows}


def _blocked(in_use: dict[tuple[int, str], int], wish: CodeWish) -> int:
    """How many codes of the wished length are taken: a shorter code takes all that begin with it."""
    return sum(
        used * 10 ** max(0, wish.length - length)
        for (length, lead), used in in_use.items()
        if lead in wish.leads
    )


def _clashes(
    db: Database, number_id: int, code: str, shorter: set[int], now: Instant, but: int | None = None
) -> bool:
    """With a code in use that is not that of this reservation."""
    parameters = {"number_id": number_id, "now": now}
    if any(found != but for (found,) in db.rows("clashing_codes", {**parameters, "code": code})):
        return True
    return any(db.row("code_in_use", {**parameters, "code": code[:length]}) for length in shorter)


def forget_code(db: Database, number_id: int, code: str) -> None:
    """A shared code left the table."""
    count_code(db, number_id, code, -1)


def count_code(db: Database, number_id: int, code: str, step: int) -> None:
    parameters = {"number_id": number_id, "length": len(code), "lead": code[0], "step": step}
    db.run("count_code", parameters)
