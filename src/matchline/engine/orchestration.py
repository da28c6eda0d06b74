"""Sessions whose chart an external Orchestration Server runs: begun there, asked there; `charts` tells and ends it.

Such a session is one like all others here. Where its chart runs is stored by the step that takes the event `BEGAN`,
so that any node can ask, and what happens to its reservation waits as events do for a chart of our own. HTTP is
`charts`' matter; whatever a server may have taken once is sent again only as `Kind` says.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from urllib.parse import quote

import msgspec

from matchline.chance import Chance
from matchline.clock import SECOND, Clock, steady
from matchline.engine.charts import LOOK_SECONDS, Charts, as_texts, demand_request, texts_only
from matchline.engine.configure import Keeper
from matchline.engine.orchestration_policy import OrchestrationPolicy, orchestration_policy
from matchline.engine.service import Answer, Request
from matchline.errors import Conflict, Fault, IdempotencyConflict, NotFound, UnknownSession
from matchline.faults.charts import (
    ChartEnded,
    ChartRefusal,
    OrchestrationFailed,
    OrchestrationUnavailable,
)
from matchline.kept.charting import ChartEvent, NewChart, elsewhere, event_body
from matchline.model import Idempotency, NewSession
from matchline.store import Store
from matchline.wire import file_url

BEGAN = "matchline.began"  # the event that brings where the chart runs

BEGIN_SECONDS = 10.0  # until that is stored by whoever takes the event, on a busy machine too

# What a server answers that has the session no more.
GONE = frozenset({404, 409, 410})

# Members of the answer to a start that may be the session's id; which one a server uses, its manual does not say.
_IDS = ("sessionid", "_id", "id")


class Kind(Enum):
    """What is sent to a server; the value tells whether it is sent again when it may have been taken already.

    Ending and looking do no more the second time. An event that is lost is worse than one that comes twice with the
    same key. A second start could call a customer twice, and a request is whatever its chart makes of it.
    """

    START = "start", False
    REQUEST = "request", False
    EVENT = "event", True
    TERMINATE = "terminate", True
    QUERY = "query", True

    @property
    def repeatable(self) -> bool:
        return self.value[1]


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """What is sent; `key` is the same each time that it is sent."""

    kind: Kind
    path: str  # behind `/scxml/session/`
    fields: Mapping[str, str]
    key: str


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What a server answered, after redirections."""

    server: str  # its URL, before `/scxml/session/`
    status: int
    content: object  # of JSON, else a text


class Client(Protocol):
    async def send(self, call: Call, policy: OrchestrationPolicy, server: str | None) -> Reply:
        """To the server that has the session first. Raises OrchestrationUnavailable, OrchestrationUnanswered."""
        ...


class _NoClient:
    async def send(self, call: Call, policy: OrchestrationPolicy, server: str | None) -> Reply:  # noqa: ARG002
        """In a process that runs no charts."""
        raise OrchestrationUnavailable


class Place(msgspec.Struct, frozen=True):
    """Where a chart runs."""

    server: str
    session: str  # its id there
    service: str = (
        ""  # whose options say how its server is reached; kept here for when the session is no more
    )

    def path(self, *parts: str) -> str:
        return "/".join(quote(part, safe="~") for part in (self.session, *parts))


