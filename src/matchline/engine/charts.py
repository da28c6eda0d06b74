"""Charts as their services are asked for them: begun, sent requests, waited for. What runs them is `charts`.

An event is stored before it is acknowledged; whoever runs the chart, on this node or another, stores its answer, and
here it is waited for. This module knows no document but to check it.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

import msgspec

from matchline.chance import Chance
from matchline.clock import SECOND, Clock, steady
from matchline.engine.chart_documents import Documents
from matchline.engine.configure import Keeper
from matchline.engine.service import ORS, Accepted, Answer, ConfiguredService, Request
from matchline.errors import (
    BadParameter,
    Conflict,
    Exhausted,
    IdempotencyConflict,
    NotFound,
    UnknownRequest,
    UnknownSession,
)
from matchline.faults.charts import ChartBusy, ChartEnded, ChartRefusal
from matchline.kept.callback import NewCallback
from matchline.kept.charting import Begun, ChartEvent, ChartState, NewChart, charted
from matchline.model import Idempotency, NewSession, Value, Values
from matchline.observing.masking import Private
from matchline.options import Option
from matchline.scxml.events import Event
from matchline.store import Store
from matchline.wire import CHART_EVENTS_PATH, file_url

LOOK_SECONDS = 0.1  # between looks for an answer that another node may have stored

# A document without these cannot answer the request that begins it, which then is not kept waiting.
_ANSWERING = (b"_request_id", b"matchline:response")

BEGUN_HERE = "scxml/session"  # no configured service can have this name

# Events that only the server makes: who could send them could tell a chart that a call was matched.
OWN_EVENTS = ("interaction", "callback", "error", "done", "session")


def begun_here(declared: Mapping[str, Option]) -> ConfiguredService:
    """What stands for the service of sessions that another server began here: all options have their defaults."""
    return ConfiguredService(BEGUN_HERE, {"_type": ORS, "_service": BEGUN_HERE}, declared)


def is_own(event: str) -> bool:
    return event.split(".", maxsplit=1)[0] in OWN_EVENTS


def demand_request(name: str) -> None:
    """Raises UnknownRequest for a name that no request has."""
    if is_own(name) or not name.split(".", maxsplit=1)[0].strip():
        raise UnknownRequest(name)


class Incoming(Private, Event, frozen=True, omit_defaults=True):
    """An event as it waits for a chart."""

    to: str = ""  # the session within the chart; the chart's own unless it says so


class ChartSettings(msgspec.Struct, frozen=True):
    """What a chart keeps for life of the request that began it."""

    location: str  # where programs may post events
    variables: str  # `_x`, as JSON
    given: dict[str, str | None]  # first values of its variables, as JSON by name
    loads: bool  # whether its document loads others


class ChartAnswer(msgspec.Struct, frozen=True):
    """What a chart responded to a request."""

    kind: Literal["positive", "negative"]
    resultcode: str | None
    content: msgspec.Raw  # JSON


class Charts:
    def __init__(self, store: Store, clock: Clock, chance: Chance, keeper: Keeper) -> None:
        self.documents = Documents(lambda: keeper.current.server.charts)
        self.wake: Callable[[], None] = _nobody_runs_them  # there is something to do
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper
        self._told: dict[str, asyncio.Event] = {}  # requests that wait for an answer

    async def start(self, request: Request, idempotency: Idempotency | None) -> Answer:
        """Begin a session of a service with its chart; what that responds in time.

        Raises UnusableDocument, IdempotencyConflict, ChartRefusal.
        """
        address = self._keeper.current.services[request.service].section.get("_service", "")
        return await self.run(request, address, idempotency)

    async def run(
        self,
        request: Request,
        address: str,
        idempotency: Idempotency | None,
        given: Mapping[str, str] | None = None,
        callback: NewCallback | None = None,
    ) -> Answer:
        """`start` with the chart of a document; `given` are first values of its variables, over all others.

        A callback may raise SlotFull besides.
        """
        document = await self.documents.load(address)
        begun = await self._begin(request, document, idempotency, given or {}, callback)
        seconds = request.number("_response_timeout") if any(word in document for word in _ANSWERING) else 0
        answer = await self._answer(begun.session_id, begun.session_id, seconds)
        return {"_id": begun.session_id, "_data_id": begun.data_id, **(answer or {})}

    async def begin(self, request: Request, address: str, idempotency: Idempotency | None) -> Begun:
        """Begin a session with the chart of a document. Raises UnusableDocument, IdempotencyConflict."""
        return await self._begin(request, await self.documents.load(address), idempotency, {})

    async def _begin(
        self,
        request: Request,
        document: bytes,
        idempotency: Idempotency | None,
        given: Mapping[str, str],
        callback: NewCallback | None = None,
    ) -> Begun:
        now = self._clock.now()
        session_id, data_id = charted(self._chance.new_id(now)), self._chance.new_id(now)
        ttl = self.lifetime(request.number("_ttl"))
        phone_text = request.text("_phone_number")
        if callback:
            ttl += max(0, callback.desired_at - now)
            phone_text = phone_text or callback.phone_text
        new = NewChart(
            NewSession(
                session_id,
                request.service,
                data_id,
                phone_text,
                ttl,
                request.principal.maker,
            ),
            request.given,
            hashlib.sha256(document).hexdigest(),
            document,
            token := self._chance.new_id(now),
            msgspec.json.encode(_settings(request, given, session_id, data_id, token, document)),
            idempotency,
            callback,
        )
        try:
            begun = await self._store.begin_chart(new, now)
        except Conflict:
            raise IdempotencyConflict from None
        self.wake()
        return begun

    def lifetime(self, seconds: int) -> int:
        """Milliseconds that a session lives of which this is asked."""
        return min(seconds, self._keeper.current.server.max_ttl) * SECOND

    async def ask(self, session_id: str, name: str, request: Request) -> Answer:
        """Let a session's chart have a request as an event; what it responds in time.

        Raises UnknownRequest, UnknownSession, ChartEnded, ChartBusy, ChartRefusal.
        """
        demand_request(name)
        request_id = await self.publish(session_id, name, request)
        configured = self._keeper.current.services.get(request.service)
        options = configured.resolve({}, {}) if configured else request.options
        answer = await self._answer(session_id, request_id, int(options.get("_response_timeout") or 0))
        return Accepted({"_id": session_id, "_request_id": request_id}) if answer is None else answer

    async def publish(self, session_id: str, name: str, request: Request) -> str:
        """Let a session's chart have an event with a request's fields, whatever its name; the event's id.

        Raises UnknownSession, ChartEnded, ChartBusy.
        """
        fields = {**request.parameters, **texts_only(request.data)}
        request_id = self.request_id(session_id, name, request)
        data = {**fields, "param": fields, "paramtype": "application/json"}
        event = Incoming(name, data=msgspec.json.encode(data).decode(), sendid=request_id)
        await self.queue(session_id, ChartEvent(request_id, msgspec.json.encode(event)))
        return request_id

    async def post(self, token: str, session: str, event: Event) -> None:
        """An event from a program that a chart told its address. Raises UnknownSession and as `ask` does."""
        if is_own(event.name):
            raise BadParameter("_scxmleventname", "is the name of an event that only the server makes.")
        try:
            session_id = await self._store.chart_at(token)
        except NotFound:
            raise UnknownSession from None
        members = {name: getattr(event, name) for name in event.__struct_fields__}
        to = "" if session == session_id else session
        incoming = Incoming(**members, to=to)
        event_id = self._chance.new_id(self._clock.now())
        await self.queue(session_id, ChartEvent(event_id, msgspec.json.encode(incoming)))

    async def describe(self, session_id: str) -> Answer:
        """How a session's chart fares; nothing for a session that has none."""
        try:
            state = await self._store.chart_state(session_id)
        except NotFound:
            return {}
        return _shown(state)

    def answered(self, request_id: str) -> None:
        """An answer is stored."""
        told = self._told.get(request_id)
        if told:
            told.set()

    async def queue(self, session_id: str, event: ChartEvent) -> None:
        """Raises UnknownSession, ChartEnded, ChartBusy."""
        most = self._keeper.current.server.charts.limits.queued
        try:
            await self._store.queue_event(session_id, event, most, self._clock.now())
        except NotFound:
            raise UnknownSession from None
        except Conflict:
            state = await self._store.chart_state(session_id)
            raise ChartEnded(state.stopped) from None
        except Exhausted:
            raise ChartBusy from None
        self.wake()

    async def _answer(self, session_id: str, request_id: str, seconds: int) -> Answer | None:
        """Raises ChartRefusal."""
        body = await self._response(session_id, request_id, seconds)
        if body is None:
            return None
        answer = msgspec.json.decode(body, type=ChartAnswer)
        content = as_texts(msgspec.json.decode(answer.content))
        members = content if isinstance(content, dict) else {"content": content}
        if answer.kind == "negative":
            raise ChartRefusal(answer.resultcode, members)
        if answer.resultcode is not None:
            members["_resultcode"] = answer.resultcode
        return members

    async def _response(self, session_id: str, request_id: str, seconds: int) -> bytes | None:
        told = self._told.setdefault(request_id, asyncio.Event())
        end = steady() + seconds
        try:
            while (body := await self._store.response(session_id, request_id)) is None and steady() < end:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(LOOK_SECONDS, end - steady())):
                        await told.wait()
        finally:
            self._told.pop(request_id, None)
        return body

    def request_id(self, session_id: str, name: str, request: Request) -> str:
        """The same for the same key of the same client: a request that is repeated is one."""
        if request.idempotency_key is None:
            return self._chance.new_id(self._clock.now())
        parts = f"{request.client}\0{session_id}\0{name}\0{request.idempotency_key}"
        return hashlib.sha256(parts.encode()).hexdigest()


