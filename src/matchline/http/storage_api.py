"""The Storage API: sets of user data with a time to live, under our ids or under the client's own."""

from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from matchline.engine import Engine
from matchline.errors import (
    BadParameter,
    MalformedBody,
    TooLarge,
    UnknownKey,
    UnknownRecord,
    UnknownRoute,
    UnsupportedMediaType,
)
from matchline.http.answers import json_answer
from matchline.http.body import read_data
from matchline.http.head import asking
from matchline.http.operation import ANY_TYPE, BYTES, DATA_BODY, TEXTS, In, Operation, Parameter, texts
from matchline.http.stored import base_url, binary_answer, value_answer
from matchline.model import Record, Value
from matchline.options import Schema
from matchline.principal import APPLICATIONS, APPS
from matchline.wire import BASE_PATH, shown_values

MAX_CUSTOM_ID = 256  # characters; the same for a user's name
REPLACEMENT = "\ufffd"  # stands for what is no UTF-8 in an address: two different ids must not become one

OWNER: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_CUSTOM_ID}
GMS_USER = Parameter("gms_user", In.HEADER, "Whose data it is.", required=True, schema=OWNER)
MAY_BE_MINE = replace(GMS_USER, required=False)  # a value's address serves data of both kinds

_BODY_FAULTS = (BadParameter, MalformedBody, TooLarge, UnsupportedMediaType)


class StorageApi:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(self, request: Request) -> Response:
        """Store data. The last part of the address is the TTL in seconds."""
        values = await self._values(request)
        record_id = await self._engine.records.create(values, request.path_params["id"], asking(request))
        return json_answer({"id": record_id})

    async def get(self, request: Request) -> Response:
        """Stored data."""
        return self._shown(
            request, await self._engine.records.get(request.path_params["id"], asking(request))
        )

    async def delete(self, request: Request) -> Response:
        """Delete stored data."""
        record_id = request.path_params["id"]
        await self._engine.records.delete(record_id, asking(request))
        return json_answer({"id": record_id})

    async def merge(self, request: Request) -> Response:
        """Set keys of stored data. The last part of the address is the TTL in seconds, which starts again."""
        record_id, ttl = request.path_params["id"], request.path_params["key"]
        if "/" in ttl:
            raise UnknownRoute
        values = await self._values(request)
        await self._engine.records.merge(record_id, values, asking(request), ttl)
        return json_answer({"id": record_id})

    async def value(self, request: Request) -> Response:
        """One value of stored data."""
        record_id, key = request.path_params["id"], request.path_params["key"]
        value = await self._value(request)
        return value_answer(base_url(self._engine, request), record_id, key, value)

    async def file(self, request: Request) -> Response:
        """A file of stored data."""
        return binary_answer(await self._value(request))

    async def put_custom(self, request: Request) -> Response:
        """Store data under the client's own id."""
        custom_id, owner = _custom(request)
        values = await self._values(request)
        ttl = request.path_params["ttl"]
        await self._engine.records.put_custom(custom_id, owner, values, ttl, asking(request))
        return json_answer({"id": custom_id})

    async def get_custom(self, request: Request) -> Response:
        """Data under the client's own id."""
        custom_id, owner = _custom(request)
        return self._shown(request, await self._engine.records.get(custom_id, asking(request), owner))

    async def delete_custom(self, request: Request) -> Response:
        """Delete data under the client's own id."""
        custom_id, owner = _custom(request)
        await self._engine.records.delete(custom_id, asking(request), owner)
        return json_answer({"id": custom_id})

    async def _value(self, request: Request) -> Value:
        """One value, of data under the client's own id too when its user asks: answers name such addresses."""
        record_id, key = request.path_params["id"], request.path_params["key"]
        try:
            return await self._engine.records.value(record_id, key, asking(request))
        except UnknownRecord:
            owner = request.headers.get(GMS_USER.name)
            if not owner:
                raise
        values = (await self._engine.records.get(record_id, asking(request), owner)).values
        if key not in values:
            raise UnknownKey(key)
        return values[key]

    def _shown(self, request: Request, record: Record) -> Response:
        return json_answer(shown_values(base_url(self._engine, request), record.id, record.values))

    async def _values(self, request: Request) -> dict[str, Value]:
        """Here a name is a name: one that begins with `_` is data like any other."""
        return await read_data(request, self._engine.keeper.current.server.limits)

    def operations(self) -> tuple[Operation, ...]:
        one = f"{BASE_PATH}/storage/{{id}}"
        key, file = f"{one}/{{key:path}}", f"{BASE_PATH}/storage/binary/{{id}}/{{key:path}}"
        done = texts("id")
        text: Schema = {"type": "string"}
        either = partial(
            Operation,
            parameters=(MAY_BE_MINE,),
            faults=(UnknownRecord, UnknownKey),
            scopes=APPLICATIONS,
        )
        gone = (UnknownRecord,)
        merged = (*_BODY_FAULTS, UnknownRecord)
        return (
            Operation("POST", one, self.create, done, body=DATA_BODY, faults=_BODY_FAULTS, scopes=APPS),
            Operation("GET", one, self.get, TEXTS, faults=gone, scopes=APPLICATIONS),
            Operation("DELETE", one, self.delete, done, faults=gone, scopes=APPS),
            *self._custom_operations(),
            either("GET", file, self.file, BYTES, ANY_TYPE),
            either("GET", key, self.value, text, "text/plain"),
            Operation("POST", key, self.merge, done, body=DATA_BODY, faults=merged, scopes=APPS),
        )

    def _custom_operations(self) -> tuple[Operation, ...]:
        custom = f"{BASE_PATH}/storage/custom/{{customId}}"
        done = texts("id")
        mine = partial(Operation, parameters=(GMS_USER,))
        not_mine = (BadParameter, UnknownRecord)
        refused = (*_BODY_FAULTS, UnknownRecord)
        put = f"{custom}/{{ttl}}"
        return (
            mine("GET", custom, self.get_custom, TEXTS, faults=not_mine, scopes=APPLICATIONS),
            mine("DELETE", custom, self.delete_custom, done, faults=not_mine, scopes=APPS),
            mine("POST", put, self.put_custom, done, body=DATA_BODY, faults=refused, scopes=APPS),
        )


def _custom(request: Request) -> tuple[str, str]:
    custom_id, owner = request.path_params["customId"], request.headers.get(GMS_USER.name, "")
    if not owner:
        raise BadParameter(GMS_USER.name, "the header is missing.")
    for name, text in ((GMS_USER.name, owner), ("customId", custom_id)):
        if len(text) > MAX_CUSTOM_ID or "\0" in text:
            raise BadParameter(name, f"must have at most {MAX_CUSTOM_ID} characters, and no NUL.")
    if REPLACEMENT in custom_id:
        raise BadParameter("customId", "is not valid UTF-8.")
    return custom_id, owner
