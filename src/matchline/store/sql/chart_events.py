"""What the steps of a session tell its chart, and what goes with the session. Other sessions have no part in it."""

from collections.abc import Mapping

from matchline.clock import Instant
from matchline.kept.charting import LET_GO, MATCHED, ChartEvent, NewEffect, event_body, farewell, has_chart
from matchline.kept.events import EventType
from matchline.store.sql import Database
from matchline.verdict import Candidate, Query, is_late

_LEFT = ("remove_callback", "forget_chart_events", "remove_chart_effects", "forget_chart_responses")


def tell(db: Database, type_: EventType, session_id: str, now: Instant, number_id: int | None) -> None:
    """A reservation ended without a match. Nothing for a session without a chart."""
    if has_chart(session_id) and type_ in LET_GO:
        _tell(db, LET_GO[type_], session_id, number_id, {}, now)


def tell_match(db: Database, query: Query, candidate: Candidate, now: Instant) -> None:
    if not has_chart(candidate.session_id):
        return
    phone = next((asked.phone for asked in query.numbers if asked.number_id == candidate.number_id), None)
    late = "true" if is_late(candidate, now) else None
    given = {"_call_id": query.call_id, "_phone_number": phone, "_late": late}
    members = {name: text for name, text in given.items() if text is not None}
    _tell(db, MATCHED, candidate.session_id, candidate.number_id, members, now)


def _tell(
    db: Database,
    name: str,
    session_id: str,
    number_id: int | None,
    members: Mapping[str, str],
    now: Instant,
) -> None:
    if not db.rows("wake_chart", {"session_id": session_id, "now": now}):
        return
    row = db.row("number_text", {"id": number_id})
    number = {"_access_number": row[0]} if row else {}
    add(db, session_id, ChartEvent("", event_body(name, {**number, **members})))


def add(db: Database, session_id: str, event: ChartEvent) -> None:
    db.run("queue_chart_event", {"session_id": session_id, "event_id": event.id, "body": event.body})


def remove(db: Database, session_id: str, now: Instant) -> None:
    """All that a session's chart left, but for what tells another server that ran it."""
    of_session = {"session_id": session_id}
    rows = db.rows("remove_chart", of_session) if has_chart(session_id) else []
    for snapshot, ended_at in rows:
        for statement in _LEFT:
            db.run(statement, of_session)
        last = farewell(session_id, snapshot, ended_at)
        if last:
            add_effect(db, session_id, last, now)


def add_effect(db: Database, session_id: str, effect: NewEffect, now: Instant) -> None:
    body = {"key": effect.key, "body": effect.body}
    db.run("add_chart_effect", {"session_id": session_id, **body, "now": now})