class Orchestration:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        chance: Chance,
        keeper: Keeper,
        charts: Charts,
    ) -> None:
        self.client: Client = _NoClient()
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper
        self._charts = charts

    def serves(self, service: str) -> bool:
        """Whether the charts of this service run elsewhere."""
        return bool(self.policy(service).servers)

    def policy(self, service: str) -> OrchestrationPolicy:
        current = self._keeper.current
        configured = current.services.get(service)
        return orchestration_policy(
            configured.section if configured else {}, current.sections.get("server", {})
        )

    async def start(self, request: Request, idempotency: Idempotency | None) -> Answer:
        """Begin a session here and its chart there; nothing stays of one that could not be begun.

        Raises OrchestrationUnavailable, OrchestrationUnanswered, OrchestrationFailed, ChartRefusal,
        IdempotencyConflict.
        """
        new = self._new(request, idempotency)
        session_id = new.session.id
        try:
            begun = await self._store.begin_chart(new, self._clock.now())
        except Conflict:
            raise IdempotencyConflict from None
        answer = {"_id": begun.session_id, "_data_id": begun.data_id}
        if begun.session_id != session_id:
            return answer
        place = None
        try:
            members, place = await self._started(request, new)
            await self._began(session_id, place)
        except BaseException:
            await self._give_up(session_id, place)
            raise
        return {**answer, **members}

    async def _give_up(self, session_id: str, place: Place | None) -> None:
        """A chart whose place could not be stored is ended now or never."""
        if place:
            call = Call(Kind.TERMINATE, place.path("terminate"), {}, key_of(session_id, "terminate"))
            with suppress(Fault):
                await self.client.send(call, self.policy(place.service), place.server)
        await self._store.end(session_id, self._clock.now())

    async def ask(self, session_id: str, name: str, request: Request) -> Answer:
        """What the session's chart answers. Raises as `start` does, UnknownRequest, UnknownSession, ChartEnded."""
        demand_request(name)
        place = await self._place(session_id)
        fields = {**request.parameters, **texts_only(request.data)}
        key = self._charts.request_id(session_id, name, request)
        return await self._asked(
            request.service, Call(Kind.REQUEST, place.path("request", name), fields, key), place
        )

    async def describe(self, session_id: str) -> Answer:
        """What its server tells of the chart."""
        try:
            session = await self._store.session(session_id, self._clock.now())
            place = await self._place(session_id)
            call = Call(Kind.QUERY, place.path("query"), {}, key_of(session_id, "query"))
            told = await self._asked(session.service, call, place)
        except ChartEnded:
            return {"_chart": "ended"}
        except (Fault, NotFound):
            return {"_chart": "unknown"}
        return {"_chart": "elsewhere", "_chart_query": told}

    def _new(self, request: Request, idempotency: Idempotency | None) -> NewChart:
        now = self._clock.now()
        ttl = min(request.number("_ttl"), self._keeper.current.server.max_ttl) * SECOND
        session_id, data_id = elsewhere(self._chance.new_id(now)), self._chance.new_id(now)
        phone, maker = request.text("_phone_number"), request.principal.maker
        return NewChart(
            NewSession(session_id, request.service, data_id, phone, ttl, maker),
            request.given,
            hashlib.sha256().hexdigest(),
            b"",
            self._chance.new_id(now),
            b"{}",
            idempotency,
        )

    async def _started(self, request: Request, new: NewChart) -> tuple[Mapping[str, object], Place]:
        configured = self._keeper.current.services[request.service]
        fields = dict(request.parameters)
        for name, value in new.values.items():
            is_file = value.is_file
            fields[name] = (
                file_url(request.base_url, new.session.data_id, name) if is_file else value.body.decode()
            )
        fields |= {
            "src": configured.section.get("_service", ""),
            "_data_id": new.session.data_id,
            "_id": new.session.id,
        }
        call = Call(Kind.START, "start", fields, key_of(new.session.id, "start"))
        reply = await self.client.send(call, self.policy(request.service), None)
        members = dict(_members(reply))
        name = next((each for each in _IDS if isinstance(members.get(each), str)), "content")
        found = members.pop(name, None)
        if not isinstance(found, str) or not found.strip() or len(found.split()) > 1:
            raise OrchestrationFailed(reply.status)
        for own in ("_id", "_data_id"):
            members.pop(own, None)
        return members, Place(reply.server, found.strip(), request.service)

    async def _asked(self, service: str, call: Call, place: Place) -> Answer:
        return _members(await self.client.send(call, self.policy(service), place.server))

    async def _began(self, session_id: str, place: Place) -> None:
        """Store where the chart runs, and return when it can be asked there."""
        body = event_body(BEGAN, msgspec.to_builtins(place))
        await self._charts.queue(session_id, ChartEvent(key_of(session_id, BEGAN), body))
        await self._place(session_id)

    async def _place(self, session_id: str) -> Place:
        """Raises UnknownSession, ChartEnded, OrchestrationUnavailable when it is not known in time."""
        end = steady() + BEGIN_SECONDS
        while steady() < end:
            try:
                state = await self._store.chart_state(session_id)
            except NotFound:
                raise UnknownSession from None
            if state.ended_at is not None:
                raise ChartEnded(state.stopped)
            if state.active:
                return msgspec.json.decode(state.active, type=Place)
            await asyncio.sleep(LOOK_SECONDS / 10)
        raise OrchestrationUnavailable


def key_of(*parts: str) -> str:
    """The key of what is sent about these: the same each time."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _members(reply: Reply) -> Mapping[str, object]:
    """Of an answer that is one. Raises ChartRefusal, ChartEnded, OrchestrationFailed."""
    content = as_texts(reply.content)
    members = content if isinstance(content, dict) else {"content": content}
    if reply.status < 300:
        return {} if content == "" else members
    if reply.status == 400:
        code = members.pop("_resultcode", None)
        raise ChartRefusal(code if isinstance(code, str) else None, members)
    if reply.status in GONE:
        raise ChartEnded(None)
    raise OrchestrationFailed(reply.status)
