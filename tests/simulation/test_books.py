"""The simulation's own books notice what they are there to notice."""

import pytest

from matchline.model import Claim, Granted, NewSession, Strategy, Terms, Value, Wish
from matchline.verdict import Match, Matched, Query

from .books import MARKER, Books
from .gate import Step
from .trace import Trace

HELD, RESTS = 30, 15  # milliseconds
TERMS = Terms(timeout=HELD, cooldown=RESTS)
START = 1000


@pytest.fixture
def trace() -> Trace:
    return Trace()


@pytest.fixture
def books(trace: Trace) -> Books:
    return Books(trace)


def claim(
    books: Books, name: str, now: int, strategy: Strategy = Strategy.CLUSTER, code: str | None = None
) -> None:
    new = NewSession(name, "service", f"data of {name}", None, 1000)
    wanted = Claim(new, {MARKER: Value.text(name)}, Wish("group", strategy, TERMS))
    granted = Granted(name, new.data_id, "group", "100", code, TERMS.timeout)
    books.enter(Step(0, "claim", (wanted, now)), granted, now)


def match(books: Books, name: str, now: int, *, marker: str | None = None) -> None:
    values = {MARKER: Value.text(marker or name)}
    verdict = Matched((Match(name, f"data of {name}", late=False, values=values),))
    books.enter(Step(0, "match", (Query(()), now)), verdict, now)


def test_a_slot_that_rests_is_given_to_no_one(books: Books, trace: Trace) -> None:
    claim(books, "anna", START)
    claim(books, "ben", START + HELD + RESTS - 1)
    assert "the slot of anna was given to ben" in str(trace.violation)


def test_a_slot_that_rested_is_anybody_s(books: Books, trace: Trace) -> None:
    claim(books, "anna", START)
    claim(books, "ben", START + HELD + RESTS)
    assert trace.violation is None


@pytest.mark.parametrize(
    ("one", "other", "clash"), [("12", "123", True), ("123", "12", True), ("12", "13", False)]
)
def test_no_code_begins_with_another(books: Books, trace: Trace, one: str, other: str, clash: bool) -> None:
    claim(books, "anna", START, Strategy.RANDOM, one)
    claim(books, "ben", START, Strategy.RANDOM, other)
    assert (trace.violation is not None) is clash


def test_a_reservation_is_matched_before_its_end_only(books: Books, trace: Trace) -> None:
    claim(books, "anna", START)
    match(books, "anna", START + HELD)
    assert "was over when it matched" in trace.lines[0]


def test_a_reservation_is_matched_once(books: Books, trace: Trace) -> None:
    claim(books, "anna", START)
    match(books, "anna", START + 1)
    match(books, "anna", START + 2)
    assert any("the settled reservation of anna was matched" in line for line in trace.lines)


def test_no_one_is_given_another_s_data(books: Books, trace: Trace) -> None:
    claim(books, "anna", START)
    match(books, "anna", START + 1, marker="ben")
    assert any("anna got another's data" in line for line in trace.lines)
