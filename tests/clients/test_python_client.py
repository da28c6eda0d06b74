"""The Python client against a real server: everything that can be asked, and what it does when things go wrong."""

from collections.abc import Callable
from datetime import datetime
from inspect import getmembers, isfunction
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from matchline.client import (
    AsyncClient,
    Client,
    File,
    Patience,
    Unreachable,
    admin,
    asks,
    callbacks,
    refusals,
)
from matchline.client.answers import Group, Number
from matchline.testing import TestServer

from .settings import CALLER, CONFIGURATION

SERVICE = "call-me-back"
NEW_YORK = ZoneInfo("America/New_York")

PHOTO = File(b"\x89PNG\0", "image/png", "photo.png")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_customer_is_matched(client: Client) -> None:
    session = client.ask(
        asks.reserve(
            {"customer": "Ådå \N{BLACK TELEPHONE}", "empty": ""},
            phone=CALLER,
            with_code=True,
            code_length=5,
            hold_seconds=60,
            ttl_seconds=90,
            with_pool_health=True,
        )
    )
    assert session.expires_in == 60
    assert session.pool_health is not None
    assert (session.pool_health.free, session.pool_health.reserved) == (1, 1)
    assert session.access_code is not None
    assert len(session.access_code) == 5
    found = client.ask(
        asks.match(session.access_number, CALLER, session.access_code, with_data=True, with_reason=True)
    )
    assert (found.id, found.late, found.reason) == (session.id, False, "matched")
    assert found.user_data == {"customer": "Ådå \N{BLACK TELEPHONE}", "empty": ""}
    with pytest.raises(refusals.NoMatch):
        client.ask(asks.match(session.access_number, CALLER))


def test_several_sessions_are_told_or_refused(client: Client) -> None:
    sessions = [client.ask(asks.reserve(group="SHARED", with_code=True)) for _ in range(2)]
    number = sessions[0].access_number
    with pytest.raises(refusals.CodeNeeded) as needed:
        client.ask(asks.match(number))
    assert needed.value.digits == 6
    found = client.ask(asks.matches(number, with_data=True))
    assert [each.id for each in found.matches] == [each.id for each in reversed(sessions)]


def test_a_session_is_looked_at_renewed_changed_and_ended(server: TestServer, client: Client) -> None:
    session = client.ask(asks.reserve({"a": "1"}, ttl_seconds=60))
    server.advance(10)
    seen = client.ask(asks.session(session.id))
    assert (seen.state, seen.expires_in, seen.ttl_left) == ("waiting", 20, 50)
    assert client.ask(asks.renew(session.id)).expires_in == 30
    assert client.ask(asks.request_access(session.id)).access_number == session.access_number
    client.ask(asks.update(session.id, {"b": "2", "photo": PHOTO}))
    client.ask(asks.set_data(session.id, {"c/d": "ü"}))
    assert client.ask(asks.data(session.id)) == {
        "a": "1",
        "b": "2",
        "c/d": "ü",
        "photo": f"{server.url}/genesys/1/storage/binary/{session.data_id}/photo",
    }
    assert client.ask(asks.value(session.id, "c/d")) == "ü"
    assert client.ask(asks.file(session.id, "photo")) == PHOTO.body
    assert client.ask(asks.qr_code(session.id)).startswith(b"<svg")
    client.ask(asks.remove_value(session.id, "b"))
    with pytest.raises(refusals.UnknownKey):
        client.ask(asks.value(session.id, "b"))
    client.ask(asks.end(session.id))
    with pytest.raises(refusals.UnknownSession):
        client.ask(asks.session(session.id))


def test_data_are_stored_under_the_servers_id_or_ones_own(client: Client) -> None:
    record = client.ask(asks.store({"_a": "1", "photo": PHOTO}, 60)).id
    client.ask(asks.store_more(record, {"b": "2"}, 60))
    assert client.ask(asks.stored(record)).keys() == {"_a", "b", "photo"}
    assert client.ask(asks.stored_value(record, "_a")) == "1"
    assert client.ask(asks.stored_file(record, "photo")) == PHOTO.body
    client.ask(asks.remove_stored(record))
    with pytest.raises(refusals.UnknownRecord):
        client.ask(asks.stored(record))
    client.ask(asks.store_own("basket 1", "ada", {"items": "3"}, 60))
    assert client.ask(asks.own("basket 1", "ada")) == {"items": "3"}
    with pytest.raises(refusals.UnknownRecord):
        client.ask(asks.own("basket 1", "eve"))
    client.ask(asks.remove_own("basket 1", "ada"))


def test_a_chart_is_started_and_asked(client: Client) -> None:
    begun = client.ask(asks.start("chart", {"customer": "Ada"}, idempotency_key="one"))
    assert client.ask(asks.start("chart", {"customer": "Ada"}, idempotency_key="one")) == begun
    assert client.ask(asks.session(begun["_id"])).service == "chart"
    assert begun["greeting"] == "hello"
    assert client.ask(asks.request(begun["_id"], "status"))["status"] == "waiting"


