"""matchline serve --workers: several processes on one socket, replaced when they die, gone when they are to stop."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.acceptance.command import LIMIT_SECONDS, POLL_SECONDS, refused, run
from tests.acceptance.test_stopping import half_sent, rest_of_answer

from .cluster import Node

WORKERS = 3
REQUESTS = 60  # each on a connection of its own, so that every worker gets some


@pytest.fixture
def served(store_url: str, tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path / "node", store_url)
    node.begin("--workers", str(WORKERS))
    yield node
    workers = children(node)
    node.close()
    for worker in workers:  # a test that failed may have left some
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def children(node: Node) -> set[int]:
    path = Path(f"/proc/{node.pid}/task/{node.pid}/children")
    return {int(each) for each in path.read_text().split()} if path.exists() else set()


def running(process: int) -> bool:
    with suppress(FileNotFoundError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in ("Z", "X")
    return False


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)


def ask_often(node: Node) -> None:
    for _ in range(REQUESTS):
        assert httpx.get(f"{node.client.base_url}/readyz", trust_env=False).text == "ok"


def test_all_of_them_serve_and_it_is_told_once(served: Node) -> None:
    workers = children(served)
    assert len(workers) == WORKERS
    ask_often(served)
    session = served.reserve(customer="Ada")
    assert served.match(session).json()["user_data"] == {"customer": "Ada"}
    assert served.output.count("Matchline is ready at") == 1
    assert children(served) == workers


def test_one_that_is_killed_is_replaced(served: Node) -> None:
    before = children(served)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in children(served) and len(children(served)) == WORKERS)
    served.wait_for(rf"worker {victim} ended with status (-9); one follows in")
    ask_often(served)
    assert len(children(served) & before) == WORKERS - 1


def test_one_that_is_told_to_stop_finishes_its_work_and_is_replaced(served: Node) -> None:
    before = children(served)
    chosen = max(before)
    os.kill(chosen, signal.SIGTERM)
    served.wait_for(rf"worker {chosen} ended with status (0); one follows in")
    wait_until(lambda: len(children(served)) == WORKERS)
    ask_often(served)


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_they_finish_their_work_and_none_is_left(served: Node, order: signal.Signals) -> None:
    workers = children(served)
    content = b"customer=Ada&note=" + b"x" * 1000
    with half_sent(served, content) as connection:
        served.signal(order)
        wait_until(lambda: len(children(served)) == 1)
        connection.sendall(content[len(content) // 2 :])
        assert rest_of_answer(connection).startswith(b"HTTP/1.1 200")
    assert served.wait() == 0
    assert "Matchline has stopped." in served.output
    assert "Traceback" not in served.output
    assert not [worker for worker in workers if running(worker)]


def test_a_second_order_to_stop_waits_for_nobody(served: Node) -> None:
    with half_sent(served, b"a" * 1000):
        served.signal(signal.SIGTERM)
        wait_until(lambda: len(children(served)) == 1)
        begun = time.monotonic()
        served.signal(signal.SIGTERM)
        served.wait()
        assert time.monotonic() - begun < 15, "half of the longest drain"


def test_none_is_left_when_the_supervisor_is_killed(served: Node) -> None:
    workers = children(served)
    served.kill()
    wait_until(lambda: not any(running(worker) for worker in workers))


def test_a_database_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    told = refused(run(tmp_path, "serve", "--workers", "2", "--store", "postgresql://127.0.0.1:1/nothing"))
    assert told.startswith("matchline: cannot open the database")


@pytest.mark.parametrize("store", ["sqlite:///var/matchline.db", "memory://"])
def test_a_store_for_one_process_is_refused_in_a_sentence_that_names_postgresql(
    tmp_path: Path, store: str
) -> None:
    told = refused(run(tmp_path, "serve", "--store", store, MATCHLINE_WORKERS="2"))
    assert told.startswith("matchline: one process has the store")
    assert "PostgreSQL" in told
    assert not (tmp_path / "var").exists()
