"""The fields of a request, whatever form they come in: urlencoded, multipart, JSON, or the query string.

What is refused is refused with the field's name, before anything is stored (rule 21).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import msgspec
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser
from multipart import parse_options_header as parse_header
from starlette.requests import ClientDisconnect, Request

from matchline.engine.policy import Limits
from matchline.errors import BadParameter, MalformedBody, TooLarge, UnsupportedMediaType, shown
from matchline.http.head import header
from matchline.model import Value
from matchline.observing.masking import Private

MAX_KEY = 1024  # characters of a user-data key: as much as addresses and indexes carry with ease

_OCTETS = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[!-~]+/[ -~]+")
_MAX_MEDIA_TYPE = 255  # characters
_MAX_LENGTH_DIGITS = 18

Field = tuple[str, Value]

JSON_NULL = Value(b"null")  # this very object: a string "null" is another


@dataclass(slots=True, repr=False)
class Fields(Private):
    """The `_` parameters as texts, and the app's user data."""

    parameters: dict[str, str] = field(default_factory=dict)
    data: dict[str, Value] = field(default_factory=dict)


async def read_fields(request: Request, limits: Limits) -> Fields:
    """The parameters and the data of a request."""
    fields = Fields()
    for name, value in (await read_data(request, limits, nulls_dropped=True)).items():
        if not name.startswith("_"):
            fields.data[name] = value
        elif value.content_type is not None:
            raise BadParameter(name, "must not be a file.")
        else:
            fields.parameters[name] = value.body.decode()
    return fields


async def read_data(request: Request, limits: Limits, *, nulls_dropped: bool = False) -> dict[str, Value]:
    """All fields, whatever their names; a body's wins over one of the query string, the last over the first.

    A JSON null is the text `null`, or counts as absent where a name begins with `_` and nulls are dropped.
    """
    media_type, options = _content_type(header(request, b"content-type") or "")
    files = limits.file if media_type == "multipart/form-data" else 0
    body = await read_body(request, limits.body + files)
    given = list(_parse(body, media_type, options, limits))
    if request.scope["query_string"]:
        given = [*_urlencoded(request.scope["query_string"], limits), *given]
    _check_number(len(given), limits)
    for name, value in given:
        _check(name, value, limits)
    return {
        name: value
        for name, value in given
        if not (value is JSON_NULL and nulls_dropped and name.startswith("_"))
    }


@lru_cache(64)  # clients use few; multipart boundaries come and go
def _content_type(text: str) -> tuple[str, dict[str, str]]:
    media_type, options = parse_header(text)  # type: ignore[no-untyped-call]
    return media_type, options


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises TooLarge as soon as it is known to be, before the rest is read."""
    declared = header(request, b"content-length") or "0"
    # A number of more digits than any limit has is over it; it is not worth converting.
    if declared.isdecimal() and (len(declared) > _MAX_LENGTH_DIGITS or int(declared) > limit):
        raise _too_large(limit)
    body, more = bytearray(), True
    while more:
        part = await request.receive()
        if part["type"] == "http.disconnect":
            raise ClientDisconnect
        body += part.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        more = part.get("more_body", False)
    return bytes(body)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.")


def _parse(body: bytes, media_type: str, options: dict[str, str], limits: Limits) -> Iterable[Field]:
    if not body:
        return ()
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType("The body's charset must be UTF-8.")
    match media_type:
        case "application/x-www-form-urlencoded":
            return _urlencoded(body, limits)
        case "application/json":
            return _json(body, limits)
        case "multipart/form-data":
            return _multipart(body, options.get("boundary", ""), limits)
    raise UnsupportedMediaType(
        "The body must be application/x-www-form-urlencoded, multipart/form-data or application/json."
    )


def _check_number(count: int, limits: Limits) -> None:
    if count > limits.fields:
        raise TooLarge(f"The request has more than {limits.fields} fields.")


def _check(name: str, value: Value, limits: Limits) -> None:
    if "\0" in name:
        raise BadParameter(name, "a name must not contain a NUL character.")
    if len(name) > MAX_KEY:
        raise BadParameter(name, f"a name must not be longer than {MAX_KEY} characters.")
    limit = limits.value if value.content_type is None else limits.file
    if len(value.body) > limit:
        raise TooLarge(f"{shown(name)}: is larger than {limit} bytes.")
    if value.content_type is None or limits.file_types is None:
        return
    if value.content_type.split(";")[0].strip().lower() not in limits.file_types:
        raise UnsupportedMediaType(f"{shown(name)}: files of this type are not accepted.")


# application/x-www-form-urlencoded


def _urlencoded(body: bytes, limits: Limits) -> list[Field]:
    pairs = [pair for pair in body.split(b"&") if pair]
    _check_number(len(pairs), limits)
    fields = []
    for pair in pairs:
        name, _, value = pair.partition(b"=")
        key = _text(_unquoted(name), None)
        raw = _unquoted(value)
        if not raw.isascii():
            _text(raw, key)
        fields.append((key, Value(raw)))
    return fields


def _unquoted(part: bytes) -> bytes:
    if b"+" in part:
        part = part.replace(b"+", b" ")
    return unquote_to_bytes(part) if b"%" in part else part


def _text(raw: bytes, name: str | None) -> str:
    """Raises with the name of the field, or with what can be read of a name that is no UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        label = raw.decode(errors="replace") if name is None else name
        what = "the name" if name is None else "the value"
        raise BadParameter(label, f"{what} is not valid UTF-8.") from None


