"""The API's description (OpenAPI 3.1), made from the same declarations that route and validate."""

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus

from matchline import __version__
from matchline.engine.policy import Configuration
from matchline.engine.service import Service
from matchline.errors import Fault, InternalError, StoreUnavailable
from matchline.http.operation import Operation
from matchline.options import Option, Schema
from matchline.wire import BASE_PATH

_PLACEHOLDER = re.compile(r"\{(\w+)(?::path)?\}")

# Any operation may fail so; what else can happen is declared with each.
_ALWAYS: tuple[type[Fault], ...] = (InternalError, StoreUnavailable)

FAULT: Schema = {
    "type": "object",
    "required": ["exception", "message"],
    "properties": {
        "exception": {"type": "string", "description": "The error's stable name."},
        "message": {"type": "string", "description": "One sentence for the caller."},
    },
}

Groups = Mapping[str, Iterable[Operation]]  # tag → operations


def openapi(groups: Groups, configuration: Configuration, builtins: Mapping[str, Service]) -> Schema:
    paths: dict[str, dict[str, object]] = {}
    for tag, operations in groups.items():
        for operation in operations:
            path = _PLACEHOLDER.sub(r"{\1}", operation.path)
            paths.setdefault(path, {})[operation.method.lower()] = _described(operation, tag)
    for name, configured in sorted(configuration.services.items()):
        described = _service(name, builtins[configured.builtin], configured.requestable)
        paths[f"{BASE_PATH}/service/{name}"] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Matchline", "version": __version__, "description": _ABOUT},
        "servers": [{"url": configuration.server.public_url or "/"}],
        "tags": [{"name": tag} for tag in groups],
        "paths": paths,
        "components": {"schemas": {"Fault": FAULT}},
    }


def _described(operation: Operation, tag: str) -> Schema:
    parameters: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _PLACEHOLDER.findall(operation.path)
    ]
    parameters += [
        {
            "name": parameter.name,
            "in": str(parameter.place),
            "required": parameter.required,
            "description": parameter.doc,
            "schema": {"type": "string"},
        }
        for parameter in operation.parameters
    ]
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
            **_faults(operation.faults),
        },
    }
    if operation.body:
        content = {media_type: {"schema": schema} for media_type, schema in operation.body.content.items()}
        described["requestBody"] = {"required": operation.body.required, "content": content}
    return described


def _operation_id(operation: Operation) -> str:
    words = _PLACEHOLDER.sub(r"\1", operation.path).removeprefix(BASE_PATH)
    return operation.method.lower() + re.sub(r"\W+", "_", words)


def _service(name: str, builtin: Service, requestable: Mapping[str, Option]) -> Schema:
    """One configured service, with the parameters that its requests may have."""
    properties: dict[str, object] = {
        option.name: {**option.kind.schema(), "description": option.doc} for option in requestable.values()
    }
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": {} if builtin.takes_data else True,
    }
    media_types = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json")
    asked: Schema = {
        "tags": ["Configured services"],
        "summary": builtin.summary,
        "operationId": "ask_" + re.sub(r"\W", "_", name),
        "requestBody": {
            "required": False,
            "content": {media_type: {"schema": schema} for media_type in media_types},
        },
        "responses": {
            "200": {
                "description": "Done.",
                "content": {"application/json": {"schema": {"type": "object", "properties": builtin.answer}}},
            },
            **_faults(builtin.faults),
        },
    }
    if not builtin.answers_get:
        return {"post": asked}
    got = {key: value for key, value in asked.items() if key != "requestBody"}
    return {"post": asked, "get": {**got, "operationId": f"{asked['operationId']}_get"}}


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
