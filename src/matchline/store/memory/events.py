"""Steps over the outbox of events."""

from collections.abc import Iterable

from matchline.clock import SECOND, Instant, whole_seconds
from matchline.kept.events import Attempt, Event, EventType, Outbox, Pruned, Told
from matchline.store.memory import chart_events
from matchline.store.memory.tables import AccessNumber, KeptEvent, Lease, Tables
from matchline.verdict import Candidate, is_late, waited


def note(
    tables: Tables,
    type_: EventType,
    session_id: str,
    now: Instant,
    *,
    number: AccessNumber | None = None,
    duration: int | None = None,
) -> None:
    """The duration is in ms."""
    session = tables.sessions.get(session_id)
    service = session.service if session else ""
    group, text = (number.group, number.text) if number else ("", "")
    seconds = None if duration is None else whole_seconds(duration)
    add(tables, [Event(type_, session_id, service, group, text, seconds)], now)
    chart_events.tell(tables, type_, session_id, now, number)


def note_match(tables: Tables, candidate: Candidate, now: Instant) -> None:
    type_ = EventType.LATE if is_late(candidate, now) else EventType.MATCHED
    number = tables.numbers[candidate.number_id]
    duration = waited(candidate, now) // SECOND * SECOND  # seconds that are over
    note(tables, type_, candidate.session_id, now, number=number, duration=duration)


def add(tables: Tables, events: Iterable[Event], now: Instant) -> None:
    for event in events:
        if event.type in tables.recording:
            tables.last_event += 1
            due_at = now if tables.recording.deliver else None
            keep_until = now + tables.recording.keep
            tables.events[tables.last_event] = KeptEvent(event, now, keep_until, due_at)


def after(tables: Tables, place: int, limit: int) -> tuple[Told, ...]:
    found = (told(each, kept) for each, kept in tables.events.items() if each > place)
    return tuple(each for each, _ in zip(found, range(limit), strict=False))


def due(tables: Tables, limit: int, now: Instant) -> tuple[Told, ...]:
    """Of each session the first that is not delivered, if it is due."""
    found = []
    sessions: set[str] = set()
    for place, kept in tables.events.items():
        session_id = kept.event.session_id
        if kept.due_at is None or session_id in sessions:
            continue
        if session_id:
            sessions.add(session_id)
        if kept.due_at <= now:
            found.append(told(place, kept))
    return tuple(found[:limit])


def note_attempts(tables: Tables, attempts: Iterable[Attempt]) -> None:
    for attempt in attempts:
        kept = tables.events.get(attempt.place)
        if kept and kept.due_at is not None:
            kept.due_at = attempt.due_at
            kept.attempts += attempt.due_at is not None


def outbox(tables: Tables) -> Outbox:
    waiting = [kept.at for kept in tables.events.values() if kept.due_at is not None]
    return Outbox(len(waiting), min(waiting, default=None))


def prune(tables: Tables, now: Instant, limit: int) -> Pruned:
    over = [place for place, kept in tables.events.items() if kept.keep_until <= now][:limit]
    gone = [tables.events.pop(place) for place in over]
    return Pruned(len(gone), sum(kept.due_at is not None for kept in gone))


def take_lease(tables: Tables, name: str, owner: str, until: Instant, now: Instant) -> bool:
    held = tables.leases.get(name)
    if held and held.owner != owner and now < held.until:
        return False
    tables.leases[name] = Lease(owner, until)
    return True


def told(place: int, kept: KeptEvent) -> Told:
    return Told(place, kept.event, kept.at, kept.attempts)
