"""The Service API: services are asked, and their running sessions are looked at, renewed and ended."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from matchline.engine import Engine
from matchline.engine import service as services
from matchline.errors import (
    AmbiguousMatch,
    BadParameter,
    CodeNeeded,
    IdempotencyConflict,
    MalformedBody,
    NodeOffline,
    NoMatch,
    NotAllowed,
    NotReserved,
    NumbersExhausted,
    TooLarge,
    UnknownKey,
    UnknownRecord,
    UnknownRequest,
    UnknownResourceGroup,
    UnknownService,
    UnknownSession,
    UnsupportedMediaType,
    shown,
)
from matchline.http.answers import json_answer
from matchline.http.body import Fields, read_fields
from matchline.http.head import asking, header
from matchline.http.operation import ANY_TYPE, BYTES, DATA_BODY, TEXTS, In, Operation, Parameter, texts
from matchline.http.stored import base_url, binary_answer, value_answer
from matchline.model import Record, Session, Value
from matchline.options import Schema, substitute
from matchline.options import Value as OptionValue
from matchline.principal import APPLICATIONS, APPS
from matchline.wire import BASE_PATH, shown_values

Builtins = Mapping[str, services.Service]

BODY_FAULTS = (BadParameter, MalformedBody, TooLarge, UnsupportedMediaType)

MAX_IDEMPOTENCY_KEY = 255  # characters
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    In.HEADER,
    "The same key with the same request gets the first answer again, while the session lives.",
    schema={"type": "string", "maxLength": MAX_IDEMPOTENCY_KEY},
)
ASKED_BY = (IDEMPOTENCY_KEY,)

ASK_FAULTS = (
    *BODY_FAULTS,
    *(UnknownResourceGroup, UnknownService, UnknownSession, NoMatch),
    *(AmbiguousMatch, CodeNeeded, IdempotencyConflict, NumbersExhausted, NodeOffline),
)


class ServiceApi:
    def __init__(self, engine: Engine, builtins: Builtins) -> None:
        self._engine = engine
        self._builtins = builtins

    async def ask(self, request: Request) -> Response:
        """Ask a configured service."""
        name = request.path_params["name"]
        configured = self._engine.keeper.current.services.get(name)
        if configured is None:
            raise UnknownService(name)
        asked = await self.asked(request, configured)
        return taken(await self._builtins[configured.builtin].run(self._engine, asked))

    async def asked(self, request: Request, configured: services.ConfiguredService) -> services.Request:
        """What a request asks of a configured service. Raises NotAllowed."""
        by = asking(request)
        if not by.may_ask(configured.name) or self._builtins[configured.builtin].scopes.isdisjoint(by.scopes):
            raise NotAllowed(f"the service {shown(configured.name)}")
        fields = await self._fields(request)
        options = configured.resolve(fields.parameters, fields.data)
        return self._request(request, configured.name, fields, options, _extra_data(configured, fields))

    async def look(self, request: Request) -> Response:
        """A running session. (A service that answers GET is asked.)"""
        name = request.path_params["name"]
        configured = self._engine.keeper.current.services.get(name)
        if configured and self._builtins[configured.builtin].answers_get:
            return await self.ask(request)
        session = await self._engine.reservations.session(name, asking(request))
        return json_answer({**self._session(session), **await self._described(session)})

    async def end(self, request: Request) -> Response:
        """End a session: its number is released, its data is deleted."""
        session_id = request.path_params["name"]
        await self._engine.reservations.end(session_id, asking(request))
        return json_answer({"_id": session_id})

    async def ask_session(self, request: Request) -> Response:
        """Ask a running session: `update` its data, `renew` its reservation, or what its chart takes."""
        session_id, name = request.path_params["id"], request.path_params["request"]
        session = await self._engine.reservations.own_session(session_id, asking(request))
        configured = self._engine.keeper.current.services.get(session.service)
        builtin = self._builtins[configured.builtin] if configured else None
        run = builtin.request(name) if builtin else None
        if run is None:
            raise UnknownRequest(name)
        fields = await self._fields(request)
        asked = self._request(request, session.service, fields, {}, {})
        return taken(await run(self._engine, session_id, asked))

    async def data(self, request: Request) -> Response:
        """A session's data; none when its record was deleted."""
        session = await self._session_of(request)
        try:
            record = await self._engine.records.get(session.data_id, asking(request))
        except UnknownRecord:
            session = await self._session_of(request)  # it may have ended since, and its data with it
            record = Record(session.data_id, None, session.ends_at, {})
        return json_answer(shown_values(base_url(self._engine, request), record.id, record.values))

    async def merge_data(self, request: Request) -> Response:
        """Set keys of a session's data."""
        session = await self._own_session(request)
        fields = await self._fields(request)
        await self._engine.records.merge(session.data_id, fields.data, asking(request))
        return json_answer({"_id": session.id})

    async def value(self, request: Request) -> Response:
        """One value of a session's data."""
        session = await self._session_of(request)
        key = request.path_params["key"]
        value = await self._value(request, session, key)
        return value_answer(base_url(self._engine, request), session.data_id, key, value)

    async def file(self, request: Request) -> Response:
        """A file of a session's data."""
        session = await self._session_of(request)
        return binary_answer(await self._value(request, session, request.path_params["key"]))

    async def delete_value(self, request: Request) -> Response:
        """Remove one key of a session's data."""
        session = await self._own_session(request)
        key = request.path_params["key"]
        try:
            await self._engine.records.delete_value(session.data_id, key, asking(request))
        except UnknownRecord:
            raise UnknownKey(key) from None
        return json_answer({"_id": session.id})

    async def _described(self, session: Session) -> services.Answer:
        """What the session's service has to say of it."""
        configured = self._engine.keeper.current.services.get(session.service)
        describe = self._builtins[configured.builtin].describe if configured else None
        return await describe(self._engine, session.id) if describe else {}

    async def _fields(self, request: Request) -> Fields:
        return await read_fields(request, self._engine.keeper.current.server.limits)

    async def _session_of(self, request: Request) -> Session:
        return await self._engine.reservations.session(request.path_params["id"], asking(request))

    async def _own_session(self, request: Request) -> Session:
        return await self._engine.reservations.own_session(request.path_params["id"], asking(request))

    async def _value(self, request: Request, session: Session, key: str) -> Value:
        try:
            return await self._engine.records.value(session.data_id, key, asking(request))
        except UnknownRecord:
            raise UnknownKey(key) from None

    def _session(self, session: Session) -> dict[str, str]:
        left = self._engine.reservations.seconds_left
        answer = {
            "_id": session.id,
            "_service": session.service,
            "_data_id": session.data_id,
            "_state": "matched" if session.matched else "waiting",
            "_ttl_left": str(left(session.ends_at)),
        }
        if session.held:
            answer["_access_number"] = session.held.number
            answer["_expiration_time"] = str(left(session.held.expires_at))
            if session.held.code:
                answer["_access_code"] = session.held.code
        return answer

    def _request(
        self,
        request: Request,
        name: str,
        fields: Fields,
        options: Mapping[str, OptionValue | None],
        extras: Mapping[str, Value],
    ) -> services.Request:
        key = idempotency_key(request)
        by = asking(request)
        address, _ = request.scope.get("client") or ("", 0)
        here = base_url(self._engine, request)
        client = by.id or address
        return services.Request(name, options, fields.parameters, fields.data, extras, client, by, here, key)

    def operations(self) -> tuple[Operation, ...]:
        one = f"{BASE_PATH}/service/{{name}}"
        requests = f"{BASE_PATH}/service/{{id}}/{{request}}"
        look = texts("_id", "_service", "_data_id", "_state", "_ttl_left")
        done = texts("_id")
        looked = (UnknownSession, *BODY_FAULTS)
        refused = (UnknownSession, UnknownRequest, UnknownRecord, NotReserved, *BODY_FAULTS)
        return (
            Operation(
                "POST",
                one,
                self.ask,
                {"type": "object"},
                body=DATA_BODY,
                parameters=ASKED_BY,
                faults=ASK_FAULTS,
                scopes=APPLICATIONS,
            ),
            Operation("GET", one, self.look, look, faults=looked, scopes=APPLICATIONS),
            Operation("DELETE", one, self.end, done, faults=(UnknownSession,), scopes=APPS),
            *self._data_operations(),
            Operation("POST", requests, self.ask_session, done, body=DATA_BODY, faults=refused, scopes=APPS),
            Operation("GET", requests, self.ask_session, done, faults=refused, scopes=APPS),
        )

    def _data_operations(self) -> tuple[Operation, ...]:
        storage = f"{BASE_PATH}/service/{{id}}/storage"
        key, file = f"{storage}/{{key:path}}", f"{storage}/binary/{{key:path}}"
        done = texts("_id")
        text: Schema = {"type": "string"}
        merged = (UnknownSession, UnknownRecord, *BODY_FAULTS)
        no_value = (UnknownSession, UnknownKey)
        readers = APPLICATIONS
        return (
            Operation("GET", storage, self.data, TEXTS, faults=(UnknownSession,), scopes=readers),
            Operation("POST", storage, self.merge_data, done, body=DATA_BODY, faults=merged, scopes=APPS),
            Operation("GET", file, self.file, BYTES, ANY_TYPE, faults=no_value, scopes=readers),
            Operation("GET", key, self.value, text, "text/plain", faults=no_value, scopes=readers),
            Operation("DELETE", key, self.delete_value, done, faults=no_value, scopes=APPS),
        )


def idempotency_key(request: Request) -> str | None:
    key = header(request, b"idempotency-key") or None
    if key and len(key) > MAX_IDEMPOTENCY_KEY:
        raise BadParameter(IDEMPOTENCY_KEY.name, f"must not be longer than {MAX_IDEMPOTENCY_KEY} characters.")
    return key


def taken(answer: services.Answer) -> Response:
    return json_answer(answer, 202 if isinstance(answer, services.Accepted) else 200)


def _extra_data(configured: services.ConfiguredService, fields: Fields) -> dict[str, Value]:
    """Parameters of the service section's own are user data, unless the request brings its own."""
    return {name: Value.text(substitute(text, fields.parameters)) for name, text in configured.extras.items()}
