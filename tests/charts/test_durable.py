"""`kill -9`, twenty times: what was acknowledged is processed once, delayed messages leave, effects are done."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest

from tests.acceptance.command import LIMIT_SECONDS, Server
from tests.charts.chart_api import chart, configuration
from tests.faults.forked import ForkedServer, Nursery

ROUNDS = 20
CLIENTS = 4
WORDS, TIMERS = 3, 2  # that a client sends in a round: all together no more than a session's data may have
LONGEST_SECONDS = 0.6  # that a server lives once it is ready
PAUSE_SECONDS = 0.05
SEED = 20

COUNTING = chart(
    """<datamodel><data id="seen" expr="[]"/><data id="word"/></datamodel>
<state id="counting">
  <transition event="add">
    <script>seen.push(_event.data.word)</script>
    <assign location="word" expr="_event.data.word"/>
    <send type="matchline:set-data"><content expr="({[word]: 'kept'})"/></send>
    <ws:response requestid="_event.sendid"><param name="word" expr="word"/></ws:response>
  </transition>
  <transition event="tell">
    <ws:response requestid="_event.sendid"><param name="seen" expr="seen"/></ws:response>
  </transition>
</state>"""
)
TIMER = chart(
    """<state id="set"><onentry><send event="fire" delay="700ms"/></onentry>
<transition event="fire" target="fired"/></state><state id="fired"/>"""
)
INVOKING = chart(
    """<datamodel><data id="got"/></datamodel><state id="a">
<invoke id="child"><content><scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript">
  <state id="c"><transition event="*"><send target="#_parent" event="echo">
    <param name="word" expr="_event.data.word"/></send></transition></state></scxml></content></invoke>
<transition event="echo"><assign location="got" expr="_event.data.word"/></transition>
<transition event="ask"><send target="#_child" event="say"><param name="word" expr="_event.data.word"/></send>
  <ws:response requestid="_event.sendid"/></transition>
<transition event="tell"><ws:response requestid="_event.sendid"><param name="got" expr="got"/>
  </ws:response></transition>
</state>"""
)
CHARTS = {"counting": COUNTING, "timer": TIMER, "invoking": INVOKING}


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Server]:
    """It acknowledges what is stored, and lets nobody wait for answers."""
    text = configuration(tmp_path, CHARTS, "scxml_workers = 1", "_response_timeout = 0")
    nursery = Nursery()
    server = ForkedServer(tmp_path, text, nursery)
    yield server.start()
    server.close()
    nursery.close()


class Storm:
    """Clients that ask until the server is gone, and remember what it acknowledged."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._words = map("w{}".format, count())
        self.counting = server.ask("counting")["_id"]
        self.acknowledged: list[str] = []
        self.timers: list[str] = []

    def rage(self) -> None:
        with ThreadPoolExecutor(CLIENTS + 1) as clients:
            clients.submit(self._set_timers)
            for _ in range(CLIENTS):
                clients.submit(self._add)

    def _add(self) -> None:
        try:
            for word in islice(self._words, WORDS):
                answer = self._server.client.post(
                    f"/genesys/1/service/{self.counting}/add", data={"word": word}
                )
                assert answer.status_code in (200, 202), answer.text
                self.acknowledged.append(word)
        except httpx.HTTPError:
            return

    def _set_timers(self) -> None:
        try:
            for _ in range(TIMERS):
                answer = self._server.client.post("/genesys/1/service/timer")
                self.timers.append(answer.json()["_id"])
        except httpx.HTTPError:
            return


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)


def states(server: Server, session_id: str) -> str:
    return str(server.client.get(f"/genesys/1/service/{session_id}").json()["_chart_states"])


def told(server: Server, session_id: str) -> dict[str, Any]:
    """What a chart tells, asked with one key until it has answered."""
    key = {"idempotency-key": f"{time.monotonic()}"}
    answers: list[dict[str, Any]] = []

    def answered() -> bool:
        answer = server.client.post(f"/genesys/1/service/{session_id}/tell", headers=key)
        answers.append(answer.json())
        return answer.status_code == 200

    wait_until(answered)
    return answers[-1]


def test_nothing_that_was_acknowledged_is_lost(server: Server) -> None:
    chance = random.Random(SEED)
    storm = Storm(server)
    invoking = server.ask("invoking")["_id"]
    for _ in range(ROUNDS):
        ending = Timer(chance.uniform(PAUSE_SECONDS, LONGEST_SECONDS), server.kill)
        ending.start()
        storm.rage()
        ending.join()
        server.start()
    assert len(storm.acknowledged) > ROUNDS
    seen = told(server, storm.counting)["seen"]
    assert set(storm.acknowledged) <= set(seen)
    assert len(seen) == len(set(seen)), "each was taken once"
    storage = f"/genesys/1/service/{storm.counting}/storage"
    wait_until(lambda: set(server.client.get(storage).json()) == set(seen))
    wait_until(lambda: {states(server, each) for each in storm.timers} == {"fired"})
    server.client.post(f"/genesys/1/service/{invoking}/ask", data={"word": "ü"})
    wait_until(lambda: told(server, invoking)["got"] == "ü")
