"""The step that removes what is known of a person."""

from matchline.clock import Instant
from matchline.errors import StoreError
from matchline.guessing import guesser_of_phone
from matchline.person import Forgotten, Person
from matchline.store.sql import Database, Parameters, reserve


class Rehearsed(StoreError):
    """Leaves nothing behind, as every step that raises; tells what would have been removed."""

    def __init__(self, forgotten: Forgotten) -> None:
        super().__init__()
        self.forgotten = forgotten


def forget(db: Database, person: Person, now: Instant) -> Forgotten:
    known = _known(db, person)
    answers = sessions = reservations = bindings = calls = events = 0
    for session_id in sorted(known):
        of_session = {"session_id": session_id}
        answers += _gone(db, "forget_answers", of_session)
        reservations += len(db.rows("reservations_of_session", of_session))
        sessions += reserve.close(db, session_id, now) or _gone(db, "forget_session", of_session)
        db.run("forget_reservations", of_session)
        bindings += _gone(db, "forget_bindings", of_session)
        calls += _gone(db, "forget_calls", of_session)
        events += _gone(db, "forget_events", of_session)
    records = sum(_gone(db, "forget_record", {"id": data_id}) for data_id in sorted(known.values()))
    budgets = 0
    for phone in sorted(person.phones):
        bindings += _gone(db, "forget_repeats_of_phone", {"phone": phone})
        calls += _gone(db, "forget_calls_of_phone", {"phone": phone})
        budgets += _gone(db, "forget_budget", {"guesser": guesser_of_phone(phone)})
    return Forgotten(sessions, reservations, records, bindings, answers, calls, events, budgets)


def rehearse(db: Database, person: Person, now: Instant) -> Forgotten:
    """Raises Rehearsed."""
    raise Rehearsed(forget(db, person, now))


def _known(db: Database, person: Person) -> dict[str, str]:
    """The person's sessions with their data, also of sessions that have ended, as far as anything tells of them."""
    known = {
        session_id: data_id
        for session_id, data_id, phone_text in db.rows("phones_of_sessions", {})
        if person.is_meant(phone_text)
    }
    for phone in sorted(person.phones):
        for statement in ("reservations_of_phone", "bindings_of_phone"):
            known.update(db.rows(statement, {"phone": phone}))
    return known


def _gone(db: Database, statement: str, parameters: Parameters) -> int:
    return len(db.rows(statement, parameters))
