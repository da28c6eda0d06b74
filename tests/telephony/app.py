"""A running Matchline, and what a customer's app does with it: reserve a number, leave data."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.sections import builtins

from .process import Process

HTTP_LIMIT_SECONDS = 20  # an answer takes milliseconds; only a server that hangs reaches this

EXCLUSIVE = [f"+18005550{n}" for n in range(100, 300)]
SHARED = "+18005550900"
UNUSED = "+18005550901"  # in a group of which nobody asks for a number

# Ten minutes: no reservation may expire under a test, however slow the machine is.
CONFIG = f"""
[resources.DNIS]
_allocation_strategy = "CLUSTER"
_booking_expiration_timeout = 600
numbers = {json.dumps(EXCLUSIVE)}

[resources.SHARED]
_allocation_strategy = "RANDOM"
_booking_expiration_timeout = 600
numbers = ["{SHARED}"]

{builtins("request-interaction", "match-interaction")}
"""


@dataclass(frozen=True)
class Reservation:
    id: str
    number: str


class Matchline:
    def __init__(self, folder: Path, lines: str = "") -> None:
        """`lines` are the sections of adapters."""
        config = folder / "matchline.toml"
        config.write_text(CONFIG + lines)
        store = f"sqlite:///{folder / 'matchline.db'}"
        command = [sys.executable, "-m", "matchline", "serve"]
        command += ["--config", str(config), "--store", store, "--port", "0"]
        command += ["--drain-seconds", "0"]  # no load balancer needs time to notice
        self._process = Process(command, folder / "matchline.log")
        self._client = httpx.Client(timeout=HTTP_LIMIT_SECONDS, trust_env=False)
        self._sessions: list[str] = []
        try:
            self.url = self._process.wait_for(r"(http://127\.0\.0\.1:\d+)")
        except AssertionError:
            self.stop()
            raise

    def stop(self) -> None:
        self._client.close()
        self._process.stop()

    @property
    def metrics(self) -> str:
        return self._client.get(f"{self.url}/metrics").text

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections, and does nothing more."""
        self._process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.signal(signal.SIGCONT)

    def wait_for(self, pattern: str) -> str:
        return self._process.wait_for(pattern)

    def ask_for_number(self, **fields: str) -> httpx.Response:
        url = f"{self.url}/genesys/1/service/request-interaction"
        answer = self._client.post(url, data=fields)
        if answer.status_code == 200:
            self._sessions.append(answer.json()["_id"])
        return answer

    def end_sessions(self) -> None:
        """All that were asked for here, for the next test."""
        for session in self._sessions:
            self._client.delete(f"{self.url}/genesys/1/service/{session}")
        self._sessions.clear()

    def reserve(self, **fields: str) -> Reservation:
        answer = self.ask_for_number(**fields)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return Reservation(id=body["_id"], number=body["_access_number"])

    def user_data(self, session: str) -> dict[str, str]:
        url = f"{self.url}/genesys/1/service/{session}/storage"
        answer = self._client.get(url)
        assert answer.status_code == 200, answer.text
        data: dict[str, str] = answer.json()
        return data
