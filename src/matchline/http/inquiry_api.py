"""Inquiries of administrators: the call log, why a call would match or not, and to forget a person."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from matchline import phone
from matchline.clock import SECOND, Instant
from matchline.engine import Engine
from matchline.engine.explain import Explanation, Weighed, in_words
from matchline.errors import BadParameter, MalformedBody, TooLarge, UnknownService, UnsupportedMediaType
from matchline.http.admin_api import DRY_RUN, is_dry_run
from matchline.http.answers import json_answer
from matchline.http.json_body import read_json
from matchline.http.operation import JSON, Body, In, Operation, Parameter
from matchline.kept.call_log import CallEntry, Outcome
from matchline.observing.masking import Private, masked_phone
from matchline.options import NO_NUL, Choice, Integer, Schema, Text
from matchline.options import Option as Declared
from matchline.wire import BASE_PATH

_NUMBER = Text(phone.MAX_TEXT)
_LAST_ID = (1 << 53) - 1  # what every JSON library reads as a whole number
_MAX_PAGE = 1000  # entries

# Of the call log: the query parameters, declared as options are.
_WANTED = (
    Declared("number", _NUMBER, "The called number."),
    Declared("caller", _NUMBER, "The caller's number, or what is shown of it."),
    Declared("verdict", Choice(tuple(Outcome)), "What the calls were answered."),
    Declared("after", Integer(1, _LAST_ID), "The `next` of the page before."),
    Declared("limit", Integer(1, _MAX_PAGE), "The most entries of a page.", "100"),
)
_FAULTS = (BadParameter, MalformedBody, TooLarge, UnsupportedMediaType)


def _object(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


def _closed(required: tuple[str, ...], **properties: Schema) -> Schema:
    """Nothing else may be in it."""
    return {**_object(required, **properties), "additionalProperties": False}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_TEXT: Schema = {"type": "string"}
_ASKED_TEXT: Schema = {"type": "string", "maxLength": phone.MAX_TEXT, "pattern": NO_NUL}
_ENTRY = _object(("id", "seconds_ago", "number", "verdict", "reason", "late", "repeated", "service"))
_PAGE = _object(("calls",), calls=_list(_ENTRY), next=_TEXT)
_CALL = _closed(
    ("number",),
    number={**_ASKED_TEXT, "pattern": r"^[^\u0000]*\S[^\u0000]*$"},
    **dict.fromkeys(("phone", "digits", "call_id", "service"), _ASKED_TEXT),
)
_EXPLANATION = _object(
    ("verdict", "reason", "readings", "reservations", "history"),
    readings=_list(_TEXT),
    reservations=_list(_object(("session", "state", "when", "criteria", "answered"))),
    history=_list(_ENTRY),
)
_PERSON = _closed(("phone",), phone=_ASKED_TEXT)


_AskedText = Annotated[str, msgspec.Meta(max_length=phone.MAX_TEXT, pattern=NO_NUL)]


class _Call(Private, msgspec.Struct, forbid_unknown_fields=True):
    number: _AskedText
    phone: _AskedText = ""
    digits: _AskedText = ""
    call_id: _AskedText = ""
    service: _AskedText = "match-interaction"


class _Person(Private, msgspec.Struct, forbid_unknown_fields=True):
    phone: _AskedText


class InquiryApi:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def calls(self, request: Request) -> Response:
        """The call log, newest first: what was asked about, what was answered and why."""
        wanted = _wanted(request)
        verdict, after = wanted["verdict"], wanted["after"]
        page = await self._engine.inquiries.calls(
            _text(wanted["number"]),
            _text(wanted["caller"]),
            Outcome(str(verdict)) if verdict else None,
            int(after) if after else None,
            int(wanted["limit"] or 0),
        )
        now = self._engine.inquiries.now()
        answer: dict[str, object] = {"calls": [call_entry(entry, now) for entry in page.entries]}
        return json_answer(answer if page.next is None else {**answer, "next": str(page.next)})

    async def explain(self, request: Request) -> Response:
        """Why a call would match or not now, without releasing anything."""
        call = await read_json(request, _Call)
        parameters = {
            "_access_number": call.number,
            "_phone_number": call.phone,
            "_access_code": call.digits,
            "_call_id": call.call_id,
        }
        explanation = await self._engine.inquiries.explain(
            call.service, {name: text for name, text in parameters.items() if text}
        )
        return json_answer(_explanation(explanation))

    async def forget(self, request: Request) -> Response:
        """Remove what is known of whoever has this number: sessions, data, calls; how much that was."""
        person = await read_json(request, _Person)
        forgotten = await self._engine.inquiries.forget(person.phone, dry_run=is_dry_run(request))
        return json_answer({name: str(count) for name, count in msgspec.structs.asdict(forgotten).items()})

    def operations(self) -> tuple[Operation, ...]:
        admin = f"{BASE_PATH}/admin"
        wanted = tuple(
            Parameter(each.name, In.QUERY, each.doc, schema=each.kind.schema()) for each in _WANTED
        )
        call, person = Body({JSON: _CALL}, required=True), Body({JSON: _PERSON}, required=True)
        counts: Schema = {"type": "object", "additionalProperties": _TEXT}
        return (
            Operation("GET", f"{admin}/calls", self.calls, _PAGE, parameters=wanted, faults=(BadParameter,)),
            Operation(
                "POST",
                f"{admin}/explain",
                self.explain,
                _EXPLANATION,
                body=call,
                faults=(UnknownService, *_FAULTS),
            ),
            Operation(
                "POST",
                f"{admin}/forget",
                self.forget,
                counts,
                body=person,
                parameters=(DRY_RUN,),
                faults=_FAULTS,
            ),
        )


def _wanted(request: Request) -> Mapping[str, str | int | bool | None]:
    given = request.query_params
    texts = {each.name: given.get(each.name) or each.default for each in _WANTED}
    return {each.name: each.parse(text) if (text := texts[each.name]) else None for each in _WANTED}


def _text(value: str | int | bool | None) -> str | None:
    return None if value is None else str(value)


def _explanation(explanation: Explanation) -> dict[str, object]:
    return {
        "verdict": str(explanation.reason.outcome),
        "reason": str(explanation.reason),
        "readings": list(explanation.readings),
        "reservations": [_weighed(each) for each in explanation.weighed],
        "history": [call_entry(entry, explanation.at) for entry in explanation.history],
    }


def _weighed(weighed: Weighed) -> dict[str, object]:
    told: dict[str, object] = {
        "session": weighed.session_id,
        "state": str(weighed.state),
        "when": weighed.when,
        "answered": str(weighed.answered).lower(),
        "criteria": [
            {"criterion": each.name, "finding": str(each.finding), "why": each.why}
            for each in weighed.criteria
        ],
    }
    if weighed.phone:
        told["phone"] = masked_phone(weighed.phone)
    return told if weighed.weight is None else {**told, "weight": in_words(weighed.weight)}


def call_entry(entry: CallEntry, now: Instant) -> dict[str, str]:
    told = {
        "id": str(entry.id),
        "seconds_ago": str((now - entry.at) // SECOND),
        "number": entry.number,
        "caller": entry.caller,
        "verdict": str(entry.reason.outcome),
        "reason": str(entry.reason),
        "late": str(entry.late).lower(),
        "repeated": str(entry.repeated).lower(),
        "session": entry.session_id,
        "service": entry.service,
        "call_id": entry.call_id,
    }
    return {name: text for name, text in told.items() if text is not None}
