"""Steps over charts: each is locked after all else that a step touches, and stored only by the node that has it."""

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
from matchline.store.sql import Database, Reader, callbacks, records, reserve
from matchline.store.sql.chart_events import add, add_effect
from matchline.store.sql.sessions import live_session


def begin(db: Database, new: NewChart, now: Instant) -> Begun:
    earlier = reserve.earlier_answer(db, new.idempotency, now)
    if earlier:
        return Begun(earlier.session_id, earlier.data_id)
    session = new.session
    if new.callback and new.callback.booking:
        callbacks.book(db, session.id, new.callback.booking)
    ends_at = now + session.ttl
    db.run(
        "add_session",
        {
            "id": session.id,
            "service": session.service,
            "data_id": session.data_id,
            "phone_text": session.phone_text,
            "ttl": session.ttl,
            "ends_at": ends_at,
            "reservation_id": None,
            "maker": session.maker,
        },
    )
    records.create(db, session.data_id, new.values, ends_at, session.maker)
    db.run("put_chart_document", {"digest": new.digest, "body": new.document, "now": now})
    chart = {"token": new.token, "digest": new.digest, "settings": new.settings}
    db.run("add_chart", {"session_id": session.id, **chart, "now": now})
    if new.callback:
        callbacks.add(db, session, new.callback)
    reserve.remember_answer(db, new.idempotency, Granted(session.id, session.data_id, "", "", None, 0))
    return Begun(session.id, session.data_id)


def queue(db: Database, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
    live_session(db, session_id, now)
    if not has_chart(session_id):
        raise NotFound
    if response(db, session_id, event.id) is not None:
        return
    if not db.rows("wake_chart", {"session_id": session_id, "now": now}):
        raise Conflict
    row = db.row("queue_of_chart", {"session_id": session_id, "event_id": event.id})
    assert row, "an aggregate has a row"
    waiting, same = row
    if same:
        return
    if waiting >= most:
        raise Exhausted(None)
    add(db, session_id, event)


def at(db: Reader, token: str) -> str:
    row = db.row("chart_token", {"token": token})
    if row is None:
        raise NotFound
    session_id: str = row[0]
    return session_id


def state(db: Reader, session_id: str) -> ChartState:
    row = db.row("chart_state", {"session_id": session_id})
    if row is None:
        raise NotFound
    return ChartState(*row)


def response(db: Reader, session_id: str, request_id: str) -> bytes | None:
    row = db.row("get_response", {"session_id": session_id, "request_id": request_id})
    return row[0] if row else None


def any_to_claim(db: Reader, now: Instant) -> bool:
    """Most looks find nothing, and shall write nothing."""
    return db.row("any_chart_to_claim", {"now": now}) is not None


def any_effect_due(db: Reader, now: Instant) -> bool:
    return db.row("any_effect_due", {"now": now}) is not None


def claim(db: Database, owner: str, until: Instant, limit: int, now: Instant) -> tuple[ChartWork, ...]:
    wanted = {"owner": owner, "until": until, "limit": limit, "now": now}
    found = (_work(db, session_id, owner) for (session_id,) in db.rows("claim_charts", wanted))
    return tuple(work for work in found if work)


def _work(db: Database, session_id: str, owner: str) -> ChartWork | None:
    row = db.row("chart_work", {"session_id": session_id})
    if row is None:
        return None
    rows = db.rows("chart_events", {"session_id": session_id, "limit": QUEUED_AT_ONCE})
    service, version, document, settings, snapshot = row
    queued = tuple(Queued(*each) for each in rows)
    return ChartWork(session_id, owner, service, version, document, settings, snapshot, queued)


def keep(db: Database, owner: str, session_ids: Iterable[str], until: Instant) -> None:
    for session_id in sorted(session_ids):
        db.run("keep_chart", {"session_id": session_id, "owner": owner, "until": until})


def advance(db: Database, step: ChartStep, now: Instant) -> bool:
    own = {"session_id": step.session_id, "owner": step.owner, "version": step.version}
    if db.locked("own_chart", own) is None:
        return False
    for place in step.taken:
        db.run("take_chart_event", {"id": place})
    for effect in step.effects:
        add_effect(db, step.session_id, effect, now)
    for each in step.responses:
        body = {"request_id": each.request_id, "body": each.body}
        db.run("put_response", {"session_id": step.session_id, **body, "now": now})
    if step.callback:
        callbacks.change(db, step.session_id, step.callback, now)
    if step.ended:
        db.run("forget_chart_events", {"session_id": step.session_id})
    _store(db, step, now)
    return True


def _store(db: Database, step: ChartStep, now: Instant) -> None:
    waits = db.row("any_chart_event", {"session_id": step.session_id})
    wake_at = None if step.ended else now if waits or step.more else step.next_due
    db.run(
        "advance_chart",
        {
            "session_id": step.session_id,
            "snapshot": step.snapshot,
            "active": step.active,
            "wake_at": wake_at,
            "ended_at": now if step.ended else None,
            "stopped": step.stopped,
            "more": int(step.more),
        },
    )


def claim_effects(db: Database, until: Instant, limit: int, now: Instant) -> tuple[Effect, ...]:
    found = db.rows("claim_effects", {"until": until, "limit": limit, "now": now})
    return tuple(sorted((Effect(*row) for row in found), key=lambda each: each.id))


def finish_effect(db: Database, effect: Effect, outcome: ChartEvent | None, now: Instant) -> None:
    if outcome and db.rows("wake_chart", {"session_id": effect.session_id, "now": now}):
        add(db, effect.session_id, outcome)
    db.run("remove_effect", {"id": effect.id})


def postpone_effect(db: Database, effect: Effect, due_at: Instant) -> None:
    db.run("postpone_effect", {"id": effect.id, "due_at": due_at})


def free(db: Database) -> None:
    db.run("free_charts", {})
    db.run("free_effects", {})


def trim(db: Database, before: Instant, limit: int) -> int:
    responses = db.rows("trim_responses", {"before": before, "limit": limit})
    return len(responses) + len(db.rows("trim_documents", {"before": before}))
