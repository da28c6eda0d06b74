"""The administration API: options, resource groups and this node, for the commands and other tools."""

import asyncio
from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from matchline import phone
from matchline.engine import Engine
from matchline.engine.audit import is_secret
from matchline.engine.configure import differences
from matchline.engine.document import Document, read
from matchline.engine.policy import Builtins
from matchline.errors import (
    BadParameter,
    ConfigurationChanged,
    InvalidConfiguration,
    MalformedBody,
    TooLarge,
    UnknownOption,
    UnknownResourceGroup,
    UnsupportedMediaType,
    shown,
)
from matchline.http.answers import json_answer, text_answer
from matchline.http.body import read_body
from matchline.http.json_body import MAX_DOCUMENT, expect, read_json
from matchline.http.operation import Body, In, Operation, Parameter, texts
from matchline.model import Number
from matchline.options import NO_NUL, Flag, Option, Schema
from matchline.principal import ANYONE
from matchline.wire import BASE_PATH, TOML

_MAX_VERSION_DIGITS = 18

IF_MATCH = Parameter(
    "If-Match",
    In.HEADER,
    "The version that is to be changed; another is refused with 409.",
    schema={
        "type": "string",
        "pattern": rf'^(\*|[0-9]{{1,{_MAX_VERSION_DIGITS}}}|"[0-9]{{1,{_MAX_VERSION_DIGITS}}}")$',
    },
)
DRY_RUN = Parameter(
    "dry_run",
    In.QUERY,
    "`true`: tell what would be changed, and change nothing.",
    schema=Flag().schema(),
)

