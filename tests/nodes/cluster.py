"""Nodes over one database, and what is asked of them in these tests."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg

from tests.acceptance.command import Server
from tests.sections import builtins

NUMBERS = ("+1 800 555 0100", "+1 800 555 0101", "+1 800 555 0102")

CONFIGURATION = f"""
[server]
default_region = "US"

[resources.DNIS]
_booking_expiration_timeout = 600
_cooldown = 0
numbers = {json.dumps(NUMBERS)}

{builtins("request-interaction", "request-access", "match-interaction")}
_return_user_data = true
"""


class Node(Server):
    """A server over a store that others serve too."""

    def __init__(self, folder: Path, store: str, configuration: str = CONFIGURATION) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder, configuration)
        self.store = store

    def begin(self, *arguments: str, **variables: str) -> "Node":
        usual = ("--config", str(self.config), "--store", self.store, "--port", "0", "--drain-seconds", "0")
        self.start(*usual, *arguments, **variables)
        return self

    def is_ready(self) -> bool:
        return self.client.get("/readyz").status_code == 200

    def match(self, session: Mapping[str, str], **fields: str) -> httpx.Response:
        return self.client.post(
            "/genesys/1/service/match-interaction",
            data={"_access_number": session["_access_number"], **fields},
        )

    def end(self, session: Mapping[str, str]) -> None:
        self.client.delete(f"/genesys/1/service/{session['_id']}")


@contextmanager
def nodes(folder: Path, store: str, count: int, configuration: str = CONFIGURATION) -> Iterator[list[Node]]:
    """That many, ready."""
    with ExitStack() as stack:
        each = []
        for n in range(count):
            node = Node(folder / f"node{n}", store, configuration)
            stack.callback(node.close)
            each.append(node.begin())
        yield each


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    """The rows, if there are any."""
    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement.encode())
        return done.fetchall() if done.description else []
