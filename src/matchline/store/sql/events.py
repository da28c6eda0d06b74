"""Steps over the outbox of events. What a step settles is noted in the same transaction, when it is to be."""

from collections.abc import Iterable

from matchline.clock import SECOND, Instant, whole_seconds
from matchline.kept.events import Attempt, Event, EventType, Outbox, Pruned, Told
from matchline.store import PLACES_AT_ONCE
from matchline.store.sql import Database, Parameters, Reader, Row, chart_events
from matchline.verdict import Candidate, is_late, waited


def note(
    db: Database,
    type_: EventType,
    session_id: str,
    now: Instant,
    *,
    number_id: int | None = None,
    duration: int | None = None,
) -> None:
    """The session is still there, so that its service can be named. The duration is in ms."""
    if type_ in db.recording:
        seconds = None if duration is None else whole_seconds(duration)
        told = {"type": str(type_), "session_id": session_id, "number_id": number_id, "seconds": seconds}
        db.run("add_event_of_session", {**told, **_times(db, now)})
    chart_events.tell(db, type_, session_id, now, number_id)


def note_match(db: Database, candidate: Candidate, now: Instant) -> None:
    type_ = EventType.LATE if is_late(candidate, now) else EventType.MATCHED
    duration = waited(candidate, now) // SECOND * SECOND  # seconds that are over
    note(db, type_, candidate.session_id, now, number_id=candidate.number_id, duration=duration)


def note_expired_on_pair(db: Database, number_id: int, code: str, now: Instant) -> None:
    if EventType.EXPIRED in db.recording or db.recording.charts:
        for (session_id,) in db.rows("expired_on_pair", {"number_id": number_id, "code": code, "now": now}):
            note(db, EventType.EXPIRED, session_id, now, number_id=number_id)


def add(db: Database, events: Iterable[Event], now: Instant) -> None:
    for event in events:
        if event.type in db.recording:
            told = {
                "type": str(event.type),
                "session_id": event.session_id,
                "service": event.service,
                "grp": event.group,
                "number": event.number,
                "seconds": event.seconds,
            }
            db.run("add_event", {**told, **_times(db, now)})


def _times(db: Database, now: Instant) -> Parameters:
    recording = db.recording
    return {"now": now, "keep_until": now + recording.keep, "due_at": now if recording.deliver else None}


def any_without_place(db: Reader) -> bool:
    return bool(db.rows("events_without_place", {"limit": 1}))


def give_places(db: Database) -> None:
    """To events that have none, as many as are given at once."""
    row = db.row("last_place", {})
    assert row, "the statement makes it"
    last: int = row[0]
    for (event_id,) in db.rows("events_without_place", {"limit": PLACES_AT_ONCE}):
        last += 1
        db.run("place_event", {"id": event_id, "place": last})
    db.run("set_last_place", {"last": last})


def after(db: Reader, place: int, limit: int) -> tuple[Told, ...]:
    return tuple(map(told, db.rows("list_events", {"after": place, "limit": limit})))


def due(db: Reader, limit: int, now: Instant) -> tuple[Told, ...]:
    return tuple(map(told, db.rows("due_events", {"limit": limit, "now": now})))


def note_attempts(db: Database, attempts: Iterable[Attempt]) -> None:
    for attempt in attempts:
        failed = int(attempt.due_at is not None)
        db.run("note_attempt", {"place": attempt.place, "due_at": attempt.due_at, "failed": failed})


def outbox(db: Reader) -> Outbox:
    row = db.row("outbox", {})
    assert row, "an aggregate has a row"
    return Outbox(*row)


def prune(db: Database, now: Instant, limit: int) -> Pruned:
    gone = db.rows("prune_events", {"now": now, "limit": limit})
    return Pruned(len(gone), sum(dead for (dead,) in gone))


def take_lease(db: Database, name: str, owner: str, until: Instant, now: Instant) -> bool:
    return db.row("take_lease", {"name": name, "owner": owner, "until": until, "now": now}) is not None


def told(row: Row) -> Told:
    place, type_, at, session_id, service, group, number, seconds, attempts = row
    event = Event(EventType(type_), session_id, service, group, number, seconds)
    return Told(place, event, at, attempts)
