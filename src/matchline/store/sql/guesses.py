"""The budgets against guessing: of access codes (rule 6), for the match step, and of passwords."""

from matchline.clock import Instant
from matchline.guessing import Guessers
from matchline.store.sql import Database
from matchline.verdict import GuessBudget


def have_budget(db: Database, guessers: Guessers, now: Instant) -> bool:
    """Whether each of them may guess; nobody else spends their budgets until the transaction ends."""
    for guesser in guessers:
        db.lock("lock_guesser", {"guesser": guesser})
    return all(budget.allows_one(_full_at(db, guesser), now) for guesser, budget in guessers.items())


def spend(db: Database, guessers: Guessers, now: Instant) -> None:
    """After `have_budget`."""
    for guesser, budget in guessers.items():
        full_at = budget.spent(_full_at(db, guesser), now)
        db.run("spend_guess", {"guesser": guesser, "full_at": full_at})


def charge(db: Database, guesser: str, budget: GuessBudget, now: Instant) -> int:
    db.lock("lock_guesser", {"guesser": guesser})
    wait = budget.wait(_full_at(db, guesser), now)
    if not wait:
        spend(db, {guesser: budget}, now)
    return wait


def refund(db: Database, guesser: str, budget: GuessBudget) -> None:
    db.lock("lock_guesser", {"guesser": guesser})
    db.run("spend_guess", {"guesser": guesser, "full_at": _full_at(db, guesser) - budget.refill})


def _full_at(db: Database, guesser: str) -> Instant:
    row = db.row("guess_budget", {"guesser": guesser})
    return row[0] if row else 0
