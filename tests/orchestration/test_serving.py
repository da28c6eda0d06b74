"""This server as the Orchestration Server of another: what may be begun here, by whom, and what may be told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.charts.chart_api import Charted, chart, charted, configuration
from tests.charts.test_documents import BAD
from tests.http.api import body, fault

pytestmark = pytest.mark.anyio

ANSWER = '<ws:response requestid="{0}"><param name="{1}" expr="{2}"/></ws:response>'
TALK = chart(
    f"""<datamodel><data id="_data_id"/><data id="customer"/><data id="seen" expr="[]"/></datamodel>
<state id="talking">
  <onentry>{ANSWER.format("_x._request_id", "hello", "customer + ' ' + _data_id")}</onentry>
  <transition event="seen">{ANSWER.format("_event.sendid", "seen", "seen")}</transition>
  <transition event="end" target="over"/>
  <transition event="*"><script>seen.push(_event.name + ' ' + _event.data._access_number)</script></transition>
</state><final id="over"/>"""
)
STARTS = chart(
    f"""<state id="a"><onentry><session:start src="talk.scxml"/></onentry><transition event="session.start.done">
{ANSWER.format("_x._request_id", "started", "_event.data.sessionid")}</transition></state>"""
)
LOOPS = chart('<state id="b"><transition target="c"/></state><state id="c"><transition target="b"/></state>')
THROWS = chart('<state id="a"><onentry><script>throw new Error("on purpose")</script></onentry></state>')
LOOK_SECONDS = 0.02
START = "/scxml/session/start"


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("charts")


@pytest.fixture(scope="module", name="api")
async def _api(folder: Path) -> AsyncIterator[Charted]:
    charts = {"talk": TALK, "starts": STARTS, "loops": LOOPS, "throws": THROWS}
    options = "scxml_sessions = true\nscxml_workers = 1\nscxml_microsteps = 50"
    text = configuration(folder, charts, options, "_response_timeout = 30")
    async with charted(text) as api:
        yield api


async def start(api: Charted, source: str = "talk.scxml", **how: Any) -> httpx.Response:
    fields = {"src": source, "customer": "Bo", "_data_id": "theirs", "_id": "theirs"}
    return await api.client.post(START, data=fields, **how)


async def begun(api: Charted) -> str:
    return f"/scxml/session/{body(await start(api))['sessionid']}"


async def after_its_first_step(api: Charted, session: str) -> dict[str, str]:
    while True:
        looked = body(await api.client.get(f"{session}/query"))
        if looked["_chart_states"] or looked["_chart"] != "running":
            return looked
        await asyncio.sleep(LOOK_SECONDS)


async def test_a_chart_is_begun_and_answers(api: Charted) -> None:
    answer = body(await start(api))
    assert answer.pop("sessionid").endswith(".chart")
    assert answer == {"hello": "Bo theirs"}, "its data are where it was told that they are"


async def test_a_repeated_start_is_one(api: Charted) -> None:
    key = {"idempotency-key": "once"}
    first = body(await start(api, headers=key))
    assert body(await start(api, headers=key)) == first


async def test_a_chart_begins_another(api: Charted) -> None:
    started = body(await start(api, "starts.scxml"))["started"]
    assert body(await api.client.post(f"/scxml/session/{started}/request/seen")) == {"seen": []}


async def test_a_chart_is_told_what_happens_elsewhere(api: Charted) -> None:
    session = await begun(api)
    key = {"idempotency-key": "once"}
    for _ in range(2):
        data = {"_access_number": "1"}
        body(await api.client.post(f"{session}/event/interaction.matched", data=data, headers=key))
    answer = body(await api.client.post(f"{session}/request/seen"))
    assert answer == {"seen": ["interaction.matched 1"]}, "the second is known by its key"


async def test_a_request_cannot_be_named_like_what_is_told(api: Charted) -> None:
    session = await begun(api)
    fault(await api.client.post(f"{session}/request/interaction.matched"), 404, "UnknownRequest")


async def test_a_session_is_looked_at_and_ended(api: Charted) -> None:
    session = await begun(api)
    looked = body(await api.client.get(f"{session}/query"))
    assert (looked["_chart"], looked["_chart_states"]) == ("running", "talking")
    body(await api.client.post(f"{session}/terminate"))
    fault(await api.client.get(f"{session}/query"), 404, "UnknownSession")
    fault(await api.client.post(f"{session}/event/go"), 404, "UnknownSession")


async def test_a_service_s_session_cannot_be_reached_this_way(api: Charted) -> None:
    """Who begins it could tell its chart that a call was matched."""
    session = f"/scxml/session/{(await api.begin('talk'))['_id']}"
    for path in ("event/interaction.matched", "request/seen", "terminate"):
        fault(await api.client.post(f"{session}/{path}"), 404, "UnknownSession")
    fault(await api.client.get(f"{session}/query"), 404, "UnknownSession")


@pytest.mark.parametrize("fields", [{}, {"src": ""}, {"src": "talk.scxml", "idealtime": "1"}])
async def test_what_a_start_must_say(api: Charted, fields: dict[str, str]) -> None:
    message = fault(await api.client.post(START, data=fields), 400, "BadParameter")
    assert ("idealtime" if fields.get("src") else "src") in message


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("../talk.scxml", "is outside the folder of documents"),
        ("file:///etc/passwd", "is outside the folder of documents"),
        ("http://127.0.0.1:9/a.scxml", "its host is not in scxml_allow"),
        ("gopher://a/b", "is no file in the folder of documents"),
    ],
)
async def test_only_permitted_documents_are_begun(api: Charted, source: str, complaint: str) -> None:
    assert complaint in fault(await start(api, source), 503, "UnusableDocument")


@pytest.mark.parametrize("what", BAD)
async def test_nothing_is_begun_of_a_document_that(api: Charted, folder: Path, what: str) -> None:
    text, complaint = BAD[what]
    (folder / "bad.scxml").write_text(text)
    assert complaint in fault(await start(api, "bad.scxml"), 503, "UnusableDocument")
    assert "bad.scxml" not in str(await api.engine.store.claim_charts("test", 0, 10, 1))


async def test_deep_documents_are_refused(api: Charted, folder: Path) -> None:
    deep = "<state>" * 20_000 + "</state>" * 20_000
    (folder / "bad.scxml").write_text(chart(deep))
    fault(await start(api, "bad.scxml"), 503, "UnusableDocument")


async def test_a_chart_that_loops_from_its_beginning_is_stopped(api: Charted) -> None:
    session = f"/scxml/session/{body(await start(api, 'loops.scxml'))['sessionid']}"
    looked = await after_its_first_step(api, session)
    assert looked["_chart"] == "stopped"
    assert "more than 50 microsteps" in looked["_chart_stopped"]
    fault(await api.client.post(f"{session}/request/go"), 409, "ChartEnded")


async def test_an_expression_that_throws_is_an_error_of_its_chart(api: Charted) -> None:
    session = f"/scxml/session/{body(await start(api, 'throws.scxml'))['sessionid']}"
    looked = await after_its_first_step(api, session)
    assert (looked["_chart"], looked["_chart_states"]) == ("running", "a")


async def test_a_server_is_none_unless_it_is_told_to_be(tmp_path: Path) -> None:
    async with charted(configuration(tmp_path, {"talk": TALK})) as api:
        fault(await start(api), 404, "NoOrchestration")
        for path in ("event/go", "request/go", "terminate"):
            fault(await api.client.post(f"/scxml/session/x/{path}"), 404, "NoOrchestration")
        fault(await api.client.get("/scxml/session/x/query"), 404, "NoOrchestration")
