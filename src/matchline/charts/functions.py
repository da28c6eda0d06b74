"""What charts may ask for by `<send>`: each type, and what it does. The outcome comes back as an event.

`matchline:NAME` ends in the event `NAME.done` or `error.NAME`; Orchestration's actions in the events of its manual.
Each may be done twice when a node fails at the wrong moment, and carries a key by which the second is known.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec

from matchline.charts.fetching import Fetched, Fetching, text_of
from matchline.charts.notifying import Notifying
from matchline.engine import Engine
from matchline.engine.charts import BEGUN_HERE, begun_here
from matchline.engine.service import BUILTIN, MATCHING, ORS, Answer, ConfiguredService, Request, Service
from matchline.errors import UnknownService
from matchline.kept.charting import Effect
from matchline.model import Idempotency, Session, Value
from matchline.principal import EVERYONE, Means, Principal, Scope
from matchline.scxml.effects import Sent
from matchline.scxml.orchestration import FETCH, RESPONSE, START, TERMINATE
from matchline.wire import shown_values

OWN = "matchline:"
OWN_RESPONSE = f"{OWN}response"
OWN_CALLBACK = f"{OWN}callback"
REQUEST_ACCESS = "request-access"


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A message that asks for something, and the session whose chart sent it."""

    effect: Effect
    sent: Sent
    session: Session

    @property
    def members(self) -> dict[str, object]:
        data = msgspec.json.decode(self.sent.event.data or "{}")
        return data if isinstance(data, dict) else {"content": data}

    @property
    def texts(self) -> dict[str, str]:
        """Parameters are texts for the server's own services."""
        return {name: text_of(value) for name, value in self.members.items()}


Function = Callable[["Functions", Asked], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Named:
    """A function, and the names of the events in which it ends."""

    run: Function
    done: str
    failed: str


class Functions:
    def __init__(
        self, engine: Engine, builtins: Mapping[str, Service], fetching: Fetching, notifying: Notifying
    ) -> None:
        self._engine = engine
        self._builtins = builtins
        self._fetching = fetching
        self._notifying = notifying

    async def request_access(self, asked: Asked) -> Answer:
        return await self._ask(REQUEST_ACCESS, {**asked.texts, "_id": asked.session.id})

    async def match_interaction(self, asked: Asked) -> Answer:
        """The key stands for the call's id, where there is none: asked again it gets the same answer."""
        return await self._ask(MATCHING, {"_call_id": asked.effect.key, **asked.texts})

    async def get_data(self, asked: Asked) -> Answer:
        record = await self._engine.records.get(asked.session.data_id, EVERYONE)
        return shown_values(self._engine.keeper.current.server.public_url or "", record.id, record.values)

    async def set_data(self, asked: Asked) -> Answer:
        values = {name: Value.text(text) for name, text in asked.texts.items()}
        await self._engine.records.merge(asked.session.data_id, values, EVERYONE)
        return {}

    async def fetch(self, asked: Asked) -> Answer:
        fetched = await self._fetched(asked)
        return {"status": fetched.status, "content": fetched.content, "headers": fetched.headers}

    async def notify(self, asked: Asked) -> Answer:
        await self._notifying.notify(asked.session, asked.sent.event.name, asked.members, asked.effect)
        return {}

    # Orchestration's

    async def session_fetch(self, asked: Asked) -> Answer:
        fetched = await self._fetched(asked)
        return {"requestid": asked.sent.event.sendid, "content": fetched.content, "hints": fetched.headers}

    async def session_start(self, asked: Asked) -> Answer:
        """A session of the same service and maker, with the chart of the document that is named."""
        current = self._engine.keeper.current
        options = self._service(asked.session.service).resolve({}, {})
        data = {name: Value.text(text) for name, text in asked.texts.items()}
        request = Request(
            asked.session.service,
            options,
            {},
            data,
            {},
            "",
            _maker(asked.session),
            current.server.public_url or "",
        )
        key = hashlib.sha256(f"start\0{asked.effect.key}".encode()).hexdigest()
        begun = await self._engine.charts.begin(request, asked.sent.target or "", Idempotency(key, ""))
        return {"sessionid": begun.session_id}

    async def session_terminate(self, asked: Asked) -> Answer:
        """A session of the same maker."""
        session_id = asked.sent.target or asked.session.id
        await self._engine.reservations.end(session_id, _maker(asked.session))
        return {"sessionid": session_id}

    def _service(self, name: str) -> ConfiguredService:
        """Raises UnknownService."""
        if name == BEGUN_HERE:
            return begun_here(self._builtins[ORS].declared)
        configured = self._engine.keeper.current.services.get(name)
        if configured is None:
            raise UnknownService(name)
        return configured

    async def _fetched(self, asked: Asked) -> Fetched:
        members = asked.members
        method = text_of(members.pop("_method", "get"))
        seconds = members.pop("_timeout", None)
        members.pop("_type", None)
        return await self._fetching.fetch(asked.sent.target or "", method, members, seconds, asked.effect.key)

    async def _ask(self, name: str, parameters: Mapping[str, str]) -> Answer:
        """A built-in, with its own defaults."""
        builtin = self._builtins[name]
        section = {"_type": BUILTIN, "_service": name}
        options = ConfiguredService(name, section, builtin.declared).resolve(parameters, {})
        return await builtin.run(self._engine, Request(name, options, parameters, {}, {}, "", EVERYONE, ""))


def _maker(session: Session) -> Principal:
    """On whose behalf a chart deals with other sessions: an app's chart has no more rights than the app."""
    return (
        Principal(session.maker, "a chart", Means.KEY, frozenset({Scope.APP})) if session.maker else EVERYONE
    )


def _own(name: str, run: Function) -> tuple[str, Named]:
    return OWN + name, Named(run, f"{name}.done", f"error.{name}")


def _orchestration(type_: str, name: str, run: Function) -> tuple[str, Named]:
    return type_, Named(run, f"session.{name}.done", f"error.session.{name}")


FUNCTIONS: Mapping[str, Named] = dict(
    (
        _own(REQUEST_ACCESS, Functions.request_access),
        _own(MATCHING, Functions.match_interaction),
        _own("get-data", Functions.get_data),
        _own("set-data", Functions.set_data),
        _own("fetch", Functions.fetch),
        _own("notify", Functions.notify),
        _orchestration(FETCH, "fetch", Functions.session_fetch),
        _orchestration(START, "start", Functions.session_start),
        _orchestration(TERMINATE, "terminate", Functions.session_terminate),
    )
)

SEND_TYPES = frozenset({*FUNCTIONS, RESPONSE, OWN_RESPONSE, OWN_CALLBACK})
