"""What operators look at: metrics, the audit trail, and the events that were recorded."""

from starlette.requests import Request
from starlette.responses import Response

from matchline.clock import SECOND, moment
from matchline.engine import Engine
from matchline.errors import BadParameter
from matchline.http.answers import json_answer
from matchline.http.operation import In, Operation, Parameter
from matchline.kept.audit import Audited
from matchline.observing import metrics as m
from matchline.options import Integer, Option, Schema
from matchline.wire import BASE_PATH, shown_event

_FIRST_PLACE, _LAST_PLACE = 0, (1 << 53) - 1  # of what JSON numbers can tell apart
MOST_AT_ONCE = 1000
_USUAL = "100"

_PLACE = Integer(_FIRST_PLACE, _LAST_PLACE)
_LIMIT = Integer(1, MOST_AT_ONCE)


def _parameter(option: Option) -> Parameter:
    return Parameter(option.name, In.QUERY, option.doc, schema=option.kind.schema())


AFTER = Option("after", _PLACE, "The id of the last event that is known; without it from the first.", "0")
BEFORE = Option("before", _PLACE, "Entries older than this id; without it the newest.", str(_LAST_PLACE))
LIMIT = Option("limit", _LIMIT, f"How many at the most; {_USUAL} unless given.", _USUAL)

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "object", "additionalProperties": _TEXT}
_EVENT: Schema = {
    "type": "object",
    "required": ["id", "type", "time"],
    "properties": dict.fromkeys(
        ("id", "type", "time", "_id", "service", "group", "_access_number", "seconds"), _TEXT
    ),
}
_ENTRY: Schema = {
    "type": "object",
    "required": ["id", "time", "who", "what", "before", "after"],
    "properties": {
        **dict.fromkeys(("id", "time", "who", "what"), _TEXT),
        **dict.fromkeys(("before", "after"), _TEXTS),
    },
}


def _list_of(name: str, schema: Schema) -> Schema:
    return {"type": "object", "required": [name], "properties": {name: {"type": "array", "items": schema}}}


class Monitoring:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def metrics(self, request: Request) -> Response:  # noqa: ARG002
        """Metrics in Prometheus' text format."""
        return Response(await exposition(self._engine), media_type=m.CONTENT_TYPE)

    async def events(self, request: Request) -> Response:
        """The events that were recorded, in their order. Ask again with the id of the last one."""
        told = await self._engine.store.events(number(request, AFTER), number(request, LIMIT))
        return json_answer({"events": [shown_event(each) for each in told]})

    async def audit(self, request: Request) -> Response:
        """Who changed what of the configuration, newest first. Secrets are not told."""
        entries = await self._engine.store.audit(number(request, BEFORE), number(request, LIMIT))
        return json_answer({"entries": [_shown(each) for each in entries]})

    def operations(self) -> tuple[Operation, ...]:
        admin = f"{BASE_PATH}/admin"
        paged = tuple(map(_parameter, (BEFORE, LIMIT)))
        followed = tuple(map(_parameter, (AFTER, LIMIT)))
        refused = (BadParameter,)
        entries, events = _list_of("entries", _ENTRY), _list_of("events", _EVENT)
        return (
            Operation("GET", "/metrics", self.metrics, _TEXT, "text/plain"),
            Operation("GET", f"{admin}/audit", self.audit, entries, parameters=paged, faults=refused),
            Operation("GET", f"{admin}/events", self.events, events, parameters=followed, faults=refused),
        )


async def exposition(engine: Engine) -> bytes:
    """The metrics, with those that are asked of the store now. Raises Unavailable."""
    metrics, now = engine.metrics, engine.clock.now()
    metrics.set(m.READY, engine.node.online)
    metrics.clear(m.POOL)
    for group in engine.keeper.current.groups.values():
        if group.strategy.exclusive:
            pool = await engine.store.pool(group.name, now)
            for state in ("free", "reserved", "cooling"):
                metrics.set(m.POOL, getattr(pool, state), group.name, state)
    outbox = await engine.store.outbox()
    metrics.set(m.OUTBOX, outbox.waiting)
    metrics.set(m.OUTBOX_AGE, 0 if outbox.oldest is None else max(0, now - outbox.oldest) / SECOND)
    return metrics.exposition()


def number(request: Request, option: Option) -> int:
    """Raises BadParameter."""
    value = option.parse(request.query_params.get(option.name) or option.default or "")
    assert isinstance(value, int)
    return value


def _shown(audited: Audited) -> dict[str, object]:
    entry = audited.entry
    return {
        "id": str(audited.place),
        "time": moment(audited.at),
        "who": entry.who,
        "what": entry.what,
        "before": entry.before,
        "after": entry.after,
    }
