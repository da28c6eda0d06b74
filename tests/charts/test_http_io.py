"""Basic HTTP Event I/O over a real socket: charts give out an address, and programs post events there."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import Server
from tests.charts.chart_api import chart, configuration

LISTENING = chart(
    """<datamodel><data id="heard" expr="{}"/></datamodel>
<state id="a">
  <onentry><ws:response requestid="_x._request_id">
    <param name="location" expr="_ioprocessors.basichttp.location"/></ws:response></onentry>
  <transition event="tell"><ws:response requestid="_event.sendid"><param name="heard" expr="heard"/>
  </ws:response></transition>
  <transition event="pass"><send type="http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor"
    targetexpr="_event.data.to" event="passed"><param name="word" expr="_event.data.word"/></send>
    <ws:response requestid="_event.sendid"/></transition>
  <transition event="*"><assign location="heard"
    expr="({name: _event.name, data: _event.data, by: _event.origintype})"/></transition>
</state>"""
)
PASSWORD = 'password = "secret-1"'
PROCESSOR = "http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor"


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("charts")
    text = configuration(folder, {"listening": LISTENING}, PASSWORD, "_response_timeout = 30")
    text = text.replace(f'scxml_folder = "{folder}"', f'scxml_folder = "{folder}"\nscxml_allow = "127.0.0.1"')
    server = Server(folder, text)
    server.client.auth = ("", "secret-1")
    yield server.start()
    server.close()


@pytest.fixture(name="stranger")
def _stranger() -> Iterator[httpx.Client]:
    """Who has no credentials."""
    with httpx.Client(trust_env=False) as client:
        yield client


def heard(server: Server, session: dict[str, str]) -> object:
    return server.client.post(f"/genesys/1/service/{session['_id']}/tell").json()["heard"]


def test_a_program_posts_events_to_a_chart(server: Server, stranger: httpx.Client) -> None:
    session = server.ask("listening")
    location = session["location"]
    assert location.startswith(str(server.client.base_url))
    assert stranger.post(location, data={"_scxmleventname": "order.ready", "n": "7"}).json() == {}
    assert heard(server, session) == {"name": "order.ready", "data": {"n": "7"}, "by": PROCESSOR}
    assert stranger.post(
        f"{location}?a=1", content="some text", headers={"content-type": "text/plain"}
    ).is_success
    assert heard(server, session) == {"name": "HTTP.POST", "data": "some text", "by": PROCESSOR}


def test_one_chart_posts_to_another(server: Server) -> None:
    first, second = server.ask("listening"), server.ask("listening")
    asked = {"to": second["location"], "word": "ü"}
    server.client.post(f"/genesys/1/service/{first['_id']}/pass", data=asked)
    while (found := heard(server, second)) == {}:
        pass
    assert found == {"name": "passed", "data": {"word": "ü"}, "by": PROCESSOR}


def test_who_does_not_know_the_address_is_nobody(server: Server, stranger: httpx.Client) -> None:
    session = server.ask("listening")
    location = session["location"]
    token = location.split("/")[-2]
    for wrong in (location.replace(token, token[::-1]), location.replace(token, session["_id"])):
        assert stranger.post(wrong, data={}).json()["exception"] == "UnknownSession"
    assert stranger.get(location).status_code == 405
    assert heard(server, session) == {}


@pytest.mark.parametrize("name", ["interaction.matched", "error.execution", "x" * 300, "two words"])
def test_no_program_tells_what_only_the_server_knows(
    server: Server, stranger: httpx.Client, name: str
) -> None:
    session = server.ask("listening")
    answer = stranger.post(session["location"], data={"_scxmleventname": name})
    assert answer.json()["exception"] == "BadParameter"
    assert heard(server, session) == {}
