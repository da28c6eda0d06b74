"""Deliveries: signed, in order for each session, tried again until accepted, given up when their time is over."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from matchline.chance import SeededChance
from matchline.clock import SECOND, ManualClock
from matchline.engine import Engine
from matchline.engine.document import Document
from matchline.model import Value
from matchline.webhook import AT_ONCE, LEASE, LONGEST_BACK_OFF, Courier
from matchline.wire import event_json
from matchline.wiring import open_engine, read_document
from tests.http.api import CONFIGURATION, Api, body

from .receiver import SECRET, Received, is_signed

pytestmark = pytest.mark.anyio

URL = "http://receiver.test/events"
ON = {"types": "*", "url": URL, "secret": SECRET, "keep_hours": "1"}
KEPT_SECONDS = 3600


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["memory", "sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"


def document() -> Document:
    read, faults = read_document(CONFIGURATION)
    assert not faults
    return read


@pytest.fixture
async def api(store_url: str) -> AsyncIterator[Api]:
    clock = ManualClock()
    async with open_engine(store_url, clock, SeededChance(1)) as engine:
        await engine.keeper.apply(document())
        await engine.keeper.set_options("events", ON)
        api = Api(engine, clock)
        async with api.client:
            yield api


@pytest.fixture
def received() -> Received:
    return Received()


Answer = Callable[[httpx.Request], httpx.Response]


def accepting(received: Received) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(received.take(request.headers["Matchline-Signature"], request.content))

    return answer


@asynccontextmanager
async def courier(engine: Engine, answer: Answer) -> AsyncIterator[Courier]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        yield Courier(engine, client)


async def deliver_all(courier: Courier) -> None:
    while await courier.round():
        pass


async def test_a_delivery_says_what_happened_and_is_signed(api: Api, received: Received) -> None:
    session = await api.reserve(customer="Ada", _phone_number="+14155550123")
    async with courier(api.engine, accepting(received)) as one:
        assert await one.round() == 1
        assert await one.round() == 0
    (event,) = received.events
    assert event == {
        "id": "1",
        "type": "reserved",
        "time": "2023-11-14T22:13:20Z",
        "_id": session["_id"],
        "service": "request-interaction",
        "group": "DNIS",
        "_access_number": session["_access_number"],
        "seconds": "30",
    }


async def test_the_signature_is_of_this_body_this_time_and_this_secret(api: Api) -> None:
    await api.reserve()
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200)

    async with courier(api.engine, answer) as one:
        await one.round()
    (request,) = requests
    signed = request.headers["Matchline-Signature"]
    assert request.headers["Matchline-Event"] == "1"
    assert f"t={api.clock.now() // SECOND}," in signed
    assert is_signed(signed, request.content)
    assert not is_signed(signed, request.content + b" ")
    assert not is_signed(signed, request.content, "another secret")
    assert not is_signed(signed.replace("t=1", "t=2"), request.content)


async def test_what_is_refused_comes_again_later_and_later(api: Api, received: Received) -> None:
    await api.reserve()
    received.refuse_with = 500
    pauses = []
    async with courier(api.engine, accepting(received)) as one:
        for attempt in range(1, 13):
            waited = 0.0
            while received.asked < attempt:
                await one.round()
                if received.asked < attempt:
                    api.clock.advance(0.5)
                    waited += 0.5
            pauses.append(waited)
        received.refuse_with = None
        api.clock.advance(LONGEST_BACK_OFF / SECOND)
        assert await one.round() == 1
    assert pauses[0] == 0
    assert all(shorter < longer for shorter, longer in zip(pauses, pauses[2:8], strict=False))
    assert max(pauses) <= LONGEST_BACK_OFF / SECOND + 0.5
    assert (await api.engine.store.outbox()).waiting == 0


async def test_a_session_waits_for_its_event_and_others_do_not(api: Api, received: Received) -> None:
    stuck, other = await api.reserve(), await api.reserve()

    def answer(request: httpx.Request) -> httpx.Response:
        if stuck["_id"].encode() in request.content:
            return httpx.Response(503)
        return accepting(received)(request)

    for session in (stuck, other):
        await api.match(session["_access_number"], _delete_service="true")
    async with courier(api.engine, answer) as one:
        await deliver_all(one)
    assert received.stories() == {other["_id"]: ["reserved", "matched", "ended"]}
    async with courier(api.engine, accepting(received)) as another:
        api.clock.advance(LEASE / SECOND)
        await deliver_all(another)
    assert received.stories()[stuck["_id"]] == ["reserved", "matched", "ended"]


@pytest.mark.parametrize("failure", [httpx.ConnectError("down"), httpx.ReadTimeout("slow"), OSError("gone")])
async def test_a_receiver_that_cannot_be_reached_costs_nothing_but_time(
    api: Api, received: Received, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    await api.reserve()

    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    async with courier(api.engine, fail) as one:
        assert await one.round() == 0
    assert f"event 1 was not accepted, attempt 1: {type(failure).__name__}" in caplog.text
    assert b'matchline_webhooks_total{result="failed"} 1.0' in api.engine.metrics.exposition()
    api.clock.advance(LEASE / SECOND)
    async with courier(api.engine, accepting(received)) as another:
        assert await another.round() == 1


async def test_what_is_never_accepted_is_given_up_and_said_to_be(
    api: Api, received: Received, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    await api.reserve()
    received.refuse_with = 500
    async with courier(api.engine, accepting(received)) as one:
        await one.round()
        await one.prune()
        assert "given up" not in caplog.text
        api.clock.advance(KEPT_SECONDS)
        await one.prune()
        assert "1 events were given up" in caplog.text
        received.refuse_with = None
        assert await one.round() == 0
    assert b'matchline_webhooks_total{result="dead"} 1.0' in api.engine.metrics.exposition()


async def test_one_courier_delivers_at_a_time(api: Api, received: Received) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()
    await api.reserve()

    async def slow(request: httpx.Request) -> httpx.Response:
        entered.set()
        await leave.wait()
        return accepting(received)(request)

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(slow)) as client,
        courier(api.engine, accepting(received)) as other,
    ):
        first = asyncio.create_task(Courier(api.engine, client).round())
        await entered.wait()
        assert await other.round() == 0
        leave.set()
        assert await first == 1
        await api.reserve()
        assert await other.round() == 0
        api.clock.advance(LEASE / SECOND)
        assert await other.round() == 1
    assert len(received.events) == 2


async def test_many_are_delivered_in_rounds(api: Api, received: Received) -> None:
    for _ in range(AT_ONCE + 1):
        await api.reserve(_resource_group="SHARED")
    async with courier(api.engine, accepting(received)) as one:
        assert await one.round() == AT_ONCE
        assert await one.round() == 1
    assert len({event["id"] for event in received.events}) == AT_ONCE + 1


async def test_nothing_is_delivered_once_the_url_is_gone(api: Api, received: Received) -> None:
    await api.reserve()
    await api.configure("events", url=None)
    async with courier(api.engine, accepting(received)) as one:
        assert await one.round() == 0
    assert received.asked == 0


async def test_no_event_tells_a_phone_a_code_or_data(api: Api) -> None:
    phone, data = "+14155550123", "Ada L."
    session = await api.reserve(
        _resource_group="SHARED", _provide_code="true", _phone_number=phone, name=data
    )
    await api.match("+1 800 555 0190", _phone_number=phone, _access_code="000000")
    await api.match("+1 800 555 0190", _access_code=session["_access_code"], _call_id="c")
    await api.engine.notes.write()
    told = [event_json(each) for each in await api.engine.store.events(0, 100)]
    assert [b"code-wrong" in each for each in told].count(True) == 1
    assert Value.text(data).body not in b"".join(told)
    for secret in (phone[2:], session["_access_code"]):
        assert not [each for each in told if secret.encode() in each]


async def test_the_secret_is_shown_to_nobody(api: Api) -> None:
    section = body(await api.get("/admin/options/events"))
    assert section == {name: text for name, text in ON.items() if name != "secret"}
    audit = await api.get("/admin/audit")
    assert SECRET not in audit.text
    assert "[events] secret" in audit.text