def _nobody_runs_them() -> None:
    """In a process that serves no charts: another does."""


def _settings(
    request: Request, given: Mapping[str, str], session_id: str, data_id: str, token: str, document: bytes
) -> ChartSettings:
    parameters = dict(request.parameters)
    for name, value in request.given.items():
        parameters[name] = file_url(request.base_url, data_id, name) if value.is_file else value.body.decode()
    known = {
        "_id": session_id,
        "_data_id": data_id,
        "_service": request.service,
        "_request_id": session_id,
        "parameters": parameters,
    }
    texts = {**parameters, "_data_id": data_id, **given}
    return ChartSettings(
        f"{request.base_url}{CHART_EVENTS_PATH}{token}",
        msgspec.json.encode(known).decode(),
        {name: msgspec.json.encode(text).decode() for name, text in texts.items()},
        loads=b"src" in document,
    )


def texts_only(data: Values) -> Mapping[str, str]:
    return {name: _text(name, value) for name, value in data.items()}


def _text(name: str, value: Value) -> str:
    if value.is_file:
        raise BadParameter(name, "must not be a file: a chart takes texts; store it with the session's data.")
    return value.body.decode()


def as_texts(value: object) -> object:
    """Every scalar of an answer is a text; null is none."""
    match value:
        case dict():
            return {name: as_texts(member) for name, member in value.items()}
        case list():
            return [as_texts(entry) for entry in value]
        case str():
            return value
        case None:
            return ""
    return msgspec.json.encode(value).decode()


def _shown(state: ChartState) -> Answer:
    if state.ended_at is None:
        return {"_chart": "running", "_chart_states": state.active}
    if state.stopped is None:
        return {"_chart": "ended", "_chart_states": state.active}
    return {"_chart": "stopped", "_chart_states": state.active, "_chart_stopped": state.stopped}
