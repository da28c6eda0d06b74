"""Steps over charts."""

from collections.abc import Iterable

from matchline.clock import Instant
from matchline.errors import Conflict, Exhausted, NotFound
from matchline.kept.charting import (
    Begun,
    ChartEvent,
    ChartState,
    ChartStep,
    ChartWork,
    Effect,
    NewChart,
    Queued,
    has_chart,
)
from matchline.model import Granted
from matchline.store.charts import QUEUED_AT_ONCE
from matchline.store.memory import callbacks
from matchline.store.memory.chart_events import add, add_effect
from matchline.store.memory.reserve import earlier_answer, remember_answer
from matchline.store.memory.sessions import live_session
from matchline.store.memory.tables import KeptChart, RunningSession, StoredRecord, Tables


def begin(tables: Tables, new: NewChart, now: Instant) -> Begun:
    earlier = earlier_answer(tables, new.idempotency, now)
    if earlier:
        return Begun(earlier.session_id, earlier.data_id)
    given = new.session
    if new.callback and new.callback.booking:
        callbacks.book(tables, given.id, new.callback.booking)
    ends_at = now + given.ttl
    session = RunningSession(
        given.id, given.service, given.data_id, given.phone_text, given.ttl, ends_at, None, maker=given.maker
    )
    tables.sessions[session.id] = session
    tables.records[session.data_id] = StoredRecord(None, ends_at, dict(new.values), maker=given.maker)
    tables.charts[session.id] = KeptChart(new, wake_at=now)
    if new.callback:
        callbacks.add(tables, given, new.callback)
    remember_answer(tables, new.idempotency, session, Granted(session.id, session.data_id, "", "", None, 0))
    return Begun(session.id, session.data_id)


def queue(tables: Tables, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
    live_session(tables, session_id, now)
    if not has_chart(session_id):
        raise NotFound
    chart = tables.charts[session_id]
    if event.id in chart.responses:
        return
    if chart.ended_at is not None:
        raise Conflict
    if any(each.id == event.id for each in chart.queue.values()):
        return
    if len(chart.queue) >= most:
        raise Exhausted(None)
    add(tables, chart, event, now)


def at(tables: Tables, token: str) -> str:
    for session_id, chart in tables.charts.items():
        if chart.new.token == token:
            return session_id
    raise NotFound


def state(tables: Tables, session_id: str) -> ChartState:
    chart = tables.charts.get(session_id)
    if chart is None:
        raise NotFound
    return ChartState(chart.active, chart.ended_at, chart.stopped)


def response(tables: Tables, session_id: str, request_id: str) -> bytes | None:
    chart = tables.charts.get(session_id)
    found = chart.responses.get(request_id) if chart else None
    return found.body if found else None


def claim(tables: Tables, owner: str, until: Instant, limit: int, now: Instant) -> tuple[ChartWork, ...]:
    due = [
        (chart.wake_at, session_id)
        for session_id, chart in tables.charts.items()
        if chart.wake_at is not None and chart.wake_at <= now and chart.lease_until <= now
    ]
    found = [session_id for _, session_id in sorted(due)[:limit]]
    for session_id in found:
        chart = tables.charts[session_id]
        chart.owner, chart.lease_until = owner, until
    return tuple(_work(tables, session_id) for session_id in found)


def _work(tables: Tables, session_id: str) -> ChartWork:
    chart = tables.charts[session_id]
    queued = [Queued(place, event.body) for place, event in chart.queue.items()]
    return ChartWork(
        session_id,
        chart.owner,
        chart.new.session.service,
        chart.version,
        chart.new.document,
        chart.new.settings,
        chart.snapshot,
        tuple(queued[:QUEUED_AT_ONCE]),
    )


def keep(tables: Tables, owner: str, session_ids: Iterable[str], until: Instant) -> None:
    for session_id in session_ids:
        chart = tables.charts.get(session_id)
        if chart and chart.owner == owner and chart.lease_until:
            chart.lease_until = until


def advance(tables: Tables, step: ChartStep, now: Instant) -> bool:
    chart = tables.charts.get(step.session_id)
    if chart is None or (chart.owner, chart.version) != (step.owner, step.version):
        return False
    for place in step.taken:
        chart.queue.pop(place, None)
    for effect in step.effects:
        add_effect(tables, step.session_id, effect, now)
    for each in step.responses:
        chart.answer(each, now)
    if step.callback:
        callbacks.change(tables, step.session_id, step.callback, now)
    chart.advance(step, now)
    return True


def claim_effects(tables: Tables, until: Instant, limit: int, now: Instant) -> tuple[Effect, ...]:
    due = [(each.due_at, id_) for id_, each in tables.effects.items() if each.due_at <= now]
    found = sorted(id_ for _, id_ in sorted(due)[:limit])
    for id_ in found:
        tables.effects[id_].due_at = until
    kept = ((id_, tables.effects[id_]) for id_ in found)
    return tuple(Effect(id_, each.session_id, each.key, each.body, each.attempts) for id_, each in kept)


def finish_effect(tables: Tables, effect: Effect, outcome: ChartEvent | None, now: Instant) -> None:
    chart = tables.charts.get(effect.session_id)
    if chart and outcome and chart.ended_at is None:
        add(tables, chart, outcome, now)
    tables.effects.pop(effect.id, None)


def postpone_effect(tables: Tables, effect: Effect, due_at: Instant) -> None:
    kept = tables.effects.get(effect.id)
    if kept:
        kept.due_at = due_at
        kept.attempts += 1


def free(tables: Tables) -> None:
    for chart in tables.charts.values():
        chart.lease_until = 0
    for effect in tables.effects.values():
        effect.due_at = 0


def trim(tables: Tables, before: Instant, limit: int) -> int:
    """Documents stand with their charts here, and go with them."""
    old = [
        (chart, request_id)
        for chart in tables.charts.values()
        for request_id, each in chart.responses.items()
        if each.at < before
    ][:limit]
    for chart, request_id in old:
        del chart.responses[request_id]
    return len(old)
