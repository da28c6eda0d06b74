"""How a pair of number and code is found beside others who look for one (rules 4, 16)."""

from matchline.clock import Instant
from matchline.model import Strategy, Wish
from matchline.store.sql import Database, Slot, events
from matchline.store.sql.slots import pairs_exhausted


def shared_slot(db: Database, wish: Wish, now: Instant) -> Slot:
    """Look first and lock then: whoever holds a number's lock waits for nothing but its commit."""
    by_turn = wish.strategy is Strategy.ROUND_ROBIN
    wanted = {
        "codes": wish.code.candidates if wish.code else None,
        "most_in_use": wish.code.most_in_use if wish.code else 0,
        "leads": "".join(sorted(wish.code.leads)) if wish.code else "",
        "now": now,
    }
    group = {"grp": wish.group, "by_turn": by_turn, "pick": 0 if by_turn else wish.pick}
    row = db.row("free_pair", {**wanted, **group})
    if row is None:
        raise pairs_exhausted(db, wish, now)
    number_id, number, code = row
    db.lock("lock_number", {"id": number_id})
    db.lock("verify_pair", {**wanted, "id": number_id, "codes": (code,) if code else None})
    if code:
        events.note_expired_on_pair(db, number_id, code, now)
        db.run("drop_rested_code", {"number_id": number_id, "code": code, "now": now})
    if by_turn:
        db.run("take_turn", {"grp": wish.group, "id": number_id})
    return Slot(number_id, number, code)
