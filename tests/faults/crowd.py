"""Clients that reserve, match, write and configure, and ask again what was not answered."""

import json
import random
from collections.abc import Callable
from itertools import count
from typing import Any

import anyio
import httpx

from tests.acceptance.command import LIMIT_SECONDS

from .ledger import ABSENT, MARK, MATCHED, OWNER, PRESENT, WAITING, Deed, Grant, Ledger, Request

EXCLUSIVE_NUMBERS = 60
WORKERS = 5
MOST_WAITING = 8  # sessions of a worker; all of them together fit into the exclusive group
LIFE_SECONDS = 1800  # the longest reservation: nothing ends by itself while a test runs
ATTEMPTS = 10  # of one request; a restart costs one or two

CONFIGURATION = f"""
[resources.OWN]
_booking_expiration_timeout = {LIFE_SECONDS}
_cooldown = 0
numbers = {json.dumps([f"+1800555{n}" for n in range(1000, 1000 + EXCLUSIVE_NUMBERS)])}

[resources.SHARED]
_allocation_strategy = "RANDOM"
_booking_expiration_timeout = {LIFE_SECONDS}
_cooldown = 0
numbers = ["+18005560001", "+18005560002"]

[resources.SPARE]
numbers = []

[service.request-interaction]
_type = "builtin"
_service = "request-interaction"
_ttl = {LIFE_SECONDS}

[service.match-interaction]
_type = "builtin"
_service = "match-interaction"
_return_user_data = true

[service.noted]
_type = "builtin"
_service = "get"
"""

API = "/genesys/1"
ASK = f"{API}/service"
SPARE = f"{API}/admin/resources/SPARE/numbers"


class Client:
    """One client, whose deeds are noted in the ledger before they are asked for and when they are answered."""

    def __init__(self, url: Callable[[], httpx.URL], ledger: Ledger, marks: "count[int]", seed: str) -> None:
        self._url = url
        self._ledger = ledger
        self._marks = marks
        self.chance = random.Random(seed)
        self._http = httpx.AsyncClient(timeout=LIMIT_SECONDS, trust_env=False)
        self.deeds: dict[str, tuple[Deed, Grant | None]] = {}

    def mark(self) -> str:
        return f"m-{next(self._marks):06}"

    async def close(self) -> None:
        await self._http.aclose()

    async def do(self, mark: str, thing: str, becomes: str, request: Request) -> Any:
        deed = Deed(mark, thing, becomes, request)
        self._ledger.asked(deed)
        answer, repeated = await self._ask(deed)
        done = answer.status_code == 200 or (repeated and becomes == ABSENT and answer.status_code == 404)
        assert done, f"{deed}: {answer.status_code} {answer.text}"
        body = answer.json()
        grant = _grant(body) if becomes == WAITING else None
        self._ledger.answered(deed, grant)
        self.deeds[mark] = deed, grant
        return body

    async def _ask(self, deed: Deed) -> tuple[httpx.Response, bool]:
        """The answer, and whether the request was sent more than once."""
        asked = deed.request
        for attempt in range(ATTEMPTS):
            try:
                answer = await self._http.request(
                    asked.method,
                    self._url().join(asked.path),
                    data=asked.form,
                    json=asked.json,
                    headers={**asked.headers, MARK: deed.mark},
                )
            except httpx.TransportError:
                continue
            self._ledger.in_flight += attempt > 0
            return answer, attempt > 0
        raise AssertionError(f"{deed} is never answered")


