"""What charts can ask for: each function's outcome, also when it fails."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.charts.chart_api import Charted, chart, charted, configuration
from tests.charts.partner import Partner, Seen, partner
from tests.http.api import NUMBERS, body, fault
from tests.http.credentials import Keyring

pytestmark = pytest.mark.anyio

# It does what a request says and answers with the event that came of it.
DOING = chart(
    """<datamodel><data id="asked"/><data id="what"/><data id="fetched"/></datamodel>
<state id="idle">
  <transition event="do" target="doing">
    <assign location="asked" expr="_event.sendid"/>
    <assign location="what" expr="JSON.parse(_event.data.what)"/>
    <send typeexpr="what.type" targetexpr="what.target || ''" eventexpr="what.name || 'go'" id="mine">
      <content expr="what.data || {}"/></send>
  </transition>
  <transition event="orchestration.fetch" target="doing">
    <assign location="asked" expr="_event.sendid"/>
    <session:fetch requestid="fetched" srcexpr="_event.data.url" method="post" timeout="5">
      <param name="word" expr="'ü'"/></session:fetch>
  </transition>
  <transition event="orchestration.start" target="doing">
    <assign location="asked" expr="_event.sendid"/>
    <session:start src="other.scxml" sessionid="fetched"><param name="word" expr="'hi'"/></session:start>
  </transition>
  <transition event="orchestration.terminate" target="doing">
    <assign location="asked" expr="_event.sendid"/>
    <session:terminate sessionid="_event.data.id"/>
  </transition>
</state>
<state id="doing">
  <transition event="*" target="idle"><ws:response requestid="asked">
    <param name="name" expr="_event.name"/><param name="data" expr="_event.data"/>
    <param name="id" expr="_event.sendid"/><param name="noted" expr="fetched"/></ws:response></transition>
</state>"""
)
OTHER = chart(
    """<datamodel><data id="word"/></datamodel><state id="a"><transition event="say">
