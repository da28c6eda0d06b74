"""An operation of the API: the one declaration from which its route and its description follow."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from matchline.errors import Fault
from matchline.options import Schema

Handler = Callable[[Request], Awaitable[Response]]

OCTETS = "application/octet-stream"
BYTES: Schema = {}  # of any form

TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}


def texts(*required: str) -> Schema:
    """An object of strings with at least these."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: {"type": "string"} for name in required},
        "additionalProperties": {"type": "string"},
    }


class In(StrEnum):
    QUERY = "query"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter outside the body; those in the path are declared by the path."""

    name: str
    place: In
    doc: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body: media type → schema."""

    content: Mapping[str, Schema]
    required: bool = False


DATA_BODY = Body(
    {
        "application/x-www-form-urlencoded": TEXTS,
        "multipart/form-data": TEXTS,
        "application/json": {"type": "object"},
    }
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one address does; the handler's docstring says it in a sentence."""

    method: str
    path: str  # `{key}` may hold anything but "/", `{key:path}` that too
    handler: Handler
    answer: Schema  # of the 200
    media_type: str = "application/json"
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    faults: tuple[type[Fault], ...] = ()
