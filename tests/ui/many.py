"""A store full of live sessions, written in bulk: what a busy day leaves, within a few seconds."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

import psycopg

from matchline.clock import SECOND, Instant

# One of a hundred sessions was begun by the second service, one of ten has been matched.
SERVICES = ("request-interaction", "call-me-back")
_OF_SECOND_SERVICE = 100
_MATCHED = 10

_HOUR = 3600 * SECOND
_EMPTY = b"\x80"  # no values, as MessagePack

SESSION = (
    "insert into session (id, service, data_id, phone_text, ttl, ends_at, sweep_at, matched,"
    " reservation_id) values"
)
RESERVATION = (
    "insert into reservation (id, session_id, data_id, number_id, shared, code, coded, phone, timeout, late_grace,"
    " cooldown, cooldown_after_match, started_at, expires_at, late_until, busy_until, sweep_at, outcome) values"
)
RECORD = "insert into record (id, owner, expires_at, sweep_at, hidden, body) values"

Row = tuple[object, ...]


def session_id(place: int, now: Instant, count: int) -> str:
    """The latest begun has the last place; together they took half an hour."""
    second = now // SECOND - (count - place) * 1800 // count
    return f"{second:08x}{place:022d}"


def phone_of(place: int) -> str:
    return f"+1415555{place % 10_000:04d}"


def fill(url: str, number: str, count: int, now: Instant) -> None:
    """Sessions that hold a pair of this shared number, for an hour from now on."""
    write = _write_postgres if url.startswith("postgresql://") else _write_sqlite
    write(url, number, count, now)


def _write_sqlite(url: str, number: str, count: int, now: Instant) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        (number_id,) = connection.execute("select id from number where text = ?", (number,)).fetchone()
        for text, rows in _tables(number_id, count, now):
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"{text} ({marks})", rows)


def _write_postgres(url: str, number: str, count: int, now: Instant) -> None:
    with psycopg.connect(url) as connection:
        found = connection.execute("select id from number where text = %s", (number,)).fetchone()
        assert found
        for text, rows in _tables(found[0], count, now):
            into = text.removeprefix("insert into ").removesuffix(" values")
            with connection.cursor().copy(f"copy {into} from stdin".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        connection.execute(b"select setval('reservation_id_seq', %d)" % (count + 1))
        connection.commit()
        connection.autocommit = True
        connection.execute("analyze")


def _tables(number_id: int, count: int, now: Instant) -> Iterator[tuple[str, list[Row]]]:
    ids = [session_id(place, now, count) for place in range(count)]
    yield SESSION, list(_sessions(ids, now))
    yield RESERVATION, list(_reservations(ids, number_id, now))
    yield RECORD, [(f"data-{each}", None, now + _HOUR, now + _HOUR, 0, _EMPTY) for each in ids]


def _sessions(ids: Iterable[str], now: Instant) -> Iterator[Row]:
    for place, each in enumerate(ids):
        service = SERVICES[place % _OF_SECOND_SERVICE == 0]
        ends_at = now + _HOUR
        matched = int(place % _MATCHED == 0)
        yield each, service, f"data-{each}", phone_of(place), _HOUR, ends_at, ends_at, matched, place + 1


def _reservations(ids: Iterable[str], number_id: int, now: Instant) -> Iterator[Row]:
    end = now + _HOUR
    for place, each in enumerate(ids):
        outcome = "matched" if place % _MATCHED == 0 else None
        slot = (place + 1, each, f"data-{each}", number_id, 1, f"{place:08d}", 1, phone_of(place))
        yield *slot, _HOUR, 0, 0, 0, now, end, end, end, end, outcome
