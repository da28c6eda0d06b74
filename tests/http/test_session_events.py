"""What an app is told of its own session, and its number as a QR code."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from matchline.client import AsyncClient, Client, admin, asks
from matchline.client.refusals import NotAuthenticated, NotReserved, UnknownRequest, UnknownSession
from matchline.engine import lookout
from matchline.http import session_events
from matchline.testing import TestServer
from tests.sections import builtins

CONFIGURATION = f"""
[resources.DNIS]
_booking_expiration_timeout = 30
_cooldown = 20
_late_grace = 20
numbers = ["+1 800 555 0100", "+1 800 555 0101"]

[resources.SHARED]
_allocation_strategy = "RANDOM"
numbers = ["+1 800 555 0190"]

[resources.INTERNAL]
numbers = ["extension 12"]

{builtins("request-interaction", "request-access", "match-interaction")}
"""


@pytest.fixture
def server() -> Iterator[TestServer]:
    with TestServer(CONFIGURATION) as server:
        yield server


@pytest.fixture
def client(server: TestServer) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


def test_a_session_is_followed_from_its_number_to_its_end(server: TestServer, client: Client) -> None:
    session = client.ask(asks.reserve(ttl_seconds=600))
    events = client.follow(session.id)
    told = next(events)
    assert (told.type, told.access_number, told.tel_url) == (
        "reserved",
        "+1 800 555 0100",
        "tel:+18005550100",
    )
    server.advance(10)
    client.ask(asks.renew(session.id))
    told = next(events)
    assert (told.type, told.access_number, told.expires_in) == ("renewed", "+1 800 555 0100", 30)
    client.ask(asks.request_access(session.id, group="SHARED", with_code=True))
    told = next(events)
    assert (told.type, told.access_number) == ("reserved", "+1 800 555 0190")
    assert told.access_code is not None
    assert told.tel_url == f"tel:+18005550190,,{told.access_code}"
    server.advance(30)
    assert next(events).type == "expired"
    client.ask(asks.request_access(session.id))
    assert next(events).type == "reserved"
    assert server.call("+1 800 555 0101").matched
    assert next(events).type == "matched"
    client.ask(asks.end(session.id))
    assert [event.type for event in events] == ["ended"]


def test_a_late_call_is_told_too(server: TestServer, client: Client) -> None:
    session = client.ask(asks.reserve(ttl_seconds=600))
    server.advance(31)
    events = client.follow(session.id)
    assert next(events).type == "expired"
    assert server.call(session.access_number).matched
    assert next(events).type == "matched"


@pytest.mark.parametrize("call_id", [None, "call 1"])
def test_a_match_that_deletes_the_session_is_told(client: Client, call_id: str | None) -> None:
    session = client.ask(asks.reserve())
    events = client.follow(session.id)
    assert next(events).type == "reserved"
    client.ask(asks.match(session.access_number, delete=True, call_id=call_id))
    assert [event.type for event in events] == ["matched", "ended"]


def test_who_comes_back_is_told_only_what_is_new(server: TestServer, client: Client) -> None:
    session = client.ask(asks.reserve(ttl_seconds=600))
    with stream(server, session.id) as lines:
        known = next(line for line in lines if line.startswith("id: ")).removeprefix("id: ")
    with stream(server, session.id, known) as lines:
        assert next(lines).startswith(":")
        assert server.call(session.access_number).matched
        assert next(line for line in lines if line.startswith("event: ")) == "event: matched"
    with stream(server, session.id, known) as lines:
        assert next(line for line in lines if line.startswith("event: ")) == "event: matched"


@contextmanager
def stream(server: TestServer, session_id: str, known: str = "") -> Iterator[Iterator[str]]:
    """The lines of a session's stream."""
    headers = {"last-event-id": known} if known else {}
    url = f"{server.url}/genesys/1/service/{session_id}/events"
    with httpx.stream("GET", url, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def test_an_app_follows_its_own_sessions_only(server: TestServer, client: Client) -> None:
    secret = client.ask(admin.create_key("admin", ["admin"])).key
    with Client(server.url, key=secret) as administrator:
        own, other = (administrator.ask(admin.create_key("app", ["app"])).key for _ in range(2))
    with Client(server.url, key=own) as mine, Client(server.url, key=other) as theirs:
        session = mine.ask(asks.reserve())
        assert next(mine.follow(session.id)).type == "reserved"
        for asked in (theirs.follow(session.id), mine.follow("nobody")):
            with pytest.raises(UnknownSession):
                next(asked)
        with pytest.raises(UnknownSession):
            theirs.ask(asks.qr_code(session.id))
    with pytest.raises(NotAuthenticated):
        next(client.follow(session.id))


def test_streams_are_bounded(server: TestServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_events, "MOST_STREAMS", 1)
    session = client.ask(asks.reserve())
    with stream(server, session.id) as lines:
        assert next(lines)
        refused = httpx.get(f"{server.url}/genesys/1/service/{session.id}/events")
        assert (refused.status_code, refused.json()["exception"]) == (429, "TooManyConnections")


def test_a_silent_stream_says_that_it_lives(
    server: TestServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_events, "COMMENT_SECONDS", 0.01)
    session = client.ask(asks.reserve())
    with stream(server, session.id) as lines:
        assert [line for line, _ in zip(lines, range(8), strict=False)].count(": a session's events") > 1


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_many_are_followed_at_once(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookout, "AT_ONCE", 3)
    async with AsyncClient(server.url) as client:
        sessions = [await client.ask(asks.reserve(group="SHARED", with_code=True)) for _ in range(8)]
        followed = [client.follow(session.id) for session in sessions]
        assert [(await anext(each)).type for each in followed] == ["reserved"] * 8
        for session in sessions:
            await client.ask(asks.match(session.access_number, code=session.access_code))
        assert [(await anext(each)).type for each in followed] == ["matched"] * 8


def test_a_qr_code_is_an_image_of_the_link(client: Client) -> None:
    session = client.ask(asks.reserve())
    drawn = client.ask(asks.qr_code(session.id)).decode()
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox=')
    assert drawn == client.ask(asks.qr_code(session.id)).decode()
    other = client.ask(asks.reserve())
    assert drawn != client.ask(asks.qr_code(other.id)).decode()


def test_there_is_no_qr_code_without_a_number_that_can_be_dialled(server: TestServer, client: Client) -> None:
    internal = client.ask(asks.reserve(group="INTERNAL"))
    with pytest.raises(UnknownRequest):
        client.ask(asks.qr_code(internal.id))
    session = client.ask(asks.reserve(ttl_seconds=600))
    server.advance(30)
    with pytest.raises(NotReserved):
        client.ask(asks.qr_code(session.id))