# application/json


def _json(body: bytes, limits: Limits) -> list[Field]:
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        _check_number(len(members), limits)
        return [(name, _json_value(bytes(raw))) for name, raw in members.items()]
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeDecodeError) as error:
        raise _json_fault(body) from error


def _json_value(raw: bytes) -> Value:
    """Strings as they are, everything else as its JSON text."""
    if raw == JSON_NULL.body:
        return JSON_NULL
    text = msgspec.json.decode(raw, type=str) if raw.startswith(b'"') else raw.decode()
    return Value(text.encode())


def _json_fault(body: bytes) -> BadParameter | MalformedBody:
    """What is wrong with a body that cannot be read; lone surrogates, which JSON can spell, by their field."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return MalformedBody("The body is not valid JSON.")
    if not isinstance(members, dict):
        return MalformedBody("The body must be a JSON object.")
    for name, value in members.items():
        if not (_is_unicode(name) and _is_unicode(value)):
            return BadParameter(
                name.encode(errors="replace").decode(), "lone surrogates are not valid Unicode."
            )
    return MalformedBody("The body is not valid JSON.")


def _is_unicode(value: object) -> bool:
    try:
        (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


# multipart/form-data


def _multipart(body: bytes, boundary: str, limits: Limits) -> list[Field]:
    if not boundary:
        raise MalformedBody("The multipart body has no boundary.")
    try:
        return list(_parts(body, boundary, limits))
    except ParserLimitReached:
        raise TooLarge(
            f"The request has more than {limits.fields} fields, or a part's head is too large."
        ) from None
    except (MultipartError, UnicodeError, ValueError) as error:
        raise MalformedBody("The multipart body is malformed or cut off.") from error


def _parts(body: bytes, boundary: str, limits: Limits) -> Iterator[Field]:
    with PushMultipartParser(boundary, max_segment_count=limits.fields, strict=True) as parser:
        part: MultipartSegment | None = None
        content = bytearray()
        for event in (*parser.parse(body), *parser.parse(b"")):
            if isinstance(event, MultipartSegment):
                part, content = event, bytearray()
            elif event:
                content += event
            elif part is not None:
                yield _part(part, bytes(content))
                part = None


def _part(part: MultipartSegment, content: bytes) -> Field:
    name = part.name or ""
    if part.filename is not None:
        return name, Value(content, _media_type(part.content_type))
    _text(content, name)
    return name, Value(content)


def _media_type(given: str | None) -> str:
    """The content type to send again; what could not stand in a header is octets."""
    if given and len(given) <= _MAX_MEDIA_TYPE and _MEDIA_TYPE.fullmatch(given):
        return given
    return _OCTETS
