"""The step that tells what a call would be answered, and changes nothing (rule 14)."""

from matchline.clock import Instant
from matchline.foretold import KNOWN_LIMIT, Foretold, Known, as_verdict, rehearsal
from matchline.store.sql import Database
from matchline.store.sql.match import candidate_of, decide_now, remembered_call, remembered_repeat
from matchline.verdict import Query, Verdict


def foretell(db: Database, query: Query, now: Instant) -> Foretold:
    asked = rehearsal(query)
    known = _known(db, asked)  # first: an earlier answer ends the transaction
    earlier = remembered_call(db, asked, now) if asked.call_id is not None else None
    return Foretold(earlier or _decided(db, asked, now), known)


def _decided(db: Database, query: Query, now: Instant) -> Verdict:
    decision, _, _ = decide_now(db, query, now)
    return remembered_repeat(db, query, decision, now) or as_verdict(decision, now)


def _known(db: Database, query: Query) -> tuple[Known, ...]:
    found: dict[int, Known] = {}
    for asked in query.numbers:
        of_number = {"number_id": asked.number_id}
        rows = db.rows("waiting_on_number", {**of_number, "limit": KNOWN_LIMIT})
        rows += db.rows("last_on_number", of_number)
        if query.code is not None:
            rows += db.rows("pair_on_number", {**of_number, "code": query.code})
        for row in rows:
            *candidate, late_until, outcome = row
            found[row[0]] = Known(candidate_of(tuple(candidate)), late_until, outcome)
    return tuple(found[reservation_id] for reservation_id in sorted(found, reverse=True))