_OPTIONS: Schema = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
_NUMBERS: Schema = {
    "type": "object",
    "required": ["numbers"],
    "properties": {
        "numbers": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": phone.MAX_TEXT, "pattern": NO_NUL},
        }
    },
}
_SECTIONS: Schema = {
    "type": "object",
    "required": ["version", "sections"],
    "properties": {
        "version": {"type": "string"},
        "sections": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
}
_CHANGES: Schema = {
    "type": "object",
    "required": ["changes"],
    "properties": {"changes": {"type": "array", "items": {"type": "string"}}},
}

_CHANGE_FAULTS = (
    *(BadParameter, MalformedBody, TooLarge, UnsupportedMediaType),
    *(InvalidConfiguration, ConfigurationChanged, UnknownOption),
)


class AdminApi:
    def __init__(self, engine: Engine, builtins: Builtins) -> None:
        self._engine = engine
        self._builtins = builtins

    async def status(self, request: Request) -> Response:  # noqa: ARG002
        """Whether this node wants work: `ONLINE` or `OFFLINE`."""
        return text_answer("ONLINE" if self._engine.node.online else "OFFLINE")

    async def options(self, request: Request) -> Response:  # noqa: ARG002
        """All sections with their options. Secret ones are left out."""
        current = self._engine.keeper.current
        sections = {name: self._shown(name, options) for name, options in current.sections.items()}
        return json_answer({"version": str(current.version), "sections": sections})

    async def apply(self, request: Request) -> Response:
        """Make every section that a configuration file names as the file says."""
        expect(request, TOML)
        dry = is_dry_run(request)
        body = await read_body(request, MAX_DOCUMENT)
        document = await asyncio.to_thread(self._document, body)  # a long list of numbers takes its time
        if dry:
            changes = await asyncio.to_thread(differences, self._engine.keeper.current, document)
        else:
            changes = await self._engine.keeper.apply(document, _version(request))
        return json_answer({"changes": changes})

    async def section(self, request: Request) -> Response:
        """One section's options."""
        name = request.path_params["section"]
        options = self._engine.keeper.current.sections.get(name)
        if options is None:
            raise UnknownOption(f"There is no section {shown(name)}.")
        return json_answer(self._shown(name, options))

    async def change(self, request: Request) -> Response:
        """Set options of a section; null removes one."""
        name = request.path_params["section"]
        options = await read_json(request, dict[str, str | None])
        if not any(options.values()) and name not in self._engine.keeper.current.sections:
            raise UnknownOption(f"There is no section {shown(name)}.")
        await self._engine.keeper.set_options(name, options, _version(request))
        return json_answer(self._shown(name, self._engine.keeper.current.sections.get(name, {})))

    async def remove(self, request: Request) -> Response:
        """Remove a section. A resource group must have no numbers left."""
        name = request.path_params["section"]
        await self._engine.keeper.remove_section(name, _version(request))
        return json_answer({"section": name})

    async def resources(self, request: Request) -> Response:  # noqa: ARG002
        """The resource groups, each with its strategy and the state of its numbers."""
        groups = [await self._group(name) for name in sorted(self._engine.keeper.current.groups)]
        return json_answer({"groups": groups})

    async def resource(self, request: Request) -> Response:
        """One resource group with its numbers."""
        name = request.path_params["group"]
        group = await self._group(name)
        numbers = [_number(each) for each in self._engine.keeper.current.numbers if each.group == name]
        return json_answer({**group, "numbers": numbers})

    async def add_numbers(self, request: Request) -> Response:
        """Add numbers to a resource group; one that drains is taken back."""
        name, texts_ = self._known_group(request), await read_json(request, _Numbers)
        await self._engine.keeper.add_numbers(name, texts_.numbers, _version(request))
        return json_answer(await self._group(name))

    async def remove_number(self, request: Request) -> Response:
        """Drain a number: no new reservations; it is gone when the last has ended."""
        name = self._known_group(request)
        await self._engine.keeper.remove_numbers(name, [request.path_params["number"]], _version(request))
        return json_answer(await self._group(name))

    def _known_group(self, request: Request) -> str:
        name: str = request.path_params["group"]
        if name not in self._engine.keeper.current.groups:
            raise UnknownResourceGroup(name)
        return name

    async def _group(self, name: str) -> dict[str, object]:
        pool = await self._engine.reservations.pool(name)
        group = self._engine.keeper.current.groups[name]
        answer = {"group": name, "strategy": str(group.strategy), "total": str(pool.total)}
        if not group.strategy.exclusive:
            return {**answer}
        counted = {"free": str(pool.free), "reserved": str(pool.reserved), "cooling": str(pool.cooling)}
        return {**answer, **counted}

    def _document(self, body: bytes) -> Document:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise MalformedBody("The file is not valid UTF-8.") from None
        document, found = read(text, self._builtins)
        if found:
            raise InvalidConfiguration("; ".join(f"line {fault.line}: {fault.message}" for fault in found))
        return document

    def _shown(self, section: str, options: Mapping[str, str]) -> dict[str, str]:
        secrets = {name for name in options if is_secret(section, name, options, self._builtins)}
        return {name: text for name, text in options.items() if name not in secrets}

    def operations(self) -> tuple[Operation, ...]:
        admin = f"{BASE_PATH}/admin"
        options, section = f"{admin}/options", f"{admin}/options/{{section}}"
        groups, group = f"{admin}/resources", f"{admin}/resources/{{group}}"
        numbers, number = f"{group}/numbers", f"{group}/numbers/{{number:path}}"
        described = texts("group", "strategy", "total")
        listed: Schema = {"type": "object", "properties": {"groups": {"type": "array", "items": described}}}
        detailed: Schema = {"type": "object", "required": ["group", "numbers"]}
        versioned = (IF_MATCH,)
        applied = (IF_MATCH, DRY_RUN)
        toml = Body({TOML: {"type": "string"}}, required=True)
        patch = Body({"application/json": _OPTIONS}, required=True)
        added = Body({"application/json": _NUMBERS}, required=True)
        no_group = (UnknownResourceGroup,)
        refused = _CHANGE_FAULTS
        status: Schema = {"type": "string", "enum": ["ONLINE", "OFFLINE"]}
        return (
            Operation("GET", f"{admin}/node/status", self.status, status, "text/plain", scopes=ANYONE),
            Operation("GET", options, self.options, _SECTIONS),
            Operation("POST", options, self.apply, _CHANGES, body=toml, parameters=applied, faults=refused),
            Operation("GET", section, self.section, texts(), faults=(UnknownOption,)),
            Operation(
                "PATCH", section, self.change, texts(), body=patch, parameters=versioned, faults=refused
            ),
            Operation("DELETE", section, self.remove, texts("section"), parameters=versioned, faults=refused),
            Operation("GET", groups, self.resources, listed),
            Operation("GET", group, self.resource, detailed, faults=no_group),
            Operation(
                "POST", numbers, self.add_numbers, described, body=added, parameters=versioned, faults=refused
            ),
            Operation("DELETE", number, self.remove_number, described, parameters=versioned, faults=refused),
        )


class _Numbers(msgspec.Struct):
    numbers: list[str]


def _number(number: Number) -> dict[str, str]:
    return {"number": number.text, "draining": str(number.draining).lower()}


def is_dry_run(request: Request) -> bool:
    return (
        Option(DRY_RUN.name, Flag(), DRY_RUN.doc).parse(request.query_params.get(DRY_RUN.name, "false"))
        is True
    )


def _version(request: Request) -> int | None:
    """The version in `If-Match`, in quotes or not; none when the header is absent or `*`."""
    text = request.headers.get(IF_MATCH.name, "*").strip().strip('"')
    if text == "*":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_VERSION_DIGITS):
        raise BadParameter(IF_MATCH.name, "must be a version number.")
    return int(text)
