"""A callback that the customer calls, from the request to the end: told by webhook, dialled by a real telephone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.events.receiver import LIMIT_SECONDS, SECRET, Received, receiving

from .app import Matchline
from .phones import Phones

pytestmark = pytest.mark.parametrize("variant", ["cfg"], indirect=True)  # what decides knows of no callbacks

PHONE = "+12025550123"
CALLER = f"sip:{PHONE}@example.com"

SECTIONS = """
[server]
default_region = "US"
scxml_workers = 1

[events]
types = "matched"
url = "{url}"
secret = "{secret}"

[service.i-call]
_type = "ors"
_service = "example:callback-customer-calls.scxml"
_service_type = "callback"
"""


class Centre:
    """A contact centre that hears by webhook when an agent is wanted, and says when one is free."""

    def __init__(self, matchline: Matchline, received: Received) -> None:
        self._client = httpx.Client(base_url=f"{matchline.url}/genesys/1/service", timeout=LIMIT_SECONDS)
        self._received = received

    def book(self, **fields: str) -> str:
        answer = self._client.post("/callback/i-call", data={"_customer_number": PHONE, **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["_id"])

    def tell(self, callback: str, what: str) -> None:
        answer = self._client.post(f"/{callback}/{what}")
        assert answer.status_code == 200, answer.text

    def cancel(self, callback: str) -> None:
        assert self._client.delete(f"/callback/i-call/{callback}").status_code == 200

    def state(self, callback: str) -> str:
        (found,) = self._client.get("/callback", params={"_id": callback}).json()
        return str(found["_callback_state"])

    def hear(self, name: str) -> dict[str, Any]:
        """What the webhook of this name tells, once it has come."""

        def told() -> list[dict[str, Any]]:
            return [event["data"] for event in self._received.events if event.get("name") == name]

        with self._received.changed:
            assert self._received.changed.wait_for(told, LIMIT_SECONDS), self._received.events
        return told()[-1]

    def close(self) -> None:
        self._client.close()


@pytest.fixture(name="received")
def _received() -> Iterator[tuple[Received, str]]:
    with receiving() as found:
        yield found


@pytest.fixture(name="matchline")
def _matchline(tmp_path: Path, received: tuple[Received, str]) -> Iterator[Matchline]:
    server = Matchline(tmp_path, SECTIONS.format(url=received[1], secret=SECRET))
    yield server
    server.stop()


@pytest.fixture(name="centre")
def _centre(matchline: Matchline, received: tuple[Received, str]) -> Iterator[Centre]:
    centre = Centre(matchline, received[0])
    yield centre
    centre.close()


@pytest.fixture(name="phones")
def _phones(matchline: Matchline, phones_asking: Callable[..., Phones]) -> Phones:
    return phones_asking(matchline.url)


def soon() -> str:
    return (datetime.now(UTC) + timedelta(seconds=2)).isoformat()


@pytest.mark.parametrize("when", [dict, lambda: {"_desired_time": soon()}], ids=["at once", "delayed"])
def test_a_customer_is_told_a_number_and_calls(
    matchline: Matchline, phones: Phones, centre: Centre, when: Callable[[], dict[str, str]]
) -> None:
    callback = centre.book(customer="Ada", **when())
    centre.hear("agent-wanted")
    assert centre.state(callback) == "QUEUED"

    centre.tell(callback, "agent-free")
    number = centre.hear("call-now")["number"]
    assert centre.state(callback) == "ROUTING"
    assert phones.call("sip:+12025550199@example.com", number).status == 404, "a stranger's call is not it"
    answer = phones.call(CALLER, number)

    assert (answer.status, answer.match_id) == (302, callback)
    assert matchline.user_data(callback) == {"customer": "Ada"}
    centre.tell(callback, "finished")
    assert centre.state(callback) == "COMPLETED"


def test_who_cancels_is_not_awaited(phones: Phones, centre: Centre) -> None:
    callback = centre.book()
    centre.hear("agent-wanted")
    centre.tell(callback, "agent-free")
    number = centre.hear("call-now")["number"]
    centre.cancel(callback)
    assert centre.state(callback) == "COMPLETED"
    assert phones.call(CALLER, number).status == 302, "the number is the session's while that lives"