def test_callbacks_are_booked_moved_found_and_cancelled(client: Client) -> None:
    free = client.ask(callbacks.free_slots(SERVICE, most=5))
    first, second, *_ = sorted(free)
    booked = client.ask(callbacks.book(SERVICE, CALLER, first, {"customer": "Ada"}))
    assert client.ask(asks.data(booked.id)) == {"customer": "Ada"}
    with pytest.raises(refusals.CallbackExceptionAvailability, match="full") as told:
        client.ask(callbacks.book(SERVICE, CALLER, first))
    assert told.value.availability[second] == 1
    moved = client.ask(callbacks.reschedule(SERVICE, booked.id, second.astimezone(NEW_YORK)))
    assert (moved.id, moved.desired_at) == (booked.id, second)
    (found,) = client.ask(callbacks.find(SERVICE, customer_number=CALLER, state="SCHEDULED"))
    assert (found.id, found.desired_at, found.reason) == (booked.id, second, None)
    client.ask(callbacks.cancel(SERVICE, booked.id))
    (found,) = client.ask(callbacks.find(callback_id=booked.id))
    assert (found.state, found.reason) == ("COMPLETED", "CANCELLED")
    with pytest.raises(refusals.WrongCallbackState) as wrong:
        client.ask(callbacks.cancel(SERVICE, booked.id))
    assert wrong.value.state == "COMPLETED"
    with pytest.raises(refusals.UnknownCallback):
        client.ask(callbacks.cancel(SERVICE, "nobody"))
    assert client.ask(callbacks.free_slots(SERVICE, start=first, end=second)) == {first: 1}


def test_a_time_without_its_time_zone_is_not_sent() -> None:
    with pytest.raises(ValueError, match="time zone"):
        callbacks.book(SERVICE, CALLER, datetime(2026, 12, 1, 12))  # noqa: DTZ001 - what it is about


def test_an_administrator_configures(client: Client) -> None:
    assert client.ask(admin.node_status()) == "ONLINE"
    assert client.ask(admin.alive()) == client.ask(admin.ready()) == "ok"
    assert client.ask(asks.options_of_service())["greeting"] == "hello"
    version = client.ask(admin.options()).version
    with pytest.raises(refusals.ConfigurationChanged):
        client.ask(admin.set_options("server", {"realm": "x"}, version=version + 1))
    assert client.ask(admin.set_options("server", {"realm": "x"}, version=version))["realm"] == "x"
    assert client.ask(admin.section("server"))["realm"] == "x"
    assert client.ask(admin.apply('[service.new]\n_service = "get"\n', dry_run=True)).changes
    client.ask(admin.apply('[service.new]\n_service = "get"\n'))
    assert client.ask(admin.remove_section("service.new")).section == "service.new"
    client.ask(admin.add_numbers("DNIS", ["+1 800 555 0102"]))
    client.ask(admin.remove_number("DNIS", "+1 800 555 0100"))
    assert [each.group for each in client.ask(admin.groups()).groups] == ["DNIS", "SHARED"]
    assert client.ask(admin.group("DNIS")) == Group(
        group="DNIS",
        strategy="CLUSTER",
        total=2,
        free=2,
        reserved=0,
        cooling=0,
        numbers=[
            Number(number="+1 800 555 0101", draining=False),
            Number(number="+1 800 555 0102", draining=False),
        ],
    )
    assert [each.what for each in client.ask(admin.audit(limit=1)).entries]
    assert "paths" in client.ask(admin.description())
    assert "matchline_" in client.ask(admin.metrics())


def test_an_administrator_looks_into_calls_and_people(server: TestServer, client: Client) -> None:
    session = client.ask(asks.reserve(phone=CALLER))
    assert client.ask(admin.explain(session.access_number, CALLER)).verdict == "matched"
    server.call(session.access_number, CALLER)
    (entry,) = client.ask(admin.calls(number=session.access_number)).calls
    assert (entry.verdict, entry.session, entry.late) == ("matched", session.id, False)
    assert client.ask(admin.forget(CALLER, dry_run=True))["sessions"] == "1"
    assert client.ask(admin.forget(CALLER))["sessions"] == "1"


def test_an_administrator_looks_at_sessions_and_ends_them(server: TestServer, client: Client) -> None:
    first, second = client.ask(asks.reserve({"customer": "Ada"})), client.ask(asks.reserve())
    found = client.ask(admin.sessions(number=first.access_number, limit=10)).sessions
    assert [each["_id"] for each in found] == [first.id]
    seen = client.ask(admin.inspect(first.id))
    assert (seen.live, seen.data) == (True, {"customer": "Ada"})
    client.ask(admin.release(first.id))
    client.ask(admin.end(second.id))
    assert client.ask(asks.session(first.id)).access_number is None
    with pytest.raises(refusals.UnknownSession):
        client.ask(asks.session(second.id))
    assert client.ask(admin.history("DNIS", hours=1)).group == "DNIS"


