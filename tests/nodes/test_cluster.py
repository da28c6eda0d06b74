"""`make cluster`: requests go through the balancer, a node that dies is left out, and nothing stays behind."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.command import LIMIT_SECONDS, POLL_SECONDS, environment

ROOT = Path(__file__).parents[2]
IN_BACKGROUND = ("sh", "-c", 'trap \'\' INT; exec "$0" "$@"')  # as after `&`: it does not hear Ctrl-C
ROUNDS = 40  # pairs of reserve and match; the sample has numbers for a few sessions only


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def cluster(output: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*IN_BACKGROUND, sys.executable, "-m", "examples.cluster", "--port", "0"],
            cwd=ROOT,
            env=environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT_SECONDS)


def wait_for(cluster: "subprocess.Popen[bytes]", output: Path, pattern: str) -> "re.Match[str]":
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        ended = cluster.poll() is not None
        if found := re.search(pattern, output.read_text()):
            return found
        if ended:
            break
        time.sleep(POLL_SECONDS)
    raise AssertionError(output.read_text())


def nodes_up(status: str) -> int:
    """As the balancer sees them."""
    rows = csv.DictReader(httpx.get(f"{status}/;csv", trust_env=False).text.removeprefix("# ").splitlines())
    return sum(row["svname"].startswith("node") and row["status"].startswith("UP") for row in rows)


def play(client: httpx.Client, n: int) -> None:
    """Reserve and match; whoever is not answered asks again, which is safe with a key and a call's id."""
    session = answered(client, "request-interaction", {"n": str(n)}, {"Idempotency-Key": f"key-{n}"})
    called = {
        "_access_number": session["_access_number"],
        "_call_id": f"call-{n}",
        "_return_user_data": "true",
    }
    found = answered(client, "match-interaction", called, {})
    assert (found["_id"], found["user_data"]) == (session["_id"], {"n": str(n)})
    ended = client.delete(f"/genesys/1/service/{session['_id']}").status_code
    assert ended in (200, 404), (
        "404: the balancer asked a second node, because the first died before it answered"
    )


def answered(client: httpx.Client, service: str, form: dict[str, str], headers: dict[str, str]) -> Any:
    for _ in range(3):
        with suppress(httpx.TransportError):
            answer = client.post(f"/genesys/1/service/{service}", data=form, headers=headers)
            if answer.status_code < 500:
                return answer.raise_for_status().json()
    raise AssertionError(f"{form} is never answered")


@pytest.mark.skipif(
    shutil.which("haproxy") is None and "MATCHLINE_REQUIRE_ALL" not in os.environ,
    reason="haproxy is not installed",
)
def test_a_cluster_goes_on_without_one_of_its_nodes_and_leaves_nothing_behind(
    cluster: "subprocess.Popen[bytes]", output: Path
) -> None:
    url, status = wait_for(
        cluster, output, r"ready at (\S+); the balancer's view of it is at (\S+)\.\n"
    ).groups()
    wait_for(cluster, output, "Stop everything")
    told = output.read_text()
    processes = [int(each) for each in re.findall(r"node\d: process (\d+)", told)]
    folder = Path(re.findall(r"log in (\S+)", told)[0]).parents[1]
    with httpx.Client(base_url=url, trust_env=False, timeout=LIMIT_SECONDS) as client:
        wait_until_up(status, 3)
        for n in range(ROUNDS):
            play(client, n)
            if n == ROUNDS // 4:
                os.kill(processes[1], signal.SIGKILL)
            if n == ROUNDS // 2:
                wait_until_up(status, 2)
                plain_requests_are_answered(client)
    cluster.send_signal(signal.SIGTERM)
    assert cluster.wait(LIMIT_SECONDS) == 0
    assert "Everything has stopped." in output.read_text()
    assert "Traceback" not in output.read_text()
    assert not folder.exists()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    for address in (url, status):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, trust_env=False)


def wait_until_up(status: str, count: int) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while nodes_up(status) != count:
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)


def plain_requests_are_answered(client: httpx.Client) -> None:
    """Without a key, and asked once."""
    for _ in range(ROUNDS):
        assert client.post("/genesys/1/storage/60", data={"a": "b"}).status_code == 200
