"""A request to a service, sent by the UI as any program would send it: through the API."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx
from starlette.types import Receive, Scope, Send

from matchline.engine.callback_policy import CALLBACK
from matchline.engine.service import ConfiguredService
from matchline.observing.masking import Private
from matchline.ui.asked import Asked
from matchline.wire import BASE_PATH

_PARAMETER, _DATA = "p.", "x."  # begin the names of the form's fields
_PLACE = re.compile(r"x\.(\d+)\.name")  # of a row of data


@dataclass(frozen=True, slots=True, repr=False)
class Tried(Private):
    """What was sent, and what came back."""

    fields: Mapping[str, str]
    request: str
    curl: str
    status: int
    answer: str


async def tried(asked: Asked, configured: ConfiguredService) -> Tried:
    """With what the form has."""
    return await sent(asked, configured.name, _fields(asked))


def path_of(asked: Asked, service: str) -> str:
    """Where a service of this name is asked."""
    found = asked.engine.keeper.current.services.get(service)
    kind = "callback/" if found and found.section.get("_service_type") == CALLBACK else ""
    return f"{BASE_PATH}/service/{kind}{quote(service, safe='')}"


async def sent(asked: Asked, service: str, fields: Mapping[str, str]) -> Tried:
    path = path_of(asked, service)
    server = asked.engine.keeper.current.server.public_url or str(asked.request.base_url).rstrip("/")
    async with _client(asked, server) as client:
        response = await client.post(path, data=dict(fields))
    return Tried(
        fields,
        f"POST {path}\ncontent-type: application/x-www-form-urlencoded\n\n{urlencode(fields)}",
        _curl(server + path, fields, is_closed=asked.engine.keeper.current.access.is_closed),
        response.status_code,
        _pretty(response),
    )


def _fields(asked: Asked) -> dict[str, str]:
    """Parameters that were left empty are not sent; data are whatever has a name."""
    form = asked.form
    parameters = {
        name.removeprefix(_PARAMETER): text
        for name, text in form.items()
        if name.startswith(_PARAMETER) and text
    }
    places = [match[1] for match in map(_PLACE.fullmatch, form) if match]
    data = {form[f"{_DATA}{place}.name"]: form.get(f"{_DATA}{place}.text", "") for place in places}
    return {**parameters, **{name: text for name, text in data.items() if name}}


def _client(asked: Asked, server: str) -> httpx.AsyncClient:
    async def as_visitor(scope: Scope, receive: Receive, send: Send) -> None:
        scope["principal"] = asked.visitor.principal
        await asked.api(scope, receive, send)

    client = asked.request.client
    transport = httpx.ASGITransport(as_visitor, client=(client.host, client.port) if client else ("", 0))
    return httpx.AsyncClient(transport=transport, base_url=server)


def _curl(url: str, fields: Mapping[str, str], *, is_closed: bool) -> str:
    """The same request for a shell."""
    lines = ["curl"]
    if is_closed:
        lines.append('-H "Authorization: Bearer $KEY"')
    lines += [f"--data-urlencode {shlex.quote(f'{name}={text}')}" for name, text in fields.items()]
    if not fields:
        lines.append("-X POST")
    return " \\\n  ".join([*lines, shlex.quote(url)])


def _pretty(response: httpx.Response) -> str:
    if response.headers.get("content-type") == "application/json":
        return json.dumps(response.json(), indent=2, ensure_ascii=False)
    return response.text
