"""The step that removes what is over. It changes no answer: every other step judges by the times alone."""

from matchline.clock import Instant
from matchline.model import Swept
from matchline.store.sql import Database, configuration, slots
from matchline.store.sql.sessions import remove_session


def sweep(db: Database, now: Instant, limit: int) -> Swept:
    over = {"now": now, "limit": limit}
    db.run("refile_sessions", over)
    sessions = db.rows("sessions_over", over)
    for (session_id,) in sessions:
        remove_session(db, session_id)
    db.run("expire_reservations", over)
    reservations = db.rows("reservations_over", over)
    for reservation_id, number_id, shared, code in reservations:
        slots.remove_reservation(db, reservation_id, number_id, code, shared=shared)
    db.run("refile_records", over)
    old_records = db.rows("records_over", over)
    for (record_id,) in old_records:
        db.run("remove_record", {"id": record_id})
    bindings = db.rows("bindings_over", over)
    numbers = configuration.purge_numbers(db, now)
    return Swept(len(sessions), len(reservations), len(old_records), len(bindings), numbers)