class Worker:
    """Reserves and matches, and keeps a few records."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        self._waiting: dict[str, Grant] = {}  # by the mark of the reservation

    async def act(self) -> None:
        chance = self._client.chance
        await chance.choices((self._reserve, self._settle, self._write), (5, 5, 2))[0]()

    async def _reserve(self) -> None:
        if len(self._waiting) >= MOST_WAITING:
            await self._settle()
            return
        mark = self._client.mark()
        form = {"mark": mark, "twin": mark, "_resource_group": "OWN"}
        if self._client.chance.random() < 0.4:
            form |= {"_resource_group": "SHARED", "_provide_code": "true", "_access_code_length": "4"}
        request = Request("POST", f"{ASK}/request-interaction", form, headers={"Idempotency-Key": mark})
        self._waiting[mark] = _grant(await self._client.do(mark, f"session {mark}", WAITING, request))

    async def _settle(self) -> None:
        if not self._waiting:
            return
        session = self._client.chance.choice(list(self._waiting))
        grant = self._waiting.pop(session)
        way = self._client.chance.choices((self._match, self._end), (4, 1))[0]
        await way(session, grant)

    async def _match(self, session: str, grant: Grant) -> None:
        mark = self._client.mark()
        form = {"_access_number": grant.number, "_call_id": mark}
        if grant.code:
            form["_access_code"] = grant.code
        becomes = MATCHED
        if self._client.chance.random() < 0.2:
            form["_delete_service"] = "true"
            becomes = ABSENT
        request = Request("POST", f"{ASK}/match-interaction", form)
        body = await self._client.do(mark, f"session {session}", becomes, request)
        assert body["_id"] == grant.session
        assert body["user_data"] == {"mark": session, "twin": session}

    async def _end(self, session: str, grant: Grant) -> None:
        request = Request("DELETE", f"{ASK}/{grant.session}")
        await self._client.do(self._client.mark(), f"session {session}", ABSENT, request)

    async def _write(self) -> None:
        mark = self._client.mark()
        record = f"{self._name}-{self._client.chance.randrange(4)}"
        path = f"{API}/storage/custom/{record}/{LIFE_SECONDS}"
        request = Request("POST", path, {"left": mark, "right": mark}, headers={"gms_user": OWNER})
        await self._client.do(mark, f"record {record}", mark, request)


class Administrator:
    """Changes options, adds numbers and takes them away."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._added: list[str] = []

    async def act(self) -> None:
        chance = self._client.chance
        await chance.choice((self._set_options, self._add_number, self._remove_number))()

    async def _set_options(self) -> None:
        mark = self._client.mark()
        request = Request("PATCH", f"{API}/admin/options/service.noted", json={"left": mark, "right": mark})
        await self._client.do(mark, "options", mark, request)

    async def _add_number(self) -> None:
        mark = self._client.mark()
        number = f"+1900{mark.removeprefix('m-'):0>7}"
        request = Request("POST", SPARE, json={"numbers": [number]})
        await self._client.do(mark, f"number {number}", PRESENT, request)
        self._added.append(number)

    async def _remove_number(self) -> None:
        if not self._added:
            return
        number = self._added.pop()
        request = Request("DELETE", f"{SPARE}/{number}")
        await self._client.do(self._client.mark(), f"number {number}", ABSENT, request)


class Crowd:
    """Workers and an administrator, all of them at once, until they are told to stop or have done enough."""

    def __init__(
        self, url: Callable[[], httpx.URL], ledger: Ledger, seed: int, client: type[Client] = Client
    ) -> None:
        marks = count()
        self.clients = [client(url, ledger, marks, f"{seed}/{n}") for n in range(WORKERS + 1)]
        workers = [Worker(client, f"w{n}") for n, client in enumerate(self.clients[:WORKERS])]
        self._people: list[Worker | Administrator] = [*workers, Administrator(self.clients[-1])]

    async def work(self, times: int | None = None) -> None:
        """Each acts that many times; without end when no number is given."""
        async with anyio.create_task_group() as tasks:
            for person in self._people:
                tasks.start_soon(_act, person, times)

    async def aclose(self) -> None:
        for client in self.clients:
            await client.close()


async def _act(person: Worker | Administrator, times: int | None) -> None:
    for _ in range(times) if times is not None else count():
        await person.act()


def _grant(body: dict[str, str]) -> Grant:
    return Grant(body["_id"], body["_access_number"], body.get("_access_code", ""))
