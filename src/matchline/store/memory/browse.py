"""Steps that let people look at what lives, and at what happened to one session. They change nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from matchline.clock import Instant
from matchline.kept.live import (
    AFTER_ALL_IDS,
    EventPage,
    NumberUse,
    SessionCount,
    SessionPage,
    SessionsWanted,
    standing,
)
from matchline.store.memory import events
from matchline.store.memory.sessions import session
from matchline.store.memory.tables import AccessNumber, RunningSession, Tables


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


def number_uses(
    tables: Tables, number_ids: Sequence[int], look_at: int, now: Instant
) -> Mapping[int, NumberUse]:
    found: dict[int, NumberUse] = {}
    looked_at = 0
    for number in (tables.numbers[each] for each in number_ids if each in tables.numbers):
        use, looked = _use(number, look_at, now)
        looked_at += looked
        if found and looked_at > look_at:
            break
        found[number.id] = use
    return found


def _use(number: AccessNumber, look_at: int, now: Instant) -> tuple[NumberUse, int]:
    """And how many reservations were looked at."""
    shared = [each for each in number.reservations.values() if each.shared]
    paired = [each for each in shared if each.code][:look_at]
    uncoded = [each for each in shared if not each.code and each.open][:look_at]
    held = sum(each.is_held(now) for each in (*paired, *uncoded))
    cooling = sum(now < each.span.busy_until and not each.is_held(now) for each in paired)
    alone_held = number.released_at() > now
    alone_cooling = not alone_held and number.free_at(shared=True) > now
    looked = len(paired) + len(uncoded)
    is_free = number.free_at(shared=False) <= now
    return NumberUse(is_free, held + alone_held, cooling + alone_cooling, looked < look_at), looked


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
