"""A service that is a chart: begun, asked, looked at and ended by HTTP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matchline.engine.charts import OWN_EVENTS
from matchline.kept.charting import ChartEvent
from tests.charts.chart_api import Charted, chart, charted, configuration
from tests.http.api import CALLER, body, fault

pytestmark = pytest.mark.anyio

ANSWER = '<ws:response requestid="_event.sendid"><param name="{0}" expr="{1}"/></ws:response>'

TALK = chart(
    f"""<datamodel><data id="n" expr="0"/><data id="customer" expr="'nobody'"/><data id="_data_id"/></datamodel>
<state id="talking">
  <onentry><ws:response requestid="_x._request_id"><param name="hello" expr="customer"/>
    <param name="data" expr="_data_id"/><param name="asked" expr="_x.parameters"/></ws:response></onentry>
  <transition event="add"><assign location="n" expr="n + parseInt(_event.data.by)"/>
    {ANSWER.format("n", "n")}</transition>
  <transition event="refuse"><ws:response requestid="_event.sendid" type="negative" resultcode="toolate">
    <param name="when" expr="'yesterday'"/></ws:response></transition>
  <transition event="list"><send type="matchline:response" targetexpr="_event.sendid">
    <content expr="[1, true, null]"/></send></transition>
  <transition event="say"><log expr="_event.data.word"/>{ANSWER.format("said", "_event.data.param.word")}</transition>
  <transition event="silence"/>
  <transition event="end" target="over">{ANSWER.format("bye", "'bye'")}</transition>
</state><final id="over"/>"""
)
QUIET = chart('<state id="waiting"><transition event="go" target="gone"/></state><state id="gone"/>')
CALLS = chart(
    """<datamodel><data id="asked"/><data id="told"/></datamodel>
<state id="waiting">
  <transition event="access"><assign location="asked" expr="_event.sendid"/>
    <send type="matchline:request-access"/></transition>
  <transition event="request-access.done"><ws:response requestid="asked">
    <param name="number" expr="_event.data._access_number"/></ws:response></transition>
  <transition event="interaction.*"><assign location="told" expr="_event"/></transition>
  <transition event="told" cond="told">
    <ws:response requestid="_event.sendid"><param name="name" expr="told.name"/>
    <param name="data" expr="told.data"/></ws:response></transition>
