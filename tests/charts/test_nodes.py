"""Two nodes over one database: charts go on on another when their node is killed, and either may be asked."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.command import LIMIT_SECONDS
from tests.charts.chart_api import chart, configuration
from tests.nodes.cluster import Node, execute, nodes
from tests.postgres import PostgresServer

LOOK_SECONDS = 0.1

COUNTING = chart(
    """<datamodel><data id="n" expr="0"/></datamodel>
<state id="counting">
  <onentry><ws:response requestid="_x._request_id"><param name="n" expr="n"/></ws:response></onentry>
  <transition event="add"><assign location="n" expr="n + 1"/>
    <ws:response requestid="_event.sendid"><param name="n" expr="n"/></ws:response></transition>
  <transition event="later"><send event="fire" delayexpr="_event.data.delay"/>
    <ws:response requestid="_event.sendid"/></transition>
  <transition event="fire" target="fired"/>
</state>
<state id="fired"/>"""
)

WORDS = [f"w{n}" for n in range(12)]
TIMERS = 5
BUSY = chart(
    """<datamodel><data id="seen" expr="[]"/></datamodel>
<state id="busy">
  <transition event="add">
    <script>for (var i = 0; i &lt; 2e6; i++); seen.push(_event.data.word)</script>
    <send type="matchline:set-data"><content expr="({[_event.data.word]: String(seen.length)})"/></send>
  </transition>
</state>"""
)
SERVICE = '\n[service.busy]\n_type = "ors"\n_service = "busy.scxml"\n_response_timeout = 0\n'


@pytest.fixture(name="text")
def _text(tmp_path: Path) -> str:
    (tmp_path / "busy.scxml").write_text(BUSY)
    return configuration(
        tmp_path, {"counting": COUNTING}, "scxml_workers = 1", "_response_timeout = 30", SERVICE
    )


def ask(node: Node, session_id: str, request: str, **fields: str) -> dict[str, str]:
    answer = node.client.post(f"/genesys/1/service/{session_id}/{request}", data=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def state(node: Node, session_id: str) -> str:
    return str(node.client.get(f"/genesys/1/service/{session_id}").json()["_chart_states"])


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)


def test_a_chart_goes_on_on_another_node(tmp_path: Path, postgres: PostgresServer, text: str) -> None:
    with nodes(tmp_path, postgres.empty(), 2, text) as (first, second):
        session_id = first.ask("counting")["_id"]
        for n, node in enumerate((first, second, first, second), 1):
            assert ask(node, session_id, "add") == {"n": str(n)}
        ask(first, session_id, "later", delay="500ms")
        first.kill()
        assert ask(second, session_id, "add") == {"n": "5"}
        until(lambda: state(second, session_id) == "fired")


def test_what_waited_at_a_node_that_was_killed_is_done_by_the_next(
    tmp_path: Path, postgres: PostgresServer, text: str
) -> None:
    """Delayed messages, events that were acknowledged and not yet taken, and what the chart asked for."""
    store = postgres.empty()
    with nodes(tmp_path, store, 1, text) as (first,):
        timers = [first.ask("counting")["_id"] for _ in range(TIMERS)]
        for each in timers:
            ask(first, each, "later", delay="4s")
        busy = first.ask("busy")["_id"]
        for word in WORDS:
            answer = first.client.post(f"/genesys/1/service/{busy}/add", data={"word": word})
            assert answer.status_code == 202
        first.kill()
        assert execute(store, "select 1 from chart_event"), "events wait"
        assert execute(store, "select 1 from chart where active = 'counting'"), "messages wait"
    storage = f"/genesys/1/service/{busy}/storage"
    in_order = {word: str(n) for n, word in enumerate(WORDS, 1)}
    with nodes(tmp_path, store, 1, text) as (second,):
        until(lambda: second.client.get(storage).json() == in_order)
        until(lambda: {state(second, each) for each in timers} == {"fired"})
