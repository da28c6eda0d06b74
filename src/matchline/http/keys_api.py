"""API keys in the administration API: created, listed, revoked. A key's secret is shown once, when it is made."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from matchline.clock import Instant, moment
from matchline.engine import Engine
from matchline.errors import (
    BadParameter,
    ConfigurationChanged,
    MalformedBody,
    TooLarge,
    UnknownApiKey,
    UnsupportedMediaType,
)
from matchline.http.answers import json_answer
from matchline.http.json_body import read_json
from matchline.http.operation import JSON, Body, Operation, texts
from matchline.model import Key
from matchline.options import NO_NUL, Schema
from matchline.principal import Scope
from matchline.wire import BASE_PATH

MAX_NAME = 200  # characters, of a key and of what it is limited to
MAX_NAMES = 1000  # services or resource groups that a key is limited to

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME, pattern=NO_NUL)]
_Names = Annotated[list[_Name], msgspec.Meta(min_length=1, max_length=MAX_NAMES)]

_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_NAME, "pattern": NO_NUL}
_NAMES: Schema = {"type": "array", "minItems": 1, "maxItems": MAX_NAMES, "items": _NAME}
_WANTED: Schema = {
    "type": "object",
    "required": ["name", "scopes"],
    "properties": {
        "name": _NAME,
        "scopes": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(Scope)}},
        "services": {**_NAMES, "description": "The only services that it may ask; any, unless given."},
        "groups": {**_NAMES, "description": "The only resource groups that it may use; any, unless given."},
    },
}
_LIST: Schema = {"type": "array", "items": {"type": "string"}}
_KEY: Schema = {
    "type": "object",
    "required": ["id", "name", "scopes", "created_at"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "name", "created_at", "used_at")},
        **dict.fromkeys(("scopes", "services", "groups"), _LIST),
    },
}
_CREATED: Schema = {**_KEY, "required": ["id", "name", "scopes", "created_at", "key"]}
_KEYS: Schema = {
    "type": "object",
    "required": ["keys"],
    "properties": {"keys": {"type": "array", "items": _KEY}},
}


class _Wanted(msgspec.Struct):
    name: _Name
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1)]
    services: _Names | None = None
    groups: _Names | None = None


class KeysApi:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def keys(self, request: Request) -> Response:  # noqa: ARG002
        """The API keys, and when each was last used. Their secrets are not stored."""
        keys = [_shown(key, used_at) for key, used_at in await self._engine.keys.listed()]
        return json_answer({"keys": keys})

    async def create(self, request: Request) -> Response:
        """Create an API key. The answer's `key` is the secret that clients send; it is shown this once."""
        wanted = await read_json(request, _Wanted)
        scopes = frozenset(wanted.scopes)
        if Scope.ADMIN in scopes and (wanted.services or wanted.groups):
            raise BadParameter("scopes", "an administrator cannot be limited to services or groups.")
        key, secret = await self._engine.keys.create(
            wanted.name, scopes, _only(wanted.services), _only(wanted.groups)
        )
        return json_answer({**_shown(key, None), "key": secret})

    async def revoke(self, request: Request) -> Response:
        """Revoke an API key: within a second no node accepts it."""
        key_id = request.path_params["id"]
        await self._engine.keys.revoke(key_id)
        return json_answer({"id": key_id})

    def operations(self) -> tuple[Operation, ...]:
        keys, key = f"{BASE_PATH}/admin/keys", f"{BASE_PATH}/admin/keys/{{id}}"
        body = Body({JSON: _WANTED}, required=True)
        refused = (BadParameter, MalformedBody, TooLarge, UnsupportedMediaType, ConfigurationChanged)
        return (
            Operation("GET", keys, self.keys, _KEYS),
            Operation("POST", keys, self.create, _CREATED, body=body, faults=refused),
            Operation("DELETE", key, self.revoke, texts("id"), faults=(UnknownApiKey, ConfigurationChanged)),
        )


def _only(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _shown(key: Key, used_at: Instant | None) -> dict[str, object]:
    limits = {"services": key.services, "groups": key.groups}
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        **{name: sorted(only) for name, only in limits.items() if only is not None},
        "created_at": moment(key.created_at),
        **({} if used_at is None else {"used_at": moment(used_at)}),
    }
