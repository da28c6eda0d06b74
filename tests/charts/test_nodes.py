"""Two nodes over one database: a chart goes on on another when its node is killed, and either may be asked."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.command import LIMIT_SECONDS
from tests.charts.chart_api import chart, configuration
from tests.nodes.cluster import Node, nodes
from tests.postgres import PostgresServer

LOOK_SECONDS = 0.1

COUNTING = chart(
    """<datamodel><data id="n" expr="0"/></datamodel>
<state id="counting">
  <onentry><ws:response requestid="_x._request_id"><param name="n" expr="n"/></ws:response></onentry>
  <transition event="add"><assign location="n" expr="n + 1"/>
    <ws:response requestid="_event.sendid"><param name="n" expr="n"/></ws:response></transition>
  <transition event="later"><send event="fire" delay="500ms"/>
    <ws:response requestid="_event.sendid"/></transition>
  <transition event="fire" target="fired"/>
</state>
<state id="fired"/>"""
)


@pytest.fixture(name="both")
def _both(tmp_path: Path, postgres: PostgresServer) -> Iterator[list[Node]]:
    text = configuration(tmp_path, {"counting": COUNTING}, "scxml_workers = 1", "_response_timeout = 30")
    with nodes(tmp_path, postgres.empty(), 2, text) as found:
        yield found


def ask(node: Node, session_id: str, request: str) -> dict[str, str]:
    answer = node.client.post(f"/genesys/1/service/{session_id}/{request}")
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def state(node: Node, session_id: str) -> str:
    return str(node.client.get(f"/genesys/1/service/{session_id}").json()["_chart_states"])


def test_a_chart_goes_on_on_another_node(both: list[Node]) -> None:
    first, second = both
    session_id = first.ask("counting")["_id"]
    for n, node in enumerate((first, second, first, second), 1):
        assert ask(node, session_id, "add") == {"n": str(n)}
    ask(first, session_id, "later")
    first.kill()
    assert ask(second, session_id, "add") == {"n": "5"}
    deadline = time.monotonic() + LIMIT_SECONDS
    while state(second, session_id) != "fired":
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)