def test_events_are_read_and_streamed(client: Client) -> None:
    client.ask(admin.set_options("events", {"types": "*"}))
    session = client.ask(asks.reserve())
    streamed = client.events()
    assert next(streamed).session == session.id
    client.ask(asks.end(session.id))
    assert next(streamed).type == "ended"
    assert [each.type for each in client.ask(admin.events(limit=10)).events] == ["reserved", "ended"]


def test_keys_open_a_closed_server(server: TestServer, client: Client) -> None:
    made = client.ask(admin.create_key("all", ["admin"]))
    with pytest.raises(refusals.NotAuthenticated):
        client.ask(admin.keys())
    with Client(server.url, key=made.key) as holder:
        limited = holder.ask(admin.create_key("app", ["app"], services=["get"], groups=["DNIS"]))
        assert {each.id for each in holder.ask(admin.keys()).keys} == {made.id, limited.id}
        assert holder.ask(admin.revoke_key(limited.id)).id == limited.id
        server.configure("server", username="ada", password="secret-password-1")
    with Client(server.url, username="ada", password="secret-password-1") as user:
        assert user.ask(admin.keys()).keys


@pytest.mark.anyio
async def test_the_same_can_be_awaited(server: TestServer) -> None:
    async with AsyncClient(server.url) as client:
        session = await client.ask(asks.reserve({"photo": PHOTO}, phone=CALLER))
        followed = client.follow(session.id)
        assert (await anext(followed)).type == "reserved"
        assert (await client.ask(asks.match(session.access_number, delete=True))).id == session.id
        assert [event.type async for event in followed] == ["matched", "ended"]
        with pytest.raises(refusals.UnknownSession):
            await anext(client.follow(session.id))
        await client.ask(admin.set_options("events", {"types": "*"}))
        session = await client.ask(asks.reserve())
        assert (await anext(client.events())).session == session.id


MAKERS = {"ask", "once"}  # of parts of requests


def test_everything_that_can_be_asked_is_tried_here() -> None:
    """Otherwise a new function could be wrong without anyone noticing."""
    text = Path(__file__).read_text()
    for module in (asks, callbacks, admin):
        for name, function in getmembers(module, isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_") and name not in MAKERS:
                assert f"{module.__name__.rpartition('.')[2]}.{name}(" in text, name


class Losing(httpx.HTTPTransport):
    """A network that loses the first answers, after the server has done what it was asked."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._left = count

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if self._left:
            self._left -= 1
            answer.close()
            raise httpx.ReadError("lost")
        return answer


@pytest.fixture(name="lossy")
def _lossy(server: TestServer) -> Callable[[int], Client]:
    return lambda count: Client(server.url, transport=Losing(count), pause=lambda _: None)


def test_a_lost_answer_takes_no_second_number(lossy: Callable[[int], Client]) -> None:
    with lossy(2) as client:
        session = client.ask(asks.reserve())
        (group, _) = client.ask(admin.groups()).groups
        assert (group.reserved, session.access_number) == (1, "+1 800 555 0100")


def test_a_lost_match_is_asked_again_only_with_its_call_id(lossy: Callable[[int], Client]) -> None:
    with lossy(0) as client:
        first, second = client.ask(asks.reserve()), client.ask(asks.reserve())
    with lossy(1) as client:
        assert client.ask(asks.match(first.access_number, call_id="call 1")).id == first.id
    with lossy(1) as client, pytest.raises(Unreachable):
        client.ask(asks.match(second.access_number))


def test_patience_ends(lossy: Callable[[int], Client]) -> None:
    with lossy(Patience().attempts) as client, pytest.raises(Unreachable, match="lost"):
        client.ask(admin.alive())


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with TestServer(CONFIGURATION) as server:
        url = server.url
    pauses: list[float] = []
    with Client(url, pause=pauses.append) as client, pytest.raises(Unreachable) as told:
        client.ask(asks.match("+1 800 555 0100"))
    assert not told.value.was_sent
    assert pauses == sorted(pauses)
    assert len(pauses) == Patience().attempts - 1


def test_who_asks_too_often_waits_as_told(server: TestServer, client: Client) -> None:
    key = client.ask(admin.create_key("x", ["admin"])).key
    server.configure("server", rate_per_key="1")
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        server.advance(seconds)

    with Client(server.url, key=key, pause=wait) as holder:
        for _ in range(10):
            holder.ask(asks.options_of_service())
    assert set(pauses) == {1.0}


def test_numbers_that_are_all_taken_are_not_waited_for(client: Client) -> None:
    for _ in range(2):
        client.ask(asks.reserve(hold_seconds=600))
    with pytest.raises(refusals.NumbersExhausted) as told:
        client.ask(asks.reserve())
    assert told.value.retry_after == 600
    assert told.value.request_id


def test_a_key_and_a_password_at_once_make_no_sense() -> None:
    with pytest.raises(ValueError, match="not both"):
        Client("http://localhost", key="k", password="p")
