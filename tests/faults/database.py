"""A store's tables, looked into with SQL: the state of every thing, and what must never be found."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from matchline.model import Value

from .ledger import ABSENT, MATCHED, OWNER, PRESENT, WAITING, Grant, Seen

# Each finds the traces of a step that was done by half, or of a slot with two holders.
FORBIDDEN = {
    "a waiting session without its reservation": """
        select id from session s where matched = 0 and not exists (
          select 1 from reservation r where r.id = s.reservation_id and r.session_id = s.id and r.outcome is null)""",
    "a reservation without its session": """
        select id from reservation where outcome is null
          and session_id not in (select id from session where matched = 0)""",
    "a session without its data": """
        select id from session where data_id not in (select id from record where owner is null)""",
    "a held number without its reservation": """
        select text from number n where held_until > :now and not exists (
          select 1 from reservation r where r.id = n.reservation_id and r.number_id = n.id and r.outcome is null)""",
    "a reservation whose number does not know it": """
        select r.id from reservation r join number n on n.id = r.number_id
        where r.outcome is null and r.shared = 0 and n.reservation_id <> r.id""",
    "a slot with two holders": """
        select number_id, min(code) from reservation where outcome is null and (shared = 0 or coded = 1)
        group by number_id, case when shared = 1 then code end having count(*) > 1""",
    "a number that was given out twice at one time": """
        select a.id, b.id from reservation a join reservation b
          on a.number_id = b.number_id and a.shared = 0 and b.shared = 0 and a.id < b.id
        where b.started_at < a.busy_until""",
    "codes that are miscounted": """
        select number_id, lead, used from codes_in_use c where used <> (
          select count(*) from reservation r
          where r.number_id = c.number_id and r.shared = 1 and r.coded = 1
            and length(r.code) = c.length and substr(r.code, 1, 1) = c.lead)""",
    "a call that is bound to a session which still waits": """
        select key from binding where session_id in (select id from session where matched = 0)""",
    "an answer that is kept for a session which is not there": """
        select key from idempotency where session_id not in (select id from session)""",
}

_SESSIONS = """
    select s.matched, s.id, n.text, r.code, data.body from session s
    left join reservation r on r.id = s.reservation_id left join number n on n.id = r.number_id
    left join record data on data.id = s.data_id"""

_RECORDS = "select id, body from record where owner = :owner"

_read_values = msgspec.msgpack.Decoder(dict[str, Value]).decode

_OPTIONS = "select name, value from option where section = 'service.noted' and name in ('left', 'right')"

_NUMBERS = "select text, draining from number where grp = 'SPARE'"


Select = Callable[[str, Mapping[str, object]], list[tuple[Any, ...]]]


def check_file(path: Path) -> dict[str, Seen]:
    """Every thing in an SQLite file, after what is forbidden was looked for."""
    with closing(sqlite3.connect(path)) as connection:
        problems = connection.execute("pragma quick_check").fetchall()
        assert problems == [("ok",)], problems
        return check(lambda query, parameters: connection.execute(query, parameters).fetchall())


def check_postgres(url: str) -> dict[str, Seen]:
    """Every thing in a PostgreSQL database at one moment, after what is forbidden was looked for."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return check(select_from(connection))


def select_from(connection: psycopg.Connection[tuple[Any, ...]]) -> Select:
    def select(query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        named = re.sub(r":(\w+)", r"%(\1)s", query)
        return connection.execute(named.encode(), parameters).fetchall()

    return select


def check(select: Select) -> dict[str, Seen]:
    now = time.time_ns() // 1_000_000
    for sentence, query in FORBIDDEN.items():
        rows = select(query, {"now": now} if ":now" in query else {})
        assert not rows, f"there is {sentence}: {rows}"
    found = list(_things(select))
    assert len(dict(found)) == len(found), "something is there twice"
    return dict(found)


def _things(select: Select) -> Iterator[tuple[str, Seen]]:
    for matched, session, number, code, body in select(_SESSIONS, {}):
        grant = None if matched else Grant(session, number, code)
        mark = _whole_pair(body, "mark", "twin")
        yield f"session {mark}", Seen(MATCHED if matched else WAITING, grant)
    for record, body in select(_RECORDS, {"owner": OWNER}):
        yield f"record {record}", Seen(_whole_pair(body, "left", "right"))
    options: dict[str, str] = dict(select(_OPTIONS, {}))
    yield "options", Seen(whole_pair(options.get("left"), options.get("right")))
    for text, draining in select(_NUMBERS, {}):
        yield f"number {text}", Seen("draining" if draining else PRESENT)


def assert_nothing_lives(select: Select) -> None:
    """The tables are empty of what has a time."""
    for table in ("session", "reservation", "record", "binding", "idempotency"):
        assert select(f"select count(*) from {table}", {}) == [(0,)], table  # noqa: S608 - ours
    assert select("select count(*) from codes_in_use where used <> 0", {}) == [(0,)]


def _whole_pair(body: bytes, left: str, right: str) -> str:
    values = _read_values(body)
    return whole_pair(*(values[name].body.decode() if name in values else None for name in (left, right)))


def whole_pair(left: str | None, right: str | None) -> str:
    """Two values that are always written together tell one state."""
    if left != right:
        return f"half done: {left!r}, {right!r}"
    return ABSENT if left is None else left
