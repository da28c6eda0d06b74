"""The dialogue by itself: whatever is heard and whatever the engine says, a call is sent somewhere."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from matchline.adapters.dialogue import (
    MAX_CALL_ID,
    Collect,
    HandOver,
    Heard,
    Queue,
    Reason,
    Step,
    call_of,
    next_step,
)
from matchline.engine.handling import Call
from matchline.engine.line import Line
from matchline.errors import Unavailable
from matchline.model import Value
from matchline.verdict import Ambiguous, Match, Matched, NeedsCode, NoneMatches, Verdict

pytestmark = pytest.mark.anyio

FOUND = Match("s1", "d1", late=False)
ENDINGS = {
    Reason.NO_MATCH: NoneMatches(),
    Reason.AMBIGUOUS: Ambiguous(None),
    Reason.GUESSED_TOO_OFTEN: NoneMatches(slowed=True),
}


def line(retries: int = 1, keys: str | None = None) -> Line:
    return Line("main", "any", {"retries": retries, "hand_over_keys": keys})


async def after(heard: Heard, verdict: Verdict | Exception, on: Line | None = None) -> Step:
    async def ask(call: Call) -> Verdict:
        assert call == call_of(heard)
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    return await next_step(heard, ask, on or line())


async def test_a_match_is_handed_over_with_its_id_alone() -> None:
    found = Match("s1", "d1", late=True, values={"plan": Value.text("gold")})
    assert await after(Heard("1"), Matched((found,))) == HandOver("s1", {})


async def test_allowed_texts_leave_with_a_match() -> None:
    values: Mapping[str, Value] = {
        "plan": Value.text("gold"),
        "pin": Value.text("0000"),
        "photo": Value(b"\x89PNG", "image/png"),
    }
    step = await after(
        Heard("1"), Matched((Match("s1", "d1", late=False, values=values),)), line(1, "photo, plan, more")
    )
    assert step == HandOver("s1", {"plan": "gold"})


@pytest.mark.parametrize(("reason", "verdict"), ENDINGS.items())
async def test_what_is_no_match_goes_to_the_queue(reason: Reason, verdict: Verdict) -> None:
    assert await after(Heard("1"), verdict) == Queue(reason)


@pytest.mark.parametrize("verdict", [NeedsCode(6), Ambiguous(6)])
async def test_the_server_says_how_many_digits(verdict: Verdict) -> None:
    assert await after(Heard("1"), verdict) == Collect(6, 1)


@pytest.mark.parametrize("error", [Unavailable(), TimeoutError(), KeyError("x"), RecursionError()])
async def test_whatever_fails_ends_in_the_queue_flagged(error: Exception) -> None:
    step = await after(Heard("1"), error)
    assert step == Queue(Reason.UNAVAILABLE)
    assert isinstance(step, Queue)
    assert step.is_flagged


@pytest.mark.parametrize("reason", ENDINGS)
def test_what_worked_is_not_flagged(reason: Reason) -> None:
    assert not Queue(reason).is_flagged


async def test_several_matches_are_nobodys() -> None:
    assert await after(Heard("1"), Matched((FOUND, FOUND))) == Queue(Reason.AMBIGUOUS)


async def test_nothing_keyed_in_is_asked_again_without_a_look_up() -> None:
    for digits in (None, "", "#", " * "):
        heard = Heard("1", digits=digits, asked=Collect(6, 1))
        assert await after(heard, AssertionError("asked")) == Collect(6, 2)


async def test_a_call_that_nobody_takes_goes_to_the_queue_without_a_look_up() -> None:
    assert await after(Heard("1", unanswered=True), AssertionError("asked")) == Queue(Reason.UNANSWERED)


async def test_a_call_without_a_called_number_goes_to_the_queue() -> None:
    assert await after(Heard(" "), AssertionError("asked")) == Queue(Reason.UNREADABLE)


_VERDICTS: st.SearchStrategy[Any] = st.one_of(
    st.builds(NeedsCode, st.integers(1, 15)),
    st.builds(Ambiguous, st.none() | st.integers(1, 15)),
    st.builds(NoneMatches, st.booleans()),
    st.just(Unavailable()),
)


@given(st.lists(st.tuples(st.text(), _VERDICTS), min_size=9, max_size=9), st.integers(0, 5), st.text())
async def test_every_dialogue_ends(turns: list[tuple[str, Verdict]], retries: int, number: str) -> None:
    heard, asked = Heard(number), []
    for digits, verdict in turns:
        step = await after(heard, verdict, line(retries))
        if not isinstance(step, Collect):
            return
        asked.append(step.attempt)
        assert Collect.of_state(step.state) == step, "what travels with the platform comes back the same"
        heard = replace(heard, digits=digits, asked=step)
    raise AssertionError(f"still asking after {asked}")


@given(st.dictionaries(st.sampled_from(["length", "attempt", "x"]), st.text()))
def test_any_state_may_come_back(state: dict[str, str]) -> None:
    collect = Collect.of_state(state)
    assert collect is None or (1 <= collect.length <= 15 and 1 <= collect.attempt <= 6)


@given(st.text(), st.none() | st.text(), st.none() | st.text(), st.none() | st.text())
def test_any_text_becomes_a_call(
    number: str, caller: str | None, digits: str | None, call_id: str | None
) -> None:
    call = call_of(Heard(number, caller, digits, call_id))
    for text in (call.access_number, call.phone, call.digits, call.call_id):
        assert text is None or ("\0" not in text and len(text.encode()) <= 4 * 256)


def test_long_call_ids_stay_apart() -> None:
    long = "x" * (MAX_CALL_ID + 1)
    ids = {call_of(Heard("1", call_id=each)).call_id for each in (long, long + "y", long[:-1])}
    assert len(ids) == 3
    assert call_of(Heard("1", call_id=long)) == call_of(Heard("1", call_id=long))
