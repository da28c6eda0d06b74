"""What one node began another goes on with, at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .cluster import NUMBERS, Node

RESERVE = "/genesys/1/service/request-interaction"


@pytest.fixture(params=["there", "back"], name="ways")
def _ways(pair: list[Node], request: pytest.FixtureRequest) -> tuple[Node, Node]:
    """One node and the other, both ways."""
    one, other = pair if request.param == "there" else reversed(pair)
    return one, other


@pytest.fixture
def session(ways: tuple[Node, Node]) -> Iterator[Any]:
    """A session of the one."""
    session = ways[0].reserve(customer="Ada")
    yield session
    ways[0].end(session)


def test_a_session_is_matched_on_the_other(ways: tuple[Node, Node], session: Any) -> None:
    one, other = ways
    found = other.match(session).json()
    assert (found["_id"], found["user_data"]) == (session["_id"], {"customer": "Ada"})
    assert one.match(session).status_code == 404


def test_its_number_is_given_to_nobody_else(pair: list[Node]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: pair[n % 2].client.post(RESERVE), range(8)))
    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert sorted(each["_access_number"] for each in given) == sorted(NUMBERS)
    assert {answer.status_code for answer in answers} == {200, 503}
    for each in given:
        pair[0].end(each)


def test_access_is_asked_for_on_the_other(ways: tuple[Node, Node], session: Any) -> None:
    one, other = ways
    granted = other.ask("request-access", {"_id": session["_id"]})
    assert granted["_access_number"] in NUMBERS
    assert one.match(granted).json()["_id"] == session["_id"]


def test_a_key_is_answered_once_on_all(ways: tuple[Node, Node]) -> None:
    answers = [node.client.post(RESERVE, headers={"Idempotency-Key": "k"}) for node in ways]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    other = ways[1].client.post(RESERVE, data={"customer": "Ben"}, headers={"Idempotency-Key": "k"})
    assert other.json()["exception"] == "IdempotencyConflict"
    ways[0].end(answers[0].json())


def test_a_call_asked_about_on_both_is_one(ways: tuple[Node, Node], session: Any) -> None:
    answers = [node.match(session, _call_id="c") for node in ways]
    assert [answer.json()["_id"] for answer in answers] == [session["_id"]] * 2
    assert ways[0].match(session, _call_id="d").status_code == 404


def test_data_of_one_are_read_on_the_other(ways: tuple[Node, Node], session: Any) -> None:
    one, other = ways
    stored = f"/genesys/1/service/{session['_id']}/storage"
    assert other.client.get(stored).json() == {"customer": "Ada"}
    one.end(session)
    assert other.client.get(stored).status_code == 404
