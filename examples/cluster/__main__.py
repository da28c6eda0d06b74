"""`make cluster`: start everything, say what to try, and stop everything on Ctrl-C or SIGTERM."""

import argparse
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from tests.acceptance.command import Server
from tests.postgres import postgres_server

BALANCER = Path(__file__).with_name("haproxy.cfg")

NODES = 3
DRAIN_SECONDS = 3  # until the balancer has asked twice
UP_SECONDS = 30  # the longest wait for the balancer to find the nodes ready
POLL_SECONDS = 0.05

# Unlike the database of the tests this one is as durable as any; it only listens to this machine's programs.
SETTINGS = ("listen_addresses=",)

TRY = """
The cluster is ready at {url}; the balancer's view of it is at {status}.

  1. Reserve a number:
     curl --data-urlencode _phone_number=+14155550123 -d customer=Ada {url}/genesys/1/service/request-interaction

  2. Match a call to it, on whichever node the balancer takes (use the _access_number that line 1 answered):
     curl --data-urlencode '_access_number=+1 800 555 0100' -d _return_user_data=true \\
          {url}/genesys/1/service/match-interaction

  3. Change an option on one node; all of them follow within a second:
     {matchline} options --server {first} set resources.DNIS _booking_expiration_timeout=60
     {matchline} options --server {last} get resources.DNIS

  4. Kill a node, and try again:
     kill -9 {victim}

{nodes}

Stop everything with Ctrl-C.
"""


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGINT may be ignored, as after `&`
    try:
        with cluster(arguments().port) as told:
            print(told, flush=True)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        print("Everything has stopped.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make cluster")
    parser.add_argument("--port", type=int, default=8080, help="the balancer's; 0 picks a free one")
    return parser.parse_args()


@contextmanager
def cluster(port: int) -> Iterator[str]:
    """What to try, while everything runs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="matchline-cluster-")))
        store = stack.enter_context(postgres_server(SETTINGS)).url()
        nodes = stack.enter_context(started(folder, store))
        address, status = (f"127.0.0.1:{each}" for each in (port or free_port(), free_port()))
        places = {f"NODE{n}": "{}:{}".format(*node.address) for n, node in enumerate(nodes, 1)}
        stack.enter_context(balancer({"ADDRESS": address, "STATUS": status, **places}, folder))
        wait_for(f"http://{address}/readyz")
        told = TRY.format(
            url=f"http://{address}",
            status=f"http://{status}",
            matchline=nodes[0].program[0],
            first=nodes[0].client.base_url,
            last=nodes[-1].client.base_url,
            victim=nodes[1].pid,
            nodes="\n".join(
                f"  node{n}: process {node.pid} at {node.client.base_url}, log in {node.log}"
                for n, node in enumerate(nodes, 1)
            ),
        )
        try:
            yield told
        finally:
            ignore_signals()


def ignore_signals() -> None:
    """What is being stopped already is not stopped twice."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)


@contextmanager
def started(folder: Path, store: str) -> Iterator[Sequence[Server]]:
    nodes = []
    try:
        for n in range(1, NODES + 1):
            own = folder / f"node{n}"
            own.mkdir()
            node = Server(own, configuration=None)
            nodes.append(node)
            node.start("--store", store, "--port", "0", "--drain-seconds", str(DRAIN_SECONDS))
        yield nodes
    finally:
        for node in nodes:
            node.signal(signal.SIGTERM)
        for node in nodes:
            node.wait()
            node.close()


@contextmanager
def balancer(addresses: dict[str, str], folder: Path) -> Iterator[None]:
    with (folder / "balancer.log").open("wb") as log:
        process = subprocess.Popen(
            ["haproxy", "-db", "-f", BALANCER],
            env={**os.environ, **addresses},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str) -> None:
    """Until it answers 200."""
    deadline = time.monotonic() + UP_SECONDS
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline:
            try:
                if client.get(url).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(POLL_SECONDS)
    raise SystemExit(f"{url} does not get ready")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
