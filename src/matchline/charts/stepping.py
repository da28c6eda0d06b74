"""One step of a chart: what is asked of a worker, and what its reply means for the store."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeGuard

import msgspec

from matchline.charts.functions import OWN_CALLBACK, OWN_RESPONSE, SEND_TYPES
from matchline.clock import Instant
from matchline.engine.chart_policy import ChartPolicy
from matchline.engine.charts import ChartAnswer, ChartSettings, Incoming
from matchline.kept.callback import FAILED_REASON, MAX_REASON, CallbackChange, CallbackState
from matchline.kept.charting import ChartStep, ChartWork, NewEffect, Queued, Response
from matchline.scxml.effects import Effect, Logged, Sent
from matchline.scxml.http_io import HttpRequest
from matchline.scxml.orchestration import RESPONSE
from matchline.scxml.snapshot import Snapshot
from matchline.scxml.worker import Delivery, Reply, Request, Settings

MOST_STEPS = 100  # after which others have their turn

_FAILED = CallbackChange(CallbackState.COMPLETED, FAILED_REASON)

log = logging.getLogger(__name__)


def asked(work: ChartWork, event: Queued | None, policy: ChartPolicy, now: Instant) -> Request:
    """A request to take the chart one event further, or on from where it stands."""
    settings = msgspec.json.decode(work.settings, type=ChartSettings)
    deliveries = []
    if event is not None:
        incoming = msgspec.json.decode(event.body, type=Incoming)
        deliveries.append(Delivery(incoming.to or work.session_id, incoming))
    return Request(
        work.document,
        Settings(
            policy.limits,
            policy.folder if settings.loads else None,
            policy.allowed,
            http_location=settings.location,
            variables=settings.variables,
            send_types=SEND_TYPES,
        ),
        now,
        MOST_STEPS,
        traced=False,
        snapshot=msgspec.msgpack.decode(work.snapshot, type=Snapshot) if work.snapshot else None,
        given=settings.given,
        deliveries=deliveries,
        session_id=work.session_id,
    )


def made(
    work: ChartWork, event: Queued | None, reply: Reply, new_key: Callable[[], str], *, more: bool
) -> ChartStep:
    """What of the reply is stored."""
    assert reply.snapshot is not None, "a document that is refused has no step"
    _log(work, reply.effects)
    performed = [
        each for each in reply.effects if isinstance(each, HttpRequest | Sent) and not _is_stored(each)
    ]
    return ChartStep(
        work.session_id,
        work.owner,
        work.version,
        msgspec.msgpack.encode(reply.snapshot),
        " ".join(reply.active),
        taken=_taken(event),
        effects=tuple(NewEffect(new_key(), msgspec.json.encode(each)) for each in performed),
        responses=tuple(_response(work, each) for each in reply.effects if _responds(each)),
        next_due=reply.next_due,
        ended=not reply.running,
        stopped=reply.stopped,
        more=reply.running and (more or reply.worked),
        callback=_callback(work, reply),
    )


def halted(work: ChartWork, event: Queued | None, why: str) -> ChartStep:
    """The chart ends where it stood before the step."""
    snapshot = work.snapshot or b""
    return ChartStep(
        work.session_id,
        work.owner,
        work.version,
        snapshot,
        "",
        _taken(event),
        ended=True,
        stopped=why,
        callback=_FAILED,
    )


def _taken(event: Queued | None) -> tuple[int, ...]:
    return (event.place,) if event else ()


def _is_stored(effect: Effect) -> bool:
    """With the step itself: there is nothing to do for it afterwards."""
    return _responds(effect) or _is_callbacks(effect)


def _is_callbacks(effect: Effect) -> TypeGuard[Sent]:
    return isinstance(effect, Sent) and effect.type == OWN_CALLBACK


def _callback(work: ChartWork, reply: Reply) -> CallbackChange | None:
    """Where the chart's callback stands after the step: what was sent last counts. Whose chart ends is completed."""
    changes = [_change(work, each) for each in reply.effects if _is_callbacks(each)]
    change = next((each for each in reversed(changes) if each), None)
    if reply.stopped:
        return _FAILED
    if reply.running:
        return change
    return CallbackChange(CallbackState.COMPLETED, change.reason if change else None)


def _change(work: ChartWork, effect: Sent) -> CallbackChange | None:
    """None for what is no state. The reason stays unless one is given."""
    members: object = msgspec.json.decode(effect.event.data or "{}")
    given = members if isinstance(members, dict) else {}
    try:
        state = CallbackState(str(given.get("_callback_state")))
    except ValueError:
        log.warning("a chart of %s names a state that no callback has", work.service)
        return None
    reason = given.get("_callback_reason")
    return CallbackChange(state, None if reason is None else str(reason)[:MAX_REASON])


def _responds(effect: Effect) -> TypeGuard[Sent]:
    return isinstance(effect, Sent) and effect.type in (RESPONSE, OWN_RESPONSE)


def _response(work: ChartWork, effect: Sent) -> Response:
    """Without a target it answers the request that began the session. `_resultcode` is no member of the answer."""
    content: object = msgspec.json.decode(effect.event.data or "{}")
    code = content.pop("_resultcode", None) if isinstance(content, dict) else None
    answer = ChartAnswer(
        "negative" if effect.event.name == "negative" else "positive",
        None if code is None else str(code),
        msgspec.Raw(msgspec.json.encode(content)),
    )
    return Response(effect.target or work.session_id, msgspec.json.encode(answer))


def _log(work: ChartWork, effects: Iterable[Effect]) -> None:
    """What a chart logs may be a customer's data: it is shown for debugging only."""
    for each in effects:
        if isinstance(each, Logged):
            log.debug("%s: %s %s", work.service, each.label, each.value)
