"""What the public documents say (fixtures/), held against our client, our server and our options."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from matchline.engine.declared import SERVER_OPTIONS
from matchline.services.ors import service
from tests.charts.chart_api import Charted, chart, charted, configuration
from tests.http.api import CALLER, body, fault
from tests.orchestration.fixtures_read import NAMES, fixture
from tests.orchestration.orchestrator import SID, Orchestrator, Seen, orchestrators, refusing
from tests.orchestration.outside import outside

pytestmark = pytest.mark.anyio

ANSWER = (
    '<state id="a"><transition event="check-queue-position"><ws:response requestid="_event.sendid">'
    '<param name="position" expr="1"/></ws:response></transition>'
    '<transition event="interaction.matched" target="b"/></state><state id="b"/>'
)
REQUESTS = ("request", "event", "terminate", "query")


@pytest.fixture(scope="module", name="server")
async def _server() -> AsyncIterator[Orchestrator]:
    async with orchestrators(1) as (server,):
        yield server


@pytest.fixture(scope="module", name="api")
async def _api(tmp_path_factory: pytest.TempPathFactory, server: Orchestrator) -> AsyncIterator[Charted]:
    async with outside(tmp_path_factory.mktemp("outside"), server.url) as api:
        yield api


@pytest.fixture(scope="module", name="own")
async def _own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Charted]:
    """This server as an Orchestration Server."""
    text = configuration(
        tmp_path_factory.mktemp("own"),
        {"doc": chart(ANSWER)},
        "scxml_sessions = true\nscxml_workers = 1",
    )
    async with charted(text) as api:
        yield api


def agrees(seen: Seen, request: dict[str, Any]) -> None:
    assert (seen.method, seen.path) == (request["method"], request["path"].format(sid=SID))
    assert set(request.get("mandatory", ())) <= set(seen.fields)
    if "content_type" in request:
        assert seen.headers["content-type"] == request["content_type"]


@pytest.mark.parametrize("name", NAMES)
def test_each_statement_names_its_page_and_when_it_was_read(name: str) -> None:
    source = fixture(name)["source"]
    assert source["page"]
    assert source["says"]
    assert source["url"].startswith("https://docs.genesys.com/")
    assert source["read"] == "2026-11-23"


async def test_our_client_sends_what_is_documented(api: Charted, server: Orchestrator) -> None:
    session = await api.begin("call-me", {"customer": "Bo", "_phone_number": CALLER})
    agrees(server.seen[-1], fixture("start")["request"])
    assert server.seen[-1].fields == {
        "src": "http://charts.example/call-me.scxml",
        "customer": "Bo",
        "_phone_number": CALLER,
        "_id": session["_id"],
        "_data_id": session["_data_id"],
    }
    await api.request(session, "check-queue-position", line="1")
    agrees(server.seen[-1], fixture("request")["request"])
    assert server.seen[-1].fields == {"line": "1"}
    await api.look(session)
    agrees(server.seen[-1], fixture("query")["request"])
    reserved = body(await api.ask("request-access", {"_id": session["_id"]}))
    body(await api.match(reserved["_access_number"], _call_id="7"))
    (told,) = await server.until(1, "/event/interaction.matched")
    agrees(told, fixture("event")["request"])
    assert told.fields["_call_id"] == "7"
    body(await api.delete(f"/service/{session['_id']}"))
    (ended,) = await server.until(1, "/terminate")
    agrees(ended, fixture("terminate")["request"])


async def test_our_server_takes_what_is_documented(own: Charted) -> None:
    start = fixture("start")["request"]
    headers = {"content-type": start["content_type"]}
    begun = body(await own.client.post(start["path"], content="src=doc.scxml&customer=Bo", headers=headers))
    answers = {}
    for name in REQUESTS:
        request = fixture(name)["request"]
        path = request["path"].format(sid=begun["sessionid"])
        answers[name] = body(await own.client.request(request["method"], path))
        assert name != "request" or answers[name] == {"position": "1"}
        if name == "terminate":
            break
    query = fixture("query")["request"]["path"].format(sid=begun["sessionid"])
    fault(await own.client.get(query), 404, "UnknownSession")


def test_the_options_are_those_that_are_documented() -> None:
    known = fixture("balancing")["options"]
    assert SERVER_OPTIONS["_ors_lb_strategy"].default == known["strategy"]
    assert SERVER_OPTIONS["_ors_lb_strategy"].kind.schema()["enum"] == known["strategies"]
    assert SERVER_OPTIONS["max_ors_request_attempts"].default == known["attempts"]
    assert {"_ors", "_ors_lb_strategy"} <= set(service.declared)


async def test_when_none_can_be_reached_the_documented_error_is_answered(tmp_path: Path) -> None:
    async with outside(tmp_path, await refusing()) as api:
        message = fault(await api.ask("call-me"), 500, "OrchestrationUnavailable")
        assert message == fixture("balancing")["failure"]["sentence"]
