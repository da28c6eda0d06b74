"""The sample chart, as its page shows it: from the request to the matched call, over real sockets."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import LIMIT_SECONDS, Server
from tests.http.api import CALLER

EXAMPLE = Path(__file__).parents[2] / "examples" / "scxml"
NUMBERS = {"+1 800 555 0100", "+1 800 555 0101"}
SHORT_BOOKING = 5  # seconds: the shortest there is
LOOK_SECONDS = 0.1


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    text = (
        (EXAMPLE / "matchline.toml")
        .read_text()
        .replace("_booking_expiration_timeout = 30", f"_booking_expiration_timeout = {SHORT_BOOKING}")
    )
    server = Server(tmp_path_factory.mktemp("sample"), text)
    yield server.start()
    server.close()


def ask(server: Server, session_id: str, request: str) -> httpx.Response:
    return server.client.post(f"/genesys/1/service/{session_id}/{request}")


def test_a_customer_calls(server: Server) -> None:
    session = server.ask("call-me", {"_phone_number": CALLER, "topic": "a lamp"})
    assert session["number"] in NUMBERS
    assert ask(server, session["_id"], "status").json() == {"status": "waiting", "call": ""}
    call = {"_access_number": session["number"], "_phone_number": CALLER, "_call_id": "c-1"}
    matched = server.ask("match-interaction", call)
    assert (matched["_id"], matched["user_data"]["topic"]) == (session["_id"], "a lamp")
    assert ask(server, session["_id"], "status").json() == {"status": "called", "call": "c-1"}
    deadline = time.monotonic() + LIMIT_SECONDS
    while "called_at" not in server.client.get(f"/genesys/1/service/{session['_id']}/storage").json():
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)


def test_a_customer_calls_too_late_and_asks_again(server: Server) -> None:
    session = server.ask("call-me", {"_phone_number": CALLER})
    deadline = time.monotonic() + LIMIT_SECONDS
    while ask(server, session["_id"], "status").json()["status"] != "missed":
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)
    assert ask(server, session["_id"], "again").json()["number"] in NUMBERS
