"""A running Matchline, and what a customer's app does with it: reserve a number, leave data."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from .process import Process

HTTP_LIMIT_SECONDS = 20  # an answer takes milliseconds; only a server that hangs reaches this

EXCLUSIVE = [f"+18005550{n}" for n in range(100, 200)]
SHARED = "+18005550200"

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

[service.request-interaction]
_type = "builtin"
_service = "request-interaction"

[service.match-interaction]
_type = "builtin"
_service = "match-interaction"
"""


@dataclass(frozen=True)
class Reservation:
    id: str
    number: str


class Matchline:
    def __init__(self, folder: Path) -> None:
        config = folder / "matchline.toml"
        config.write_text(CONFIG)
        store = f"sqlite:///{folder / 'matchline.db'}"
        command = [sys.executable, "-m", "matchline", "serve"]
        command += ["--config", str(config), "--store", store, "--port", "0"]
        command += ["--drain-seconds", "0"]  # no load balancer needs time to notice
        self._process = Process(command, folder / "matchline.log")
        try:
            self.url = self._process.wait_for(r"(http://127\.0\.0\.1:\d+)")
        except AssertionError:
            self.stop()
            raise

    def stop(self) -> None:
        self._process.stop()

    def ask_for_number(self, **fields: str) -> httpx.Response:
        url = f"{self.url}/genesys/1/service/request-interaction"
        return httpx.post(url, data=fields, timeout=HTTP_LIMIT_SECONDS)

    def reserve(self, **fields: str) -> Reservation:
        answer = self.ask_for_number(**fields)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return Reservation(id=body["_id"], number=body["_access_number"])

    def user_data(self, session: str) -> dict[str, str]:
        url = f"{self.url}/genesys/1/service/{session}/storage"
        answer = httpx.get(url, timeout=HTTP_LIMIT_SECONDS)
        assert answer.status_code == 200, answer.text
        data: dict[str, str] = answer.json()
        return data