</state>"""
)
FULL = chart(
    '<state id="a"><onentry><send event="later" delay="600s"/></onentry><transition event="never"/></state>'
)


@pytest.fixture(scope="module", name="api")
async def _api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Charted]:
    folder: Path = tmp_path_factory.mktemp("charts")
    charts = {"talk": TALK, "quiet": QUIET, "full": FULL, "calls": CALLS}
    server = "scxml_workers = 1\nscxml_queued = 3"
    async with charted(configuration(folder, charts, server, "_response_timeout = 30")) as api:
        yield api


async def test_a_chart_answers_the_request_that_began_it(api: Charted) -> None:
    session = await api.begin("talk", {"customer": "Bo", "_ttl": "60", "_unknown": "x"})
    assert session["hello"] == "Bo"
    assert session["data"] == session["_data_id"]
    assert session["asked"] == {"customer": "Bo", "_ttl": "60", "_unknown": "x"}
    assert body(await api.get(f"/storage/{session['_data_id']}")) == {"customer": "Bo"}


async def test_what_a_service_says_of_itself_no_request_replaces(api: Charted) -> None:
    await api.configure("service.talk", customer="Cy", topic="lamps")
    session = await api.begin("talk", {"customer": "Bo", "other": "x"})
    await api.configure("service.talk", customer=None, topic=None)
    assert session["hello"] == "Cy"
    assert session["asked"] == {"customer": "Cy", "topic": "lamps", "other": "x"}
    assert body(await api.get(f"/storage/{session['_data_id']}")) == session["asked"]


async def test_a_chart_that_cannot_answer_is_not_waited_for(api: Charted) -> None:
    assert sorted(await api.begin("quiet")) == ["_data_id", "_id"]


async def test_requests_are_events_and_their_answers_come_back(api: Charted) -> None:
    session = await api.begin("talk")
    assert session["hello"] == "nobody"
    assert await api.answer(session, "add", by="2") == {"n": "2"}
    assert await api.answer(session, "add", by="3") == {"n": "5"}
    assert body(await api.get(f"/service/{session['_id']}/add?by=1")) == {"n": "6"}
    assert await api.answer(session, "list") == {"content": ["1", "true", ""]}
    sent = {"word": "ü, 1 & 2"}
    said = body(await api.post(f"/service/{session['_id']}/say", json=sent))
    assert said == {"said": sent["word"]}


async def test_a_negative_response_is_a_refusal(api: Charted) -> None:
    session = await api.begin("talk")
    response = await api.request(session, "refuse")
    fault(response, 400, "ChartRefusal")
    assert (response.json()["_resultcode"], response.json()["when"]) == ("toolate", "yesterday")


async def test_a_request_without_an_answer_is_taken(api: Charted) -> None:
    await api.configure("service.talk", _response_timeout="0")
    session = await api.begin("talk")
    response = await api.request(session, "silence")
    await api.configure("service.talk", _response_timeout="30")
    assert response.status_code == 202
    assert response.json()["_id"] == session["_id"]


async def test_a_repeated_request_is_one(api: Charted) -> None:
    key = {"headers": {"idempotency-key": "once"}}
    session = await api.begin("talk", {"customer": "Bo"}, **key)
    assert await api.begin("talk", {"customer": "Bo"}, **key) == session
    fault(await api.ask("talk", {"customer": "Cy"}, **key), 409, "IdempotencyConflict")
    for _ in range(2):
        response = await api.post(f"/service/{session['_id']}/add", data={"by": "2"}, **key)
        assert body(response) == {"n": "2"}


@pytest.mark.parametrize("name", [*(f"{each}.matched" for each in OWN_EVENTS), "interaction"])
async def test_nobody_outside_can_send_what_only_the_server_tells(api: Charted, name: str) -> None:
    session = await api.begin("talk")
    fault(await api.request(session, name), 404, "UnknownRequest")


async def test_a_file_is_for_the_data_and_not_for_an_event(api: Charted) -> None:
    file = {"photo": ("p.png", b"png", "image/png")}
    session = await api.begin("talk", files=file)
    url = session["asked"]["photo"]
    assert (await api.get(url)).content == b"png"
    assert "photo" in fault(await api.post(f"/service/{session['_id']}/say", files=file), 400, "BadParameter")


async def test_a_chart_that_has_ended_says_so_and_leaves_its_session(api: Charted) -> None:
    session = await api.begin("talk", {"customer": "Bo"})
    looked = await api.look(session)
    assert (looked["_chart"], looked["_chart_states"], looked["_state"]) == ("running", "talking", "waiting")
    assert await api.answer(session, "end") == {"bye": "bye"}
    fault(await api.request(session, "add"), 409, "ChartEnded")
    assert (await api.look(session))["_chart"] == "ended"
    assert body(await api.get(f"/service/{session['_id']}/storage")) == {"customer": "Bo"}


async def test_who_deletes_the_session_ends_its_chart(api: Charted) -> None:
    session = await api.begin("talk")
    assert body(await api.delete(f"/service/{session['_id']}")) == {"_id": session["_id"]}
    fault(await api.request(session, "add"), 404, "UnknownSession")
    fault(await api.get(f"/service/{session['_id']}"), 404, "UnknownSession")


async def test_no_more_events_wait_than_may(api: Charted) -> None:
    session = await api.begin("full")
    now = api.clock.now()
    wake, api.engine.charts.wake = api.engine.charts.wake, lambda: None
    events = [ChartEvent(f"e{n}", b'{"name":"never"}') for n in range(3)]
    await asyncio.gather(*(api.engine.store.queue_event(session["_id"], each, 3, now) for each in events))
    response = await api.request(session, "never")
    api.engine.charts.wake = wake
    assert "events wait" in fault(response, 429, "ChartBusy")


async def test_a_chart_hears_of_the_matched_call_and_of_expiry(api: Charted) -> None:
    session = await api.begin("calls")
    access = await api.answer(session, "access")
    match = await api.match(access["number"], _phone_number=CALLER, _call_id="call-1")
    assert body(match)["_id"] == session["_id"]
    told = {"_access_number": access["number"], "_call_id": "call-1", "_phone_number": CALLER}
    assert await api.answer(session, "told") == {"name": "interaction.matched", "data": told}
    again = await api.answer(session, "access")
    assert (await api.look(session))["_access_number"] == again["number"]
