"""The HTTP API as a test speaks to it: in process, with a clock that the test moves, every answer checked."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from matchline.clock import ManualClock
from matchline.engine import Engine
from matchline.wire import BASE_PATH
from matchline.wiring import in_process_client
from tests.privacy.hearing import HEARING
from tests.sections import STANDARD

NUMBERS = ("+1 800 555 0100", "+1 800 555 0101", "+1 800 555 0102")  # the exclusive group DNIS
SHARED = "+1 800 555 0190"  # the only number of the group SHARED
GRACE = "+1 800 555 0180"  # the only number of the group GRACE, where calls may come late

CALLER, STRANGER = "+14155550123", "+14155550199"

BOOKING, COOLDOWN, LATE_GRACE = 30, 15, 10  # seconds, as configured below

CONFIGURATION = f"""
[server]
default_region = "US"

[resources.DNIS]
_booking_expiration_timeout = {BOOKING}
_cooldown = {COOLDOWN}
numbers = {json.dumps(NUMBERS)}

[resources.GRACE]
_booking_expiration_timeout = {BOOKING}
_cooldown = {COOLDOWN}
_late_grace = {LATE_GRACE}
numbers = ["{GRACE}"]

[resources.SHARED]
_allocation_strategy = "ROUND_ROBIN"
_booking_expiration_timeout = {BOOKING}
numbers = ["{SHARED}"]

[resources.EMPTY]
_allocation_strategy = "CLUSTER"

{STANDARD}
"""


class Api:
    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine = engine
        self.clock = clock
        self.client = in_process_client(engine)
        self.client.event_hooks = {"response": [check_answer]}

    async def send(self, method: str, path: str, **how: Any) -> httpx.Response:
        """A request below the base path, or of a whole URL that an answer gave."""
        address = path if path.startswith("http") else BASE_PATH + path
        return await self.client.request(method, address, **how)

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.send("GET", path, **how)

    async def post(self, path: str, **how: Any) -> httpx.Response:
        return await self.send("POST", path, **how)

    async def delete(self, path: str, **how: Any) -> httpx.Response:
        return await self.send("DELETE", path, **how)

    async def ask(self, service: str, fields: Mapping[str, str] | None = None, **how: Any) -> httpx.Response:
        return await self.post(f"/service/{service}", data=fields or {}, **how)

    async def reserve(self, **fields: str) -> dict[str, Any]:
        """A session, as request-interaction answers it."""
        return body(await self.ask("request-interaction", fields))

    async def access(self, **fields: str) -> httpx.Response:
        return await self.ask("request-access", fields)

    async def match(self, number: str, **fields: str) -> httpx.Response:
        return await self.ask("match-interaction", {"_access_number": number, **fields})

    async def store(self, data: Mapping[str, str], ttl: str = "60") -> str:
        """A record's id."""
        return str(body(await self.post(f"/storage/{ttl}", json=data))["id"])

    async def configure(self, section: str, **options: str | None) -> dict[str, Any]:
        return body(await self.send("PATCH", f"/admin/options/{section}", json=options))

    async def pool(self, group: str = "DNIS") -> dict[str, str]:
        """How many numbers of a group are free, reserved and cooling."""
        answer = body(await self.get(f"/admin/resources/{group}"))
        return {name: answer[name] for name in ("free", "reserved", "cooling")}


def body(response: httpx.Response) -> dict[str, Any]:
    """The members of a successful JSON answer."""
    assert response.status_code == 200, f"{response.status_code} {response.text}"
    members = response.json()
    assert isinstance(members, dict)
    return members


def fault(response: httpx.Response, status: int, exception: str) -> str:
    """The message of an answer that must be this fault."""
    found = (response.status_code, response.json().get("exception"))
    assert found == (status, exception), f"{response.status_code} {response.text}"
    return str(response.json()["message"])


async def check_answer(response: httpx.Response) -> None:
    """What holds for every answer: scalars are strings, and faults have their one shape."""
    await response.aread()
    if response.request.method == "HEAD" or response.request.url.path == "/openapi.json":
        return
    if response.headers.get("content-type") == "application/json":
        members = response.json()
        check_scalars(members)
        if isinstance(members, dict):
            HEARING.keep(members.get("_access_code", ""))
    if response.status_code >= 400:
        check_fault(response)


def check_scalars(value: object) -> None:
    match value:
        case dict():
            for member in value.values():
                check_scalars(member)
        case list():
            for entry in value:
                check_scalars(entry)
        case _:
            assert isinstance(value, str), f"{value!r} is no string"


def check_fault(response: httpx.Response) -> None:
    assert response.headers["content-type"] == "application/json"
    members = response.json()
    assert members["exception"].isidentifier()
    assert members["message"].endswith(".") or members["exception"] == "InvalidConfiguration"
    assert "\n" not in members["message"], "one sentence"
    for leak in ("Traceback", "matchline.", "sqlite", "SELECT "):
        assert leak not in members["message"]
    documented = members["exception"] == "OrchestrationUnavailable"  # the one that clients of GMS know
    assert response.status_code != 500 or documented, response.text
    if response.status_code == 503:
        assert int(response.headers["retry-after"]) >= 1