<ws:response requestid="_event.sendid"><param name="word" expr="word"/></ws:response></transition></state>"""
)


@pytest.fixture(scope="module", name="outside")
async def _outside() -> AsyncIterator[Partner]:
    async with partner() as found:
        yield found


@pytest.fixture(scope="module", name="api")
async def _api(tmp_path_factory: pytest.TempPathFactory, outside: Partner) -> AsyncIterator[Charted]:
    folder = tmp_path_factory.mktemp("charts")
    (folder / "other.scxml").write_text(OTHER)
    server = f'scxml_workers = 1\nscxml_data_bytes = 4096\nscxml_allow = "{outside.host}"'
    events = f'\n[events]\nurl = "{outside.url}/events"\nsecret = "s3cret"\ntypes = "matched"\n'
    async with charted(
        configuration(folder, {"doing": DOING}, server, "_response_timeout = 30", events)
    ) as api:
        yield api


async def do(api: Charted, session: dict[str, Any], type_: str, **wanted: Any) -> dict[str, Any]:
    what = json.dumps({"type": type_, **wanted})
    answer = await api.answer(session, "do", what=what)
    assert answer["id"] == "mine"
    return answer


async def test_a_chart_reserves_access_for_its_session(api: Charted) -> None:
    session = await api.begin("doing", {"_phone_number": "+14155550123"})
    answer = await do(api, session, "matchline:request-access", data={"_provide_code": True})
    assert answer["name"] == "request-access.done"
    access = answer["data"]
    assert access["_access_number"] in NUMBERS
    assert (await api.look(session))["_access_code"] == access["_access_code"]
    again = await do(api, session, "matchline:request-access", data={"_provide_code": "true"})
    assert again["data"]["_access_number"] == access["_access_number"]
    refused = await do(api, session, "matchline:request-access", data={"_resource_group": "NONE"})
    assert (refused["name"], refused["data"]["exception"]) == ("error.request-access", "UnknownResourceGroup")


async def test_a_chart_matches_a_call(api: Charted) -> None:
    caller = await api.begin("doing")
    access = (await do(api, caller, "matchline:request-access"))["data"]
    asking = await api.begin("doing")
    call = {"_access_number": access["_access_number"]}
    found = await do(api, asking, "matchline:match-interaction", data=call)
    assert (found["name"], found["data"]["_id"]) == ("match-interaction.done", caller["_id"])
    lost = await do(api, asking, "matchline:match-interaction", data=call)
    assert (lost["name"], lost["data"]["exception"]) == ("error.match-interaction", "NoMatch")


async def test_a_chart_reads_and_writes_its_sessions_data(api: Charted) -> None:
    session = await api.begin("doing", {"customer": "Bo"})
    assert (await do(api, session, "matchline:set-data", data={"n": 7, "word": "ü"}))[
        "name"
    ] == "set-data.done"
    expected = {"customer": "Bo", "n": "7", "word": "ü"}
    assert (await do(api, session, "matchline:get-data"))["data"] == {**expected, "requestid": "mine"}
    assert body(await api.get(f"/service/{session['_id']}/storage")) == expected


def asked_at(outside: Partner, path: str) -> Seen:
    """The last request for it: events of earlier tests may arrive meanwhile."""
    return [seen for seen in outside.seen if seen.path == path][-1]


async def test_a_chart_fetches_from_permitted_hosts(api: Charted, outside: Partner) -> None:
    session = await api.begin("doing")
    data = {"_method": "post", "n": 7}
    answer = await do(api, session, "matchline:fetch", target=f"{outside.url}/json", data=data)
    assert (answer["name"], answer["data"]["status"]) == ("fetch.done", "200")
    assert answer["data"]["content"] == {"you": "sent", "body": '{"n":7}'}
    assert asked_at(outside, "/json").headers["idempotency-key"]
    plain = await do(api, session, "matchline:fetch", target=f"{outside.url}/text?a=1", data={"b": "2"})
    assert "b=2" in asked_at(outside, "/text").query
    assert plain["data"]["content"] == "a text"


@pytest.mark.parametrize(
    ("target", "data", "why"),
    [
        ("http://example.com/", {}, "its host is not in scxml_allow"),
        ("{url}/gone", {}, "http.404"),
        ("{url}/large", {}, "the answer is larger than 4,096 bytes"),
        ("{url}/slow", {"_timeout": 0.05}, "no answer came in time"),
        ("{url}/notjson", {}, "the answer is no JSON"),
        ("{url}/text", {"_method": "shout"}, "there is no method shout"),
        ("{url}/text", {"_timeout": "soon"}, "the timeout is no number of seconds"),
    ],
)
async def test_what_cannot_be_fetched_is_an_error_event(
    api: Charted, outside: Partner, target: str, data: dict[str, object], why: str
) -> None:
    session = await api.begin("doing")
    answer = await do(api, session, "matchline:fetch", target=target.format(url=outside.url), data=data)
    assert (answer["name"], answer["data"]["message"]) == ("error.fetch", why)


async def test_a_chart_tells_the_receiver_of_events_until_it_hears(api: Charted, outside: Partner) -> None:
    session = await api.begin("doing")
    outside.refuse = 1
    answer = await do(api, session, "matchline:notify", name="callback.due", data={"n": 7})
    assert answer["name"] == "notify.done"
    first, told = [seen for seen in outside.seen if "callback.due" in seen.body][-2:]
    assert first.headers["idempotency-key"] == told.headers["idempotency-key"]
    assert told.headers["matchline-signature"].startswith("t=")
    members = json.loads(told.body)
    assert (members["type"], members["name"], members["data"]) == ("chart", "callback.due", {"n": 7})
    assert (members["_id"], members["service"]) == (session["_id"], "doing")


async def test_an_unknown_function_fails_in_the_chart(api: Charted) -> None:
    session = await api.begin("doing")
    answer = await do(api, session, "matchline:dance")
    assert (answer["name"], answer["data"]["message"]) == (
        "error.execution",
        "no <send> of the type matchline:dance",
    )


async def test_orchestrations_fetch(api: Charted, outside: Partner) -> None:
    session = await api.begin("doing")
    answer = await api.answer(session, "orchestration.fetch", url=f"{outside.url}/json")
    assert answer["name"] == "session.fetch.done"
    assert answer["data"]["content"] == {"you": "sent", "body": '{"word":"ü"}'}
    assert answer["data"]["requestid"] == answer["noted"] == answer["id"]
    failed = await api.answer(session, "orchestration.fetch", url=f"{outside.url}/gone")
    assert (failed["name"], failed["data"]["error"]) == ("error.session.fetch", "http.404")


async def test_orchestrations_start_and_terminate(api: Charted) -> None:
    session = await api.begin("doing")
    answer = await api.answer(session, "orchestration.start")
    assert answer["name"] == "session.start.done"
    started = {"_id": answer["data"]["sessionid"]}
    assert await api.answer(started, "say") == {"word": "hi"}
    ended = await api.answer(session, "orchestration.terminate", id=started["_id"])
    assert (ended["name"], ended["data"]["sessionid"]) == ("session.terminate.done", started["_id"])
    gone = await api.answer(session, "orchestration.terminate", id=started["_id"])
    assert (gone["name"], gone["data"]["error"]) == ("error.session.terminate", "UnknownSession")


async def test_a_chart_deals_with_its_makers_sessions_only(tmp_path: Path) -> None:
    (tmp_path / "other.scxml").write_text(OTHER)
    text = configuration(tmp_path, {"doing": DOING}, "scxml_workers = 1", "_response_timeout = 30")
    async with charted(text) as api:
        keys = await Keyring.open(api)
        (_, ours), (_, theirs) = await keys.make("app"), await keys.make("app")

        async def asked(session: str, request: str, **fields: str) -> dict[str, Any]:
            path = f"/service/{session}/orchestration.{request}"
            return body(await api.post(path, data=fields, headers=ours))

        mine = (await api.begin("doing", headers=ours))["_id"]
        other = (await api.begin("doing", headers=theirs))["_id"]
        refused = await asked(mine, "terminate", id=other)
        assert (refused["name"], refused["data"]["error"]) == ("error.session.terminate", "UnknownSession")
        body(await api.get(f"/service/{other}", headers=theirs))
        started = (await asked(mine, "start"))["data"]["sessionid"]
        assert body(await api.post(f"/service/{started}/say", headers=ours)) == {"word": "hi"}
        fault(await api.post(f"/service/{started}/say", headers=theirs), 404, "UnknownSession")
        assert (await asked(mine, "terminate", id=started))["name"] == "session.terminate.done"
