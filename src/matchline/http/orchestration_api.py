"""This server as the Orchestration Server of another: sessions that are nothing but a chart, under `/scxml/session`.

They belong to no configured service, and those of services cannot be reached here: who may begin a chart here may
tell it anything, also what only the server itself tells charts of services.
"""

from collections.abc import Mapping

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from matchline.engine import Engine
from matchline.engine import service as services
from matchline.engine.charts import BEGUN_HERE, begun_here
from matchline.engine.idempotency import idempotency_of
from matchline.engine.service import ORS
from matchline.errors import BadParameter, Fault, IdempotencyConflict, UnknownRequest, UnknownSession
from matchline.faults.charts import (
    ChartBusy,
    ChartEnded,
    ChartRefusal,
    NoOrchestration,
    UnusableDocument,
)
from matchline.http.answers import json_answer
from matchline.http.body import read_fields
from matchline.http.head import asking
from matchline.http.operation import DATA_BODY, Handler, Operation, texts
from matchline.http.service_api import ASKED_BY, BODY_FAULTS, Builtins, idempotency_key, taken
from matchline.http.stored import base_url
from matchline.model import Session
from matchline.options import Schema
from matchline.principal import APPS

SESSIONS = "/scxml/session"

# A form's fields that are not the chart's.
_SOURCE = "src"
_IDEAL_TIME = "idealtime"


class OrchestrationApi:
    def __init__(self, engine: Engine, builtins: Builtins) -> None:
        self._engine = engine
        self._service = begun_here(builtins[ORS].declared)

    async def start(self, request: Request) -> Response:
        """Begin a chart of the document `src`, with all other fields; its id, and what it responds in time."""
        self._demand_open()
        asked = await self._asked(request)
        if _IDEAL_TIME in asked.data:
            raise BadParameter(_IDEAL_TIME, "is not supported: a session begins at once.")
        data = dict(asked.data)
        source = data.pop(_SOURCE, None)
        if source is None or source.is_file or not source.body:
            raise BadParameter(_SOURCE, "is missing.")
        asked = replace(asked, data=data)
        given = {name: text for name, text in asked.parameters.items() if name == "_data_id"}
        answer = dict(
            await self._engine.charts.run(asked, source.body.decode(), idempotency_of(asked), given)
        )
        del answer["_data_id"]
        return json_answer({"sessionid": answer.pop("_id"), **answer})

    async def ask(self, request: Request) -> Response:
        """Send a chart a request; what it responds."""
        session = await self._session(request)
        asked = await self._asked(request)
        return taken(await self._engine.charts.ask(session.id, request.path_params["request"], asked))

    async def publish(self, request: Request) -> Response:
        """Send a chart an event."""
        session = await self._session(request)
        asked = await self._asked(request)
        await self._engine.charts.publish(session.id, request.path_params["event"], asked)
        return json_answer({})

    async def terminate(self, request: Request) -> Response:
        """End a session and its chart."""
        session = await self._session(request)
        await self._engine.reservations.end(session.id, asking(request))
        return json_answer({"sessionid": session.id})

    async def query(self, request: Request) -> Response:
        """How a chart fares."""
        session = await self._session(request)
        described = await self._engine.charts.describe(session.id)
        return json_answer({"sessionid": session.id, **described})

    def _demand_open(self) -> None:
        if not self._engine.keeper.current.server.charts.sessions:
            raise NoOrchestration

    async def _session(self, request: Request) -> Session:
        """Raises UnknownSession, also for the session of a service."""
        self._demand_open()
        reservations = self._engine.reservations
        session = await reservations.own_session(request.path_params["session"], asking(request))
        if session.service != BEGUN_HERE:
            raise UnknownSession
        return session

    async def _asked(self, request: Request) -> services.Request:
        fields = await read_fields(request, self._engine.keeper.current.server.limits)
        address, _ = request.scope.get("client") or ("", 0)
        by = asking(request)
        return services.Request(
            BEGUN_HERE,
            self._service.resolve(_known(fields.parameters), {}),
            fields.parameters,
            fields.data,
            {},
            by.id or address,
            by,
            base_url(self._engine, request),
            idempotency_key(request),
        )

    def operations(self) -> tuple[Operation, ...]:
        one = f"{SESSIONS}/{{session}}"
        begun = texts("sessionid")
        refused = (NoOrchestration, UnknownSession)
        told = (*refused, ChartEnded, ChartBusy, *BODY_FAULTS)
        started = (NoOrchestration, UnusableDocument, ChartRefusal, IdempotencyConflict, *BODY_FAULTS)
        done: Schema = {"type": "object"}
        asked = (*told, UnknownRequest, ChartRefusal)
        return (
            _posted(f"{SESSIONS}/start", self.start, begun, started),
            _posted(f"{one}/request/{{request}}", self.ask, done, asked),
            _posted(f"{one}/event/{{event}}", self.publish, done, told),
            Operation("POST", f"{one}/terminate", self.terminate, begun, faults=refused, scopes=APPS),
            Operation("GET", f"{one}/query", self.query, begun, faults=refused, scopes=APPS),
        )


def _posted(path: str, handler: Handler, answer: Schema, faults: tuple[type[Fault], ...]) -> Operation:
    return Operation(
        "POST",
        path,
        handler,
        answer,
        body=DATA_BODY,
        parameters=ASKED_BY,
        faults=faults,
        scopes=APPS,
    )


def _known(parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What of another server's parameters is meant for a session here: how long it lives."""
    return {name: text for name, text in parameters.items() if name == "_ttl"}
