"""Real processes: a server whose charts run at two others, one of which is killed and comes back."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import LIMIT_SECONDS, POLL_SECONDS, Server
from tests.charts.chart_api import chart, configuration

CALLER = "+14155550123"
TALK = chart(
    """<datamodel><data id="n" expr="0"/><data id="told" expr="'nothing'"/><data id="customer"/></datamodel>
<state id="talking">
  <onentry><ws:response requestid="_x._request_id"><param name="hello" expr="customer"/></ws:response></onentry>
  <transition event="add"><assign location="n" expr="n + 1"/>
    <ws:response requestid="_event.sendid"><param name="n" expr="n"/></ws:response></transition>
  <transition event="interaction.*">
    <assign location="told" expr="_event.name + ' ' + _event.data._call_id"/></transition>
  <transition event="told">
    <ws:response requestid="_event.sendid"><param name="told" expr="told"/></ws:response></transition>
</state>"""
)
OWN = 'scxml_workers = 1\nscxml_sessions = true\npassword = "between servers"'
AUTHORIZATION = "Basic bWF0Y2hsaW5lOmJldHdlZW4gc2VydmVycw=="  # matchline:between servers
SERVICE = '\n[service.talk]\n_type = "ors"\n_service = "talk.scxml"\n'


class Landscape:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.servers = [self._server(folder / name, stack) for name in ("one", "other")]
        self._dead: list[Server] = []
        with ThreadPoolExecutor() as starting:
            list(starting.map(Server.start, self.servers))
        urls = ", ".join(self.url(server) for server in self.servers)
        front = folder / "front"
        front.mkdir()
        options = f'_ors = "{urls}"\nors_authorization = "{AUTHORIZATION}"\nors_connect_timeout = 2'
        self.front = Server(front, configuration(front, {}, options, more=SERVICE))
        stack.callback(self.front.close)
        self.front.start()

    def _server(self, folder: Path, stack: ExitStack) -> Server:
        folder.mkdir()
        server = Server(folder, configuration(folder, {"talk": TALK}, OWN))
        stack.callback(server.close)
        return server

    def url(self, server: Server) -> str:
        host, port = server.address
        return f"http://{host}:{port}"

    def kill(self, server: Server) -> None:
        server.kill()
        self._dead.append(server)

    def whole(self) -> "Landscape":
        for server in list(self._dead):
            self.back(server)
        return self

    def back(self, server: Server) -> None:
        """At the address that it had."""
        self._dead.remove(server)
        port = str(server.address[1])
        server.start("--config", str(server.config), "--store", server.store, "--port", port)

    def begin(self) -> dict[str, str]:
        begun: dict[str, str] = self.front.ask("talk", {"customer": "Bo"})
        assert begun["hello"] == "Bo"
        return begun

    def ask(self, session: dict[str, str], request: str) -> httpx.Response:
        return self.front.client.post(f"/genesys/1/service/{session['_id']}/{request}")


@pytest.fixture(name="built", scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landscape]:
    with ExitStack() as stack:
        yield Landscape(tmp_path_factory.mktemp("landscape"), stack)


@pytest.fixture(name="landscape")
def _landscape(built: Landscape) -> Landscape:
    return built.whole()


def test_one_of_two_is_killed_and_comes_back(landscape: Landscape) -> None:
    first, second = landscape.begin(), landscape.begin()
    for session in (first, second):
        assert landscape.ask(session, "add").json() == {"n": "1"}
    landscape.kill(landscape.servers[0])

    assert landscape.ask(second, "add").json() == {"n": "2"}, "who has the other notices nothing"
    answer = landscape.ask(first, "add")
    assert (answer.status_code, answer.json()["exception"]) == (500, "OrchestrationUnavailable")
    for _ in range(3):
        assert landscape.ask(landscape.begin(), "add").json() == {"n": "1"}, "new ones begin at the other"

    reserved = landscape.front.ask("request-access", {"_id": first["_id"], "_phone_number": CALLER})
    call = {"_access_number": reserved["_access_number"], "_phone_number": CALLER, "_call_id": "7"}
    assert landscape.front.ask("match-interaction", call)["_id"] == first["_id"]

    landscape.back(landscape.servers[0])
    assert landscape.ask(first, "add").json() == {"n": "2"}, "the chart is where it was"
    deadline = time.monotonic() + LIMIT_SECONDS
    while (told := landscape.ask(first, "told").json()) != {"told": "interaction.matched 7"}:
        assert told == {"told": "nothing"}
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)


def test_when_all_are_down_nothing_begins_and_a_restart_forgets_nothing(landscape: Landscape) -> None:
    session = landscape.begin()
    landscape.kill(landscape.front)
    landscape.back(landscape.front)
    assert landscape.ask(session, "add").json() == {"n": "1"}, "the place is stored"
    for server in landscape.servers:
        landscape.kill(server)
    answer = landscape.front.client.post("/genesys/1/service/talk")
    assert answer.status_code == 500
    assert answer.json()["message"] == "ORS request failed: cannot connect to ORS."
    ended = landscape.front.client.delete(f"/genesys/1/service/{session['_id']}")
    assert ended.status_code == 200
