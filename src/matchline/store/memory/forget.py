"""The step that removes what is known of a person."""

from collections.abc import Callable
from typing import TypeVar

from matchline.clock import Instant
from matchline.guessing import guesser_of_phone
from matchline.kept.person import Forgotten, Person
from matchline.store.memory.sessions import close
from matchline.store.memory.tables import Tables

K = TypeVar("K")
T = TypeVar("T")


def forget(tables: Tables, person: Person, now: Instant) -> Forgotten:
    known = _known(tables, person)
    answers = _remove(tables.answers, lambda _, each: each.granted.session_id in known)
    reservations = sum(each.session_id in known for each in tables.reservations.values())
    sessions = _end_sessions(tables, known, now)
    _scrub_reservations(tables, known)
    return Forgotten(
        sessions,
        reservations,
        _remove(tables.records, lambda record_id, each: record_id in known.values() and each.owner is None),
        _remove(
            tables.bindings,
            lambda key, _: (
                key.session_id in known
                or (key.kind == "repeat" and any(key.key.endswith(f"/{phone}") for phone in person.phones))
            ),
        ),
        answers,
        _remove(tables.calls, lambda _, each: each.session_id in known or each.caller in person.phones),
        _remove(tables.events, lambda _, each: each.event.session_id in known),
        _remove(tables.guess_budgets, lambda guesser, _: guesser in map(guesser_of_phone, person.phones)),
    )


def _known(tables: Tables, person: Person) -> dict[str, str]:
    """The person's sessions with their data, also of sessions that have ended, as far as anything tells of them."""
    known = {
        session.id: session.data_id
        for session in tables.sessions.values()
        if person.is_meant(session.phone_text)
    }
    for reservation in tables.reservations.values():
        if reservation.phone in person.phones:
            known[reservation.session_id] = reservation.data_id
    for key, binding in tables.bindings.items():
        if binding.phone in person.phones:
            known[key.session_id] = binding.data_id
    return known


def _end_sessions(tables: Tables, known: dict[str, str], now: Instant) -> int:
    found = [tables.sessions[session_id] for session_id in known if session_id in tables.sessions]
    for session in found:
        close(tables, session, now)
    return len(found)


def _scrub_reservations(tables: Tables, known: dict[str, str]) -> None:
    """What is settled or over stays while its slot rests, and tells nothing of anyone."""
    for each in tables.reservations.values():
        if each.session_id in known:
            each.session_id = each.data_id = ""
            each.phone, each.open = None, False


def _remove(table: dict[K, T], is_meant: Callable[[K, T], bool]) -> int:
    found = [key for key, each in table.items() if is_meant(key, each)]
    for key in found:
        del table[key]
    return len(found)
