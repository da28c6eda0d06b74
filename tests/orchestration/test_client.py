"""Which Orchestration Server is asked, how often, and what is never sent twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from matchline.charts import performing, running
from matchline.charts.forwarding import LONGEST_BACK_OFF, MOST_ATTEMPTS, Forwarding
from matchline.charts.notifying import Again
from matchline.clock import ManualClock
from matchline.engine.orchestration import Place
from matchline.errors import StoreUnavailable
from matchline.kept.charting import Effect
from matchline.wiring import read_document
from tests.charts.chart_api import Charted, chart, configuration
from tests.http.api import BOOKING, body, fault
from tests.orchestration.fixtures_read import fixture
from tests.orchestration.orchestrator import (
    NOTHING,
    SID,
    SILENCE,
    Answer,
    Orchestrator,
    orchestrators,
    refusing,
)
from tests.orchestration.outside import SERVICE, outside

pytestmark = pytest.mark.anyio

HERE = chart(
    """<state id="a"><onentry><send type="matchline:get-data"/></onentry>
<transition event="get-data.done"><ws:response requestid="_x._request_id">
  <param name="customer" expr="_event.data.customer"/></ws:response></transition></state>"""
)
LINEAR = '_ors_lb_strategy = "linear"\n'


@asynccontextmanager
async def served(
    folder: Path, count: int, options: str = "", service: str = ""
) -> AsyncIterator[tuple[Charted, list[Orchestrator]]]:
    async with orchestrators(count) as servers:
        urls = ", ".join(each.url for each in servers)
        async with outside(folder, urls, server=options, service=service) as api:
            yield api, servers


def counts(servers: list[Orchestrator], path: str = "start") -> list[int]:
    return [each.paths.count(path) for each in servers]


async def test_in_circular_order_each_begins_a_session_in_turn(tmp_path: Path) -> None:
    async with served(tmp_path, 3) as (api, servers):
        for n in range(1, 7):
            await api.begin("call-me")
            assert counts(servers) == [(n + 2 - place) // 3 for place in range(3)]


async def test_in_linear_order_the_first_begins_all_while_it_can(tmp_path: Path) -> None:
    async with served(tmp_path, 3, LINEAR) as (api, servers):
        for _ in range(4):
            await api.begin("call-me")
        assert counts(servers) == [4, 0, 0]
        servers[0].answers["start"] = (503, "")
        await api.begin("call-me")
        assert counts(servers) == [5, 1, 0]


async def test_a_service_has_servers_and_an_order_of_its_own(tmp_path: Path) -> None:
    async with orchestrators(2) as (one, other):
        service = SERVICE.replace("call-me", "other") + f'_ors = "{other.url}"\n'
        async with outside(tmp_path, one.url, service=service) as api:
            await api.begin("call-me")
            await api.begin("other")
        assert counts([one, other]) == [1, 1]


async def test_who_cannot_be_reached_is_passed_over(tmp_path: Path) -> None:
    async with orchestrators(1) as (server,):
        urls = f"{await refusing()}, {server.url}"
        async with outside(tmp_path, urls) as api:
            for _ in range(3):
                await api.begin("call-me")
        assert counts([server]) == [3]


async def test_there_are_no_more_attempts_than_may_be(tmp_path: Path) -> None:
    async with served(tmp_path, 3, f"{LINEAR}max_ors_request_attempts = 2") as (api, servers):
        for each in servers:
            each.answers["start"] = (503, "")
        fault(await api.ask("call-me"), 502, "OrchestrationFailed")
        assert counts(servers) == [1, 1, 0]


@pytest.mark.parametrize("answer", [NOTHING, SILENCE])
async def test_a_start_that_may_have_been_taken_is_not_sent_again(tmp_path: Path, answer: Answer) -> None:
    async with served(tmp_path, 2, LINEAR) as (api, servers):
        servers[0].answers["start"] = answer
        fault(await api.ask("call-me"), 504, "OrchestrationUnanswered")
        assert counts(servers) == [1, 0]
        fields = servers[0].seen[0].fields
        fault(await api.get(f"/service/{fields['_id']}"), 404, "UnknownSession")
        fault(await api.get(f"/storage/{fields['_data_id']}"), 404, "UnknownRecord")


async def test_a_chart_whose_place_cannot_be_stored_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def queue(*_: object) -> None:
        raise StoreUnavailable

    async with served(tmp_path, 1) as (api, (server,)):
        monkeypatch.setattr(api.engine.charts, "queue", queue)
        fault(await api.ask("call-me"), 503, "StoreUnavailable")
        assert server.paths == ["start", f"{SID}/terminate"]
        fault(await api.get(f"/service/{server.seen[0].fields['_id']}"), 404, "UnknownSession")


@pytest.mark.parametrize("answer", [NOTHING, SILENCE])
async def test_a_request_that_may_have_been_taken_is_not_sent_again(tmp_path: Path, answer: Answer) -> None:
    async with served(tmp_path, 2, LINEAR) as (api, servers):
        session = await api.begin("call-me")
        servers[0].answers[f"{SID}/request/go"] = answer
        fault(await api.request(session, "go"), 504, "OrchestrationUnanswered")
        assert counts(servers, f"{SID}/request/go") == [1, 0]


async def test_an_event_is_sent_until_it_is_taken_with_one_key(tmp_path: Path) -> None:
    path = f"{SID}/event/interaction.matched"
    async with served(tmp_path, 1, "max_ors_request_attempts = 2") as (api, (server,)):
        server.answers[path] = NOTHING
        session = await api.begin("call-me")
        reserved = body(await api.ask("request-access", {"_id": session["_id"]}))
        body(await api.match(reserved["_access_number"]))
        await server.until(2, "interaction.matched")
        del server.answers[path]
        told = await server.until(3, "interaction.matched")
        assert len({each.headers["idempotency-key"] for each in told}) == 1
        assert told[0].fields["_access_number"] == reserved["_access_number"]


@pytest.mark.parametrize("what", ["event/interaction.matched", "terminate"])
async def test_charts_here_do_not_wait_for_a_server_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 1)
    monkeypatch.setattr(performing, "AT_ONCE", 2)
    monkeypatch.setattr(performing, "ENDINGS_AT_ONCE", 1)
    (tmp_path / "here.scxml").write_text(HERE)
    here = '[service.here]\n_type = "ors"\n_service = "here.scxml"\n_response_timeout = 60\n'
    async with orchestrators(1) as (server,):
        server.answers[f"{SID}/{what}"] = SILENCE
        service = f'_ors = "{server.url}"\n{here}'
        async with outside(tmp_path, "", server="max_ors_request_attempts = 20", service=service) as api:
            for _ in range(3):
                session = await api.begin("call-me")
                reserved = body(await api.ask("request-access", {"_id": session["_id"]}))
                delete = "true" if what == "terminate" else "false"
                body(await api.match(reserved["_access_number"], _delete_service=delete))
            await server.until(1, what)
            assert (await api.begin("here", {"customer": "Bo"}))["customer"] == "Bo"


async def test_an_expired_reservation_is_told(tmp_path: Path) -> None:
    clock = ManualClock()
    async with orchestrators(1) as (server,), outside(tmp_path, server.url, clock=clock) as api:
        session = await api.begin("call-me")
        reserved = body(await api.ask("request-access", {"_id": session["_id"]}))
        clock.advance(BOOKING + 1)
        await api.engine.sweeper.sweep()
        (told,) = await server.until(1, "interaction.expired")
        assert told.fields == {"_access_number": reserved["_access_number"]}


async def test_a_session_is_asked_where_it_began_then_elsewhere(tmp_path: Path) -> None:
    async with served(tmp_path, 2) as (api, servers):
        sessions = [await api.begin("call-me") for _ in range(2)]
        for session in sessions:
            await api.answer(session, "go")
        assert counts(servers, f"{SID}/request/go") == [1, 1]
        servers[0].answers[f"{SID}/request/go"] = (503, "")
        await api.answer(sessions[0], "go")
        assert counts(servers, f"{SID}/request/go") == [2, 2]


async def test_only_who_has_a_session_knows_that_it_has_ended(tmp_path: Path) -> None:
    async with served(tmp_path, 2, LINEAR) as (api, servers):
        session = await api.begin("call-me")
        for each in servers:
            each.answers[f"{SID}/request/go"] = (404, "")
        fault(await api.request(session, "go"), 409, "ChartEnded")
        assert counts(servers, f"{SID}/request/go") == [1, 0]
        servers[0].answers[f"{SID}/request/go"] = (503, "")
        fault(await api.request(session, "go"), 502, "OrchestrationFailed")


async def test_a_redirection_is_followed_and_the_session_is_remembered_there(tmp_path: Path) -> None:
    documented = fixture("redirection")["answer"]
    async with orchestrators(2) as (first, second):
        first.answers["start"] = (documented["status"], f"{second.url}/scxml/session/start")
        secret = 'ors_authorization = "Basic c2VjcmV0"\n'
        async with outside(tmp_path, first.url, server=secret) as api:
            session = await api.begin("call-me", {"customer": "Bo"})
            await api.answer(session, "go")
    assert [each.fields["customer"] for each in (first.seen[0], second.seen[0])] == ["Bo", "Bo"]
    assert (first.paths, second.paths) == (["start"], ["start", f"{SID}/request/go"])
    assert first.seen[0].headers["authorization"] == "Basic c2VjcmV0"
    assert not any("authorization" in each.headers for each in second.seen)


@pytest.mark.parametrize("where", ["ftp://127.0.0.1/", "", "/scxml/session/start"])
async def test_a_redirection_is_not_followed_anywhere_nor_for_ever(tmp_path: Path, where: str) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        server.answers["start"] = (307, where)
        fault(await api.ask("call-me"), 502, "OrchestrationFailed")
        assert len(server.seen) <= 6


@pytest.mark.parametrize(
    ("answer", "members"),
    [
        ((200, SID), {}),
        ((200, f'{{"sessionid": "{SID}", "position": 3}}'), {"position": "3"}),
        ((200, f'{{"_id": "{SID}", "_data_id": "theirs"}}'), {}),
    ],
)
async def test_a_start_answers_the_session_and_what_it_has_to_say(
    tmp_path: Path, answer: Answer, members: dict[str, str]
) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        server.answers["start"] = answer
        session = await api.begin("call-me")
        own = {name: session.pop(name) for name in ("_id", "_data_id")}
        assert session == members
        assert own["_data_id"] == server.seen[0].fields["_data_id"]
        await api.answer(own, "go")
        assert server.paths[-1] == f"{SID}/request/go"


@pytest.mark.parametrize(
    "answer", [(200, ""), (200, "two words"), (200, "{}"), (404, ""), (200, "x" * 2_000_000)]
)
async def test_a_start_without_a_session_starts_nothing(tmp_path: Path, answer: Answer) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        server.answers["start"] = answer
        assert (await api.ask("call-me")).status_code in (409, 502)
        fault(await api.get(f"/service/{server.seen[0].fields['_id']}"), 404, "UnknownSession")


async def test_a_refusal_comes_through(tmp_path: Path) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        session = await api.begin("call-me")
        server.answers[f"{SID}/request/go"] = (400, '{"_resultcode": "late", "when": "today"}')
        response = await api.request(session, "go")
        fault(response, 400, "ChartRefusal")
        assert (response.json()["_resultcode"], response.json()["when"]) == ("late", "today")


async def test_a_request_s_name_is_nothing_but_a_name(tmp_path: Path) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        session = await api.begin("call-me")
        await api.answer(session, "a%3Fb%23c%20d")
        assert server.paths[-1] == f"{SID}/request/a%3Fb%23c%20d"
        fault(await api.request(session, "%2e%2e"), 404, "UnknownRequest")


async def test_nobody_outside_can_send_what_only_the_server_tells(tmp_path: Path) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        session = await api.begin("call-me")
        fault(await api.request(session, "interaction.matched"), 404, "UnknownRequest")
        assert server.paths == ["start"]


async def test_a_session_whose_server_is_gone_can_be_looked_at_and_ended(tmp_path: Path) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        session = await api.begin("call-me")
        server.answers[f"{SID}/query"] = NOTHING
        assert (await api.look(session))["_chart"] == "unknown"
        body(await api.delete(f"/service/{session['_id']}"))


@pytest.mark.parametrize("how", ["_ttl", "_delete_service", "DELETE"])
async def test_however_a_session_ends_its_chart_is_ended(tmp_path: Path, how: str) -> None:
    clock = ManualClock()
    async with orchestrators(1) as (server,), outside(tmp_path, server.url, clock=clock) as api:
        session = await api.begin("call-me", {"_ttl": "60"})
        reserved = body(await api.ask("request-access", {"_id": session["_id"]}))
        if how == "_delete_service":
            body(await api.match(reserved["_access_number"], _delete_service="true"))
        elif how == "DELETE":
            body(await api.delete(f"/service/{session['_id']}"))
        else:
            clock.advance(61)
            await api.engine.sweeper.sweep()
        await server.until(1, f"{SID}/terminate")
        fault(await api.get(f"/service/{session['_id']}"), 404, "UnknownSession")


@pytest.mark.parametrize("answer", [NOTHING, (503, ""), (401, "")])
async def test_the_end_is_told_until_it_is_heard(tmp_path: Path, answer: Answer) -> None:
    """By the next process too: what is left to do is in the store."""
    path, store = f"{SID}/terminate", f"sqlite:///{tmp_path}/m.db"
    secret = 'ors_authorization = "Basic c2VjcmV0"\nmax_ors_request_attempts = 1\n'
    async with orchestrators(1) as (server,):
        server.answers[path] = answer
        async with outside(tmp_path, server.url, server=secret, store=store) as api:
            session = await api.begin("call-me")
            body(await api.delete(f"/service/{session['_id']}"))
            await server.until(2, path)
        del server.answers[path]
        untold = counts([server], path)[0]
        async with outside(tmp_path, server.url, server=secret, store=store):
            told = await server.until(untold + 1, path)
        assert len({each.headers["idempotency-key"] for each in told}) == 1
        assert {each.headers["authorization"] for each in told} == {"Basic c2VjcmV0"}


async def test_an_end_that_nobody_hears_is_told_ever_more_seldom_and_not_for_ever(tmp_path: Path) -> None:
    async with outside(tmp_path, await refusing()) as api:
        ending, place = Forwarding(api.engine), msgspec.json.encode(Place(await refusing(), SID, "call-me"))
        pauses = []
        for attempts in (0, 1, 2, MOST_ATTEMPTS - 2):
            with pytest.raises(Again) as again:
                await ending.end(Effect(1, "a.ors.chart", "a.ors.chart", place, attempts))
            pauses.append(again.value.pause)
        assert pauses == [1000, 2000, 4000, LONGEST_BACK_OFF]
        await ending.end(Effect(1, "a.ors.chart", "a.ors.chart", place, MOST_ATTEMPTS - 1))


async def test_a_repeated_start_is_one(tmp_path: Path) -> None:
    async with served(tmp_path, 1) as (api, (server,)):
        key = {"headers": {"idempotency-key": "once"}}
        session = await api.begin("call-me", {"customer": "Bo"}, **key)
        assert await api.begin("call-me", {"customer": "Bo"}, **key) == session
        assert server.paths == ["start"]


@pytest.mark.parametrize("url", ["nowhere", "ftp://a", "http://", "http://a:b", "http://u:p@a", "http://a?b"])
def test_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    text = configuration(tmp_path, {}, f'_ors = "{url}"', more=f'{SERVICE}_ors = "{url}"\n')
    _, faults = read_document(text)
    assert sum("_ors: must be a comma list of http or https URLs" in each.message for each in faults) == 2
