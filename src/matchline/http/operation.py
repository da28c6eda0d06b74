"""An operation of the API: the one declaration from which its route and its description follow."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from matchline.errors import Fault
from matchline.http.body import MAX_KEY
from matchline.options import NO_NUL, Schema
from matchline.principal import ADMINISTRATORS, Scopes

Handler = Callable[[Request], Awaitable[Response]]

ANY_TYPE = "*/*"  # a file comes with the content type that it was sent with
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
    schema: Schema = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body: media type → schema."""

    content: Mapping[str, Schema]
    required: bool = False


KEYS: Schema = {"type": "string", "maxLength": MAX_KEY, "pattern": NO_NUL}  # of user data

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
JSON = "application/json"

DATA_BODY = Body({kind: {"type": "object", "propertyNames": KEYS} for kind in (*FORMS, JSON)})


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
    scopes: Scopes = ADMINISTRATORS  # who may ask for it
