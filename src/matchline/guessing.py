"""Guessing of access codes (rule 6): who is charged for a wrong code, and what one hears who may guess no more.

Pure functions; each store asks them within its atomic match step, and keeps the budgets.
"""

from collections.abc import Mapping

from matchline.verdict import (
    Asked,
    Candidate,
    Chosen,
    Decision,
    GuessBudget,
    NoneMatches,
    Query,
)

Guessers = Mapping[str, GuessBudget]  # who is charged → the budget that holds for it


def guessers(query: Query, decision: Decision) -> Guessers:
    """Who must have budget left for this decision to be told, in a fixed order; nobody where it is no guess.

    A code that was keyed in is a guess, unless it is right and the session was made for the very phone that calls.
    """
    if query.code is None or _is_callers_own(query, decision):
        return {}
    found = {}
    for asked in query.numbers:
        budget = query.budgets.number if asked.phone is None else query.budgets.caller
        if budget:
            found[_guesser(asked)] = budget
    return dict(sorted(found.items()))


def without_budget(query: Query, decision: Decision) -> Decision:
    """What is left of a decision for a guesser without budget: sessions made for the very phone that calls."""
    if isinstance(decision, Chosen):
        own = tuple(each for each in decision.candidates if _has_the_phone(query, each))
        if own:
            return Chosen(own)
    return NoneMatches(slowed=True)


def may_be_answered_again(asked: Asked, decision: Decision) -> bool:
    """Whether an earlier answer may be given: to a guesser without budget only if its phone had that answer."""
    slowed = isinstance(decision, NoneMatches) and decision.slowed
    return asked.phone is not None or not slowed


def _guesser(asked: Asked) -> str:
    return f"number/{asked.number_id}" if asked.phone is None else guesser_of_phone(asked.phone)


def guesser_of_phone(phone: str) -> str:
    """As whom a caller is charged."""
    return f"caller/{phone}"


def guesser_of_address(address: str) -> str:
    """As whom somebody is charged who logs in."""
    return f"login/{address}"


def _is_callers_own(query: Query, decision: Decision) -> bool:
    return isinstance(decision, Chosen) and all(_has_the_phone(query, each) for each in decision.candidates)


def _has_the_phone(query: Query, candidate: Candidate) -> bool:
    return candidate.phone is not None and any(
        asked.number_id == candidate.number_id and asked.phone == candidate.phone for asked in query.numbers
    )
