"""A receiver of deliveries: checks each signature by itself and remembers what it accepted."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

SECRET = "a secret of two"
LIMIT_SECONDS = 60  # of a wait: reached only when nothing comes


def is_signed(signature: str, body: bytes, secret: str = SECRET) -> bool:
    """As docs/observability.md tells receivers to check."""
    given = dict(part.split("=", 1) for part in signature.split(","))
    told = f"{given['t']}.".encode() + body
    return hmac.compare_digest(given["v1"], hmac.new(secret.encode(), told, hashlib.sha256).hexdigest())


class Received:
    """What came, in its order."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.refuse_with: int | None = None
        self.asked = 0
        self.changed = Condition()

    def take(self, signature: str, body: bytes) -> int:
        """The status to answer."""
        with self.changed:
            self.asked += 1
            self.changed.notify_all()
            if self.refuse_with is not None:
                return self.refuse_with
            assert is_signed(signature, body)
            self.events.append(json.loads(body))
            return 204

    def wait_for(self, count: int) -> None:
        """Until as many came, those that came twice counted once."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self._ids()) >= count, LIMIT_SECONDS), self.events

    def _ids(self) -> set[str]:
        return {event["id"] for event in self.events}

    def wait_until_asked(self, times: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.asked >= times, LIMIT_SECONDS)

    def stories(self) -> dict[str, list[str]]:
        """The types of each session's events as they came first, in the order in which they came."""
        stories: dict[str, list[str]] = {}
        known: set[str] = set()
        for event in self.events:
            if event["id"] not in known:
                known.add(event["id"])
                stories.setdefault(event["_id"], []).append(event["type"])
        return stories


@contextmanager
def receiving() -> Iterator[tuple[Received, str]]:
    """A receiver and its URL."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(received.take(self.headers["Matchline-Signature"], body))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield received, f"http://127.0.0.1:{server.server_port}/events"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
