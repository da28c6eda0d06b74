"""The budgets against guessing: of access codes (rule 6), for the match step, and of passwords."""

from matchline.clock import Instant
from matchline.guessing import Guessers
from matchline.store.memory.tables import Tables
from matchline.verdict import GuessBudget


def have_budget(tables: Tables, guessers: Guessers, now: Instant) -> bool:
    """Whether each of them may guess."""
    full_at = tables.guess_budgets
    return all(budget.allows_one(full_at.get(guesser, 0), now) for guesser, budget in guessers.items())


def spend(tables: Tables, guessers: Guessers, now: Instant) -> None:
    for guesser, budget in guessers.items():
        tables.guess_budgets[guesser] = budget.spent(tables.guess_budgets.get(guesser, 0), now)


def charge(tables: Tables, guesser: str, budget: GuessBudget, now: Instant) -> int:
    wait = budget.wait(tables.guess_budgets.get(guesser, 0), now)
    if not wait:
        spend(tables, {guesser: budget}, now)
    return wait


def refund(tables: Tables, guesser: str, budget: GuessBudget) -> None:
    tables.guess_budgets[guesser] = tables.guess_budgets.get(guesser, 0) - budget.refill
