"""Statements that must not scan: the time of a match does not grow with what lives (rule 5)."""

import re
import sqlite3

import pytest

from matchline.store.sql import schema, statements

HOT = {
    "candidates_by_code": "pair (number_id=? AND code=?)",
    "candidates_of_caller": "open_by_phone (number_id=? AND phone=? AND coded=?)",
    "candidates_of_anyone": "open_by_age (number_id=? AND coded=?)",
    "forget_repeats_of_code": "repeat_by_code (number_id=? AND code=? AND kind=?)",
    "sessions_over": "session_to_sweep (sweep_at<?)",
    "records_over": "record_to_sweep (sweep_at<?)",
    "expire_reservations": "reservation_to_sweep (sweep_at<?)",
    "purge_numbers": "number_draining",
    "browse_sessions": "session USING PRIMARY KEY (id>? AND id<?)",
    "browse_phones": "session USING PRIMARY KEY (id>? AND id<?)",
    "browse_end": "session USING PRIMARY KEY (id>? AND id<?)",
    "count_sessions": "session USING PRIMARY KEY (id<?)",
    "browse_events": "event_by_place (place<?)",
    "use_of_number": "pair (number_id=?)",
    "open_on_shared": "open_by_age (number_id=?)",
    "free_number": "number_by_rest (grp=? AND busy_until<?)",
}


@pytest.mark.parametrize("name", HOT)
def test_the_statement_walks_its_index(name: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema())
    text = statements()[name]
    parameters = dict.fromkeys(re.findall(r":(\w+)", text), 1)
    plan = [row[3] for row in connection.execute(f"explain query plan {text}", parameters)]
    connection.close()
    assert any(HOT[name] in step for step in plan), plan
    assert not [step for step in plan if re.match(r"SCAN (reservation|session|record|value|binding)\b", step)]
