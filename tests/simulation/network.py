"""The nodes, and the way from a caller to one of them and back: where requests are doubled and answers lost."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import httpx

from matchline.chance import Chance
from matchline.clock import ManualClock
from matchline.engine import Engine
from matchline.wire import BASE_PATH
from matchline.wiring import DECLARED, in_process_client

from .gate import FaultyStore, Gate
from .loop import SteppedLoop
from .trace import Trace

T = TypeVar("T")

DOUBLED = 0.1  # of the requests reach two nodes, or one twice

NODES = 3


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    fields: Mapping[str, str] | None = None  # a form
    json: object = None
    key: str | None = None  # Idempotency-Key


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    members: dict[str, Any] = field(default_factory=dict)

    @property
    def unknown(self) -> bool:
        """The caller cannot know whether it took place: it asks again."""
        return self.status == 0 or self.members.get("exception") == "StoreUnavailable"


LOST = Reply(0)


class Network:
    def __init__(
        self, loop: SteppedLoop, random: Random, trace: Trace, clock: ManualClock, chance: Chance
    ) -> None:
        self._loop = loop
        self._random = random
        self._trace = trace
        self._clock = clock
        self._chance = chance
        self.engines: list[Engine] = []
        self._clients: list[httpx.AsyncClient] = []
        self._running: dict[asyncio.Task[Any], None] = {}  # in their order
        self._dying: dict[asyncio.Task[Any], None] = {}

    def connect(self, gate: Gate) -> None:
        """New nodes over a store. The old ones answer no more."""
        self._running, self._dying = {}, self._running
        self.engines = [
            Engine(FaultyStore(gate, node), self._clock, self._chance, DECLARED) for node in range(NODES)
        ]
        self._clients = [in_process_client(engine) for engine in self.engines]

    def cut_off(self) -> None:
        """Who waits for an old node learns that it is gone."""
        for task in self._dying:
            task.cancel()

    async def send(self, request: Request) -> Reply:
        """To any node. LOST when it dies before it answers."""
        tasks = [self._start(request)]
        if self._random.random() < DOUBLED:
            tasks.append(self._start(request))
        await asyncio.wait({tasks[0]})
        return LOST if tasks[0].cancelled() else tasks[0].result()

    def _start(self, request: Request) -> "asyncio.Task[Reply]":
        node = self._random.randrange(NODES)
        return self.start(self._answer(self._clients[node], request))

    def start(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """What dies with the nodes."""
        running = self._running
        task = self._loop.create_task(work)
        running[task] = None
        task.add_done_callback(running.pop)
        return task

    async def _answer(self, client: httpx.AsyncClient, request: Request) -> Reply:
        headers = {"Idempotency-Key": request.key} if request.key else {}
        response = await client.request(
            request.method,
            BASE_PATH + request.path,
            data=request.fields,
            json=request.json,
            headers=headers,
        )
        self._trace.add("answer", f"{request.method} {request.path} {response.status_code} {response.text}")
        self._trace.expect(response.status_code != 500, f"{request} failed: {response.text}")
        return Reply(response.status_code, response.json())
