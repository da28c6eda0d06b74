"""Live sessions for administrators: listed, looked into, released and ended by hand; how resource groups fared."""

from msgspec import to_builtins
from starlette.requests import Request
from starlette.responses import Response

from matchline import phone
from matchline.clock import Instant, moment, whole_seconds
from matchline.engine import Engine
from matchline.engine.browse import PAGE, Filter, Life
from matchline.engine.history import KEEP
from matchline.errors import BadParameter, NotReserved, UnknownResourceGroup, UnknownSession
from matchline.http.answers import json_answer
from matchline.http.inquiry_api import call_entry
from matchline.http.operation import TEXTS, In, Operation, Parameter, texts
from matchline.http.stored import base_url
from matchline.kept.history import MINUTE, PoolSample
from matchline.kept.live import SessionPage, Standing, standing
from matchline.model import Session
from matchline.options import Choice, Integer, Option, Schema, Text
from matchline.wire import BASE_PATH, shown_event, shown_values

_MAX_PAGE = 1000  # sessions
_MAX_ID = 200  # characters, more than any id has
_MAX_NAME = 200  # characters, of a service
_HOURS = KEEP // (60 * MINUTE)

_NUMBER = Text(phone.MAX_TEXT)
_WANTED = (
    Option("number", _NUMBER, "The access number that the session holds."),
    Option("phone", _NUMBER, "The customer's number that the session was begun for."),
    Option("service", Text(_MAX_NAME), "The service that began it."),
    Option(
        "state",
        Choice(tuple(Standing)),
        "What became of its last reservation; `none`: it never had one.",
    ),
    Option("id", Text(_MAX_ID), "What the session's id begins with."),
    Option("after", Text(_MAX_ID), "The `next` of the page before."),
    Option("limit", Integer(1, _MAX_PAGE), "The most sessions of a page.", str(PAGE)),
)
_LAST_HOURS = Option("hours", Integer(1, _HOURS), "How many hours to look back.", "3")

_TEXT: Schema = {"type": "string"}
_LIST: Schema = {"type": "array", "items": TEXTS}
_SESSION = texts("_id", "service", "state", "seconds_left")
_SESSIONS: Schema = {
    "type": "object",
    "required": ["sessions"],
    "properties": {"sessions": {"type": "array", "items": _SESSION}, "next": _TEXT},
}
_LIFE: Schema = {
    "type": "object",
    "required": ["_id", "live", "events", "calls", "complete"],
    "properties": {"session": _SESSION, "data": TEXTS, "events": _LIST, "calls": _LIST},
}
_HISTORY: Schema = {
    "type": "object",
    "required": ["group", "samples"],
    "properties": {"group": _TEXT, "samples": _LIST},
}


class BrowseApi:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def sessions(self, request: Request) -> Response:
        """Live sessions, the latest begun first. A page that is not full may have a `next` all the same."""
        wanted = {each.name: _parsed(request, each) or "" for each in _WANTED}
        page = await self._engine.browsing.sessions(
            Filter(
                number=str(wanted["number"]),
                phone=str(wanted["phone"]),
                service=str(wanted["service"]),
                standing=Standing(str(wanted["state"])) if wanted["state"] else None,
                prefix=str(wanted["id"]),
            ),
            str(wanted["after"]) or None,
            int(wanted["limit"]),
        )
        return json_answer(self._page(page))

    async def session(self, request: Request) -> Response:
        """All that is known of one session: its data, its events, its calls; of one that has ended what is left."""
        life = await self._engine.browsing.life(request.path_params["id"])
        return json_answer(self._life(life, base_url(self._engine, request)))

    async def release(self, request: Request) -> Response:
        """Give the session's access number back by hand. The session stays, and may ask for another."""
        session_id = request.path_params["id"]
        await self._engine.browsing.release(session_id)
        return json_answer({"_id": session_id})

    async def end(self, request: Request) -> Response:
        """End the session by hand: its access number is released, its data is deleted."""
        session_id = request.path_params["id"]
        await self._engine.browsing.end(session_id)
        return json_answer({"_id": session_id})

    async def history(self, request: Request) -> Response:
        """How a resource group fared: for each minute how many slots were free, held and cooling, what happened."""
        group = request.path_params["group"]
        hours = int(_parsed(request, _LAST_HOURS) or 0)
        since = self._engine.browsing.now() - hours * 60 * MINUTE
        samples = await self._engine.historian.samples(group, since)
        return json_answer({"group": group, "samples": [_sample(each) for each in samples]})

    def operations(self) -> tuple[Operation, ...]:
        admin = f"{BASE_PATH}/admin"
        sessions, session = f"{admin}/sessions", f"{admin}/sessions/{{id}}"
        history = f"{admin}/resources/{{group}}/history"
        wanted, hours = tuple(map(_parameter, _WANTED)), (_parameter(_LAST_HOURS),)
        gone = (UnknownSession,)
        settled = (UnknownSession, NotReserved)
        refused = (BadParameter, UnknownResourceGroup)
        return (
            Operation("GET", sessions, self.sessions, _SESSIONS, parameters=wanted, faults=(BadParameter,)),
            Operation("GET", session, self.session, _LIFE, faults=gone),
            Operation("POST", f"{session}/release", self.release, texts("_id"), faults=settled),
            Operation("POST", f"{session}/end", self.end, texts("_id"), faults=gone),
            Operation("GET", history, self.history, _HISTORY, parameters=hours, faults=refused),
        )

    def _page(self, page: SessionPage) -> dict[str, object]:
        now = self._engine.browsing.now()
        told: dict[str, object] = {"sessions": [self._session(each, now) for each in page.sessions]}
        return told if page.next is None else {**told, "next": page.next}

    def _session(self, session: Session, now: Instant) -> dict[str, str]:
        told = {
            "_id": session.id,
            "service": session.service,
            "state": str(standing(session)),
            "seconds_left": _seconds(session.ends_at, now),
        }
        if session.phone_text is not None:
            told["phone"] = self._engine.browsing.shown_phone(session.phone_text)
        if session.held:
            held = session.held
            told |= {"group": held.group, "_access_number": held.number}
            told["held_for_seconds"] = _seconds(held.expires_at, now)
        return told

    def _life(self, life: Life, here: str) -> dict[str, object]:
        told: dict[str, object] = {
            "_id": life.session_id,
            "live": str(life.session is not None).lower(),
            "events": [to_builtins(shown_event(each)) for each in life.events],
            "calls": [call_entry(each, life.now) for each in life.calls],
            "complete": str(life.complete).lower(),
        }
        if life.made_at is not None:
            told["begun"] = moment(life.made_at)
        if life.session:
            told["session"] = self._session(life.session, life.now)
            told["data"] = shown_values(here, life.session.data_id, life.values or {})
        return told


def _parameter(option: Option) -> Parameter:
    return Parameter(option.name, In.QUERY, option.doc, schema=option.kind.schema())


def _parsed(request: Request, option: Option) -> str | int | bool | None:
    """None where nothing was asked for. Raises BadParameter."""
    text = request.query_params.get(option.name) or option.default
    return option.parse(text) if text else None


def _seconds(until: Instant, now: Instant) -> str:
    return str(max(0, whole_seconds(until - now)))


def _sample(sample: PoolSample) -> dict[str, str]:
    levels = {"free": sample.free, "held": sample.held, "cooling": sample.cooling}
    counts = {"reserved": sample.reserved, "exhausted": sample.exhausted}
    told = {name: str(count) for name, count in {**levels, **counts}.items() if count is not None}
    return {"time": moment(sample.at), **told}
