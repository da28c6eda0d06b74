"""Steps that let people look at what lives, and at what happened to one session. They change nothing."""

from collections import Counter
from itertools import islice

from matchline.clock import Instant
from matchline.live import AFTER_ALL_IDS, EventPage, SessionCount, SessionPage, SessionsWanted, standing
from matchline.store.memory import events
from matchline.store.memory.sessions import session
from matchline.store.memory.tables import RunningSession, Tables


def sessions(tables: Tables, wanted: SessionsWanted, now: Instant) -> SessionPage:
    looked = _newest(tables, wanted.prefix, wanted.end, wanted.look_at, now)
    ids = [each.id for each in looked if _is_wanted(tables, each, wanted, now)][: wanted.limit]
    found = tuple(session(tables, session_id, now) for session_id in ids)
    if len(found) == wanted.limit:
        return SessionPage(found, ids[-1])
    return SessionPage(found, looked[-1].id if len(looked) == wanted.look_at else None)


def count(tables: Tables, before: str | None, look_at: int, now: Instant) -> SessionCount:
    looked = _newest(tables, "", AFTER_ALL_IDS if before is None else before, look_at, now)
    services = Counter(each.service for each in looked)
    return SessionCount(services, looked[-1].id if len(looked) == look_at else None)


def session_events(tables: Tables, session_id: str, before: int | None, look_at: int) -> EventPage:
    newest = (place for place in reversed(tables.events) if before is None or place < before)
    looked = [events.told(place, tables.events[place]) for place in islice(newest, look_at)]
    found = tuple(each for each in reversed(looked) if each.event.session_id == session_id)
    oldest = min((each.at for each in looked), default=None)
    return EventPage(found, oldest, looked[-1].place if len(looked) == look_at else None)


def _newest(tables: Tables, first: str, end: str, look_at: int, now: Instant) -> list[RunningSession]:
    ids = (each for each in sorted(tables.sessions, reverse=True) if first <= each < end)
    live = (tables.sessions[each] for each in ids if now < tables.sessions[each].ends_at)
    return list(islice(live, look_at))


def _is_wanted(tables: Tables, each: RunningSession, wanted: SessionsWanted, now: Instant) -> bool:
    found = session(tables, each.id, now)
    number = each.reservation.number if each.reservation else None
    return (
        (
            wanted.number_ids is None
            or (found.held is not None and number is not None and number.id in wanted.number_ids)
        )
        and (wanted.person is None or wanted.person.is_meant(found.phone_text))
        and (not wanted.service or found.service == wanted.service)
        and (wanted.standing is None or standing(found) is wanted.standing)
    )
