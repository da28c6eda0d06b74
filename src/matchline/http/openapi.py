"""The API's description (OpenAPI 3.1), made from the same declarations that route and validate."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from http import HTTPStatus

from matchline import __version__
from matchline.engine.declared import GROUP_PREFIX, SERVICE_PREFIX
from matchline.engine.policy import Configuration
from matchline.engine.service import ConfiguredService, Service
from matchline.errors import Fault, InternalError, NotAllowed, NotAuthenticated, StoreUnavailable
from matchline.faults.refusals import NotOpenToNetwork, TooManyRequests, WrongPort
from matchline.http.operation import FORMS, JSON, KEYS, Operation, Parameter
from matchline.http.service_api import ASKED_BY, BODY_FAULTS
from matchline.http.storage_api import OWNER
from matchline.options import NO_NUL, Schema
from matchline.principal import ANYONE, Scopes
from matchline.wire import BASE_PATH

_PLACEHOLDER = re.compile(r"\{(\w+)(?::path)?\}")

# Any operation may fail so; what else can happen is declared with each.
_ALWAYS: tuple[type[Fault], ...] = (
    *(WrongPort, NotOpenToNetwork, TooManyRequests),
    *(InternalError, StoreUnavailable),
)

# So may any that needs credentials.
_REFUSED: tuple[type[Fault], ...] = (NotAuthenticated, NotAllowed)

FAULT: Schema = {
    "type": "object",
    "required": ["exception", "message"],
    "properties": {
        "exception": {"type": "string", "description": "The error's stable name."},
        "message": {"type": "string", "description": "One sentence for the caller."},
        "_request_id": {"type": "string", "description": "The same as in the header `X-Request-Id`."},
    },
}

SECURITY_SCHEMES: Schema = {
    "password": {"type": "http", "scheme": "basic"},
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, or a token of an identity provider.",
    },
}

Groups = Mapping[str, Iterable[Operation]]  # tag → operations


def openapi(groups: Groups, configuration: Configuration, builtins: Mapping[str, Service]) -> Schema:
    paths: dict[str, dict[str, object]] = {}
    known = _known(configuration)
    secured = partial(_security, closed=configuration.access.is_closed)
    for tag, operations in groups.items():
        for operation in operations:
            path = _PLACEHOLDER.sub(r"{\1}", operation.path)
            described = {**_described(operation, tag, known), **secured(operation.scopes)}
            paths.setdefault(path, {})[operation.method.lower()] = described
    for name, configured in sorted(configuration.services.items()):
        builtin = builtins[configured.builtin]
        asked = _service(configured, builtin, known)
        paths[f"{BASE_PATH}/service/{name}"] = {
            method: {**described, **secured(builtin.scopes)} for method, described in asked.items()
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Matchline", "version": __version__, "description": _ABOUT},
        "servers": [{"url": configuration.server.public_url or "/"}],
        "tags": [{"name": tag} for tag in groups],
        "paths": paths,
        "components": {"schemas": {"Fault": FAULT}, "securitySchemes": SECURITY_SCHEMES},
    }


def _security(scopes: Scopes, *, closed: bool) -> Mapping[str, object]:
    """Which credentials do, with the scopes of which one is needed; none where none are configured."""
    if scopes is ANYONE:
        return {"security": []}
    needed = [{"password": []}, {"key": sorted(scopes)}]
    return {"security": needed if closed else [{}, *needed]}


def _known(configuration: Configuration) -> Mapping[str, Schema]:
    """What the configuration says of parameters, by their names in the path or in a service's body."""
    groups: Schema = {"type": "string", "enum": sorted(configuration.groups)}
    sections = rf"^(server|storage|events|({re.escape(GROUP_PREFIX)}|{re.escape(SERVICE_PREFIX)})[^/]+)$"
    return {
        **({"group": groups, "_resource_group": groups} if configuration.groups else {}),
        "section": {"type": "string", "pattern": sections},
        "customId": {**OWNER, "pattern": NO_NUL},
    }


