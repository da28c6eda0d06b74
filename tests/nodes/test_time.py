"""All nodes follow the database server's clock (rule 20); one that sees it jump is not ready until it is steady."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchline.clock import SECOND
from tests.acceptance.command import LIMIT_SECONDS, POLL_SECONDS
from tests.postgres import PostgresServer

from .cluster import Node, execute, nodes

HOUR = 3600
CLOSE = 30  # seconds; far more than two looks at the time are apart, and far less than an hour


@pytest.fixture(scope="module", name="store_url")
def _store_url(postgres: PostgresServer) -> str:
    """Of a database whose clock can be set: its own stands before PostgreSQL's in the search path."""
    url = f"{postgres.empty()}%2Cpg_catalog"
    set_clock(url, HOUR)
    return url


def set_clock(url: str, ahead: int) -> None:
    """Seconds that the database's clock is ahead of this machine's."""
    execute(
        url,
        "create or replace function clock_timestamp() returns timestamptz language sql volatile as"
        f" $$ select pg_catalog.clock_timestamp() + interval '{ahead} s' $$",
    )


@pytest.fixture
def pair(store_url: str, tmp_path: Path) -> Iterator[list[Node]]:
    with nodes(tmp_path, store_url, 2) as pair:
        yield pair


def seconds_ahead(node: Node) -> float:
    """Of this machine's clock, by the time at which a session begins now."""
    session = node.reserve()
    begun = execute(node.store, "select max(started_at) from reservation")
    node.end(session)
    return int(str(begun[0][0])) / SECOND - time.time()


def wait_until(node: Node, *, ready: bool) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while node.is_ready() is not ready:
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)


def test_nodes_follow_the_database_and_are_not_ready_while_its_clock_jumps(
    pair: list[Node], store_url: str
) -> None:
    for node in pair:
        wait_until(node, ready=True)  # a busy machine reads the clock too slowly at first
        assert seconds_ahead(node) == pytest.approx(HOUR, abs=CLOSE)
    set_clock(store_url, 2 * HOUR)
    for node in pair:
        wait_until(node, ready=False)
    refused = pair[0].client.get("/readyz")
    assert refused.status_code == 503
    assert "clock jumped by +3600" in refused.json()["message"]
    assert pair[0].client.get("/genesys/1/admin/node/status").text == "OFFLINE"
    for node in pair:
        assert seconds_ahead(node) == pytest.approx(2 * HOUR, abs=CLOSE)
        wait_until(node, ready=True)
