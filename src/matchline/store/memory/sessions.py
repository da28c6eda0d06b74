"""Live sessions, as the other steps read them and let them go."""

from matchline.clock import Instant
from matchline.errors import NotFound
from matchline.kept.events import EventType
from matchline.model import Held, Lost, Session
from matchline.store.memory import chart_events, events, records
from matchline.store.memory.tables import RunningSession, Tables


def session(tables: Tables, session_id: str, now: Instant) -> Session:
    found = live_session(tables, session_id, now)
    current = found.reservation
    held = None
    if current and current.is_held(now):
        number = current.number
        held = Held(number.group, number.text, current.code, current.span.expires_at)
    return Session(
        found.id,
        found.service,
        found.data_id,
        found.phone_text,
        found.ends_at,
        found.matched,
        held,
        found.maker,
        _lost(found, held),
    )


def _lost(found: RunningSession, held: Held | None) -> Lost | None:
    if held or found.matched or found.reservation is None:
        return None
    return Lost.RELEASED if found.reservation.outcome == Lost.RELEASED else Lost.EXPIRED


def find_session(tables: Tables, session_id: str, now: Instant) -> RunningSession | None:
    found = tables.sessions.get(session_id)
    return found if found and now < found.ends_at else None


def live_session(tables: Tables, session_id: str, now: Instant) -> RunningSession:
    found = find_session(tables, session_id, now)
    if found is None:
        raise NotFound
    return found


def prolong(tables: Tables, found: RunningSession, until: Instant, now: Instant) -> None:
    """Session and data live at least until then."""
    found.ends_at = max(found.ends_at, until)
    records.extend_data(tables, found.data_id, until, now)


def close(tables: Tables, found: RunningSession, now: Instant) -> None:
    """Release the slot and remove the session, not its data."""
    current = found.reservation
    if current and current.open:
        if not current.is_held(now):
            events.note(tables, EventType.EXPIRED, found.id, now, number=current.number)
        current.let_go(now)
        tables.settled(current, now)
    events.note(tables, EventType.ENDED, found.id, now)
    remove_session(tables, found.id, now)


def remove_session(tables: Tables, session_id: str, now: Instant) -> None:
    """The session goes, and its answer to repeated requests and its chart with it."""
    chart_events.remove(tables, session_id, now)
    found = tables.sessions.pop(session_id)
    key = found.answer_key
    if key and key in tables.answers and tables.answers[key].granted.session_id == session_id:
        del tables.answers[key]
