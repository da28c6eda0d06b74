"""What the steps of a session tell its chart, and what goes with the session. Other sessions have no part in it."""

from collections.abc import Mapping

from matchline.clock import Instant
from matchline.kept.charting import LET_GO, MATCHED, ChartEvent, NewEffect, event_body, farewell
from matchline.kept.events import EventType
from matchline.store.memory.tables import AccessNumber, KeptChart, KeptEffect, Tables
from matchline.verdict import Candidate, Query, is_late


def tell(
    tables: Tables, type_: EventType, session_id: str, now: Instant, number: AccessNumber | None
) -> None:
    """A reservation ended without a match. Nothing for a session without a chart."""
    if type_ in LET_GO:
        _tell(tables, LET_GO[type_], session_id, number, {}, now)


def tell_match(tables: Tables, query: Query, candidate: Candidate, now: Instant) -> None:
    phone = next((asked.phone for asked in query.numbers if asked.number_id == candidate.number_id), None)
    late = "true" if is_late(candidate, now) else None
    given = {"_call_id": query.call_id, "_phone_number": phone, "_late": late}
    members = {name: text for name, text in given.items() if text is not None}
    _tell(tables, MATCHED, candidate.session_id, tables.numbers[candidate.number_id], members, now)


def _tell(
    tables: Tables,
    name: str,
    session_id: str,
    number: AccessNumber | None,
    members: Mapping[str, str],
    now: Instant,
) -> None:
    chart = tables.charts.get(session_id)
    if chart and chart.ended_at is None:
        named = {"_access_number": number.text} if number else {}
        add(tables, chart, ChartEvent("", event_body(name, {**named, **members})), now)


def add(tables: Tables, chart: KeptChart, event: ChartEvent, now: Instant) -> None:
    tables.last_chart_event += 1
    chart.queue[tables.last_chart_event] = event
    chart.wake_at = now


def remove(tables: Tables, session_id: str, now: Instant) -> None:
    """All that a session's chart left, but for what tells another server that ran it."""
    chart = tables.charts.pop(session_id, None)
    if chart is None:
        return
    tables.callbacks.pop(session_id, None)
    for effect_id in [id_ for id_, each in tables.effects.items() if each.session_id == session_id]:
        del tables.effects[effect_id]
    last = farewell(session_id, chart.snapshot, chart.ended_at)
    if last:
        add_effect(tables, session_id, last, now)


def add_effect(tables: Tables, session_id: str, effect: NewEffect, now: Instant) -> None:
    tables.last_effect += 1
    tables.effects[tables.last_effect] = KeptEffect(session_id, effect.key, effect.body, now)