def _described(operation: Operation, tag: str, known: Mapping[str, Schema]) -> Schema:
    parameters: list[Schema] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": known.get(name, {"type": "string", "minLength": 1}),
        }
        for name in _PLACEHOLDER.findall(operation.path)
    ]
    parameters += map(_parameter, operation.parameters)
    described: dict[str, object] = {
        "tags": [tag],
        "summary": (operation.handler.__doc__ or "").strip(),
        "operationId": _operation_id(operation),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Done.",
                "content": {operation.media_type: {"schema": operation.answer}},
            },
            **_faults(operation.faults if operation.scopes is ANYONE else (*operation.faults, *_REFUSED)),
        },
    }
    if operation.body:
        content = {media_type: {"schema": schema} for media_type, schema in operation.body.content.items()}
        described["requestBody"] = {"required": operation.body.required, "content": content}
    return described


def _parameter(parameter: Parameter) -> Schema:
    return {
        "name": parameter.name,
        "in": str(parameter.place),
        "required": parameter.required,
        "description": parameter.doc,
        "schema": parameter.schema,
    }


def _operation_id(operation: Operation) -> str:
    words = _PLACEHOLDER.sub(r"\1", operation.path).removeprefix(BASE_PATH)
    return operation.method.lower() + re.sub(r"\W+", "_", words)


def _service(
    configured: ConfiguredService, builtin: Service, known: Mapping[str, Schema]
) -> dict[str, Schema]:
    """One configured service, with the parameters that its requests may have."""
    needed = configured.needed
    properties = {
        name: {
            **known.get(name, option.kind.schema()),
            **({"minLength": 1} if name in needed else {}),
            "description": option.doc,
        }
        for name, option in configured.requestable.items()
    }
    form: Schema = {
        "type": "object",
        "required": list(needed),
        "properties": properties,
        "additionalProperties": True,
        "propertyNames": KEYS,
    }
    json = {
        **form,
        "properties": {name: _in_json(schema, needed=name in needed) for name, schema in properties.items()},
    }
    answer: Schema = {"type": "object", "properties": builtin.answer}
    asked: Schema = {
        "tags": ["Configured services"],
        "summary": builtin.summary,
        "operationId": "ask_" + re.sub(r"\W", "_", configured.name),
        "parameters": [_parameter(each) for each in ASKED_BY] if builtin.takes_data else [],
        "requestBody": {
            "required": bool(needed),
            "content": {**{kind: {"schema": form} for kind in FORMS}, JSON: {"schema": json}},
        },
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": answer}}},
            **_faults((*builtin.faults, *BODY_FAULTS, *_REFUSED)),
        },
    }
    if not builtin.answers_get:
        return {"post": asked}
    got = {key: value for key, value in asked.items() if key != "requestBody"}
    return {"post": asked, "get": {**got, "operationId": f"{asked['operationId']}_get"}}


def _in_json(schema: Schema, *, needed: bool) -> Schema:
    """A text may be given as a number or a boolean; null means absent."""
    if schema.get("type") == "string" and "enum" not in schema:
        types = ["string", "number", "boolean"]
        return {**schema, "type": types if needed else [*types, "null"]}
    return schema if needed else {"anyOf": [schema, {"type": "null"}]}


def _faults(faults: Iterable[type[Fault]]) -> dict[str, object]:
    by_status: dict[int, list[type[Fault]]] = {}
    for fault in (*faults, *_ALWAYS):
        by_status.setdefault(fault.status, []).append(fault)
    return dict(_fault_answers(by_status))


def _fault_answers(by_status: Mapping[int, list[type[Fault]]]) -> Iterator[tuple[str, object]]:
    for status, faults in sorted(by_status.items()):
        lines = (f"`{fault.__name__}`: {(fault.__doc__ or '').strip()}" for fault in dict.fromkeys(faults))
        yield (
            str(status),
            {
                "description": f"{HTTPStatus(status).phrase}. " + " ".join(lines),
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}},
            },
        )


_ABOUT = (
    "Which app session does this phone call belong to? An app asks for a number to dial and leaves data; "
    "the contact centre asks which session a call belongs to. Every scalar in an answer is a string."
)
