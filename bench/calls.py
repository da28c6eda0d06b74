"""Calls: telephone calls per second through a real Kamailio, which asks Matchline or a look-up that does nothing.

sipp places the calls and Kamailio redirects each to the agents with an id; both have the client's core, so that they
are what limits a look-up that does nothing. The look-ups are asked in turn, round by round.
"""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from statistics import median

from tests.telephony.exchange import Kamailio
from tests.telephony.phones import Phones

from bench.configured import Kind
from bench.figures import microseconds, percent, spread_text
from bench.filled import Filled
from bench.requests import Reserved
from bench.rounds import turns
from bench.served import NOOP, Served, served
from bench.table import print_table

SQLITE, NO_OP = "Matchline, SQLite, durable", "do-nothing look-up"
TARGET = 0.7  # calls with Matchline per call with a look-up that does nothing

_KIND = Kind.PHONE
_ANYBODY = Reserved("", "+18662000000", "+14155550123")  # a look-up that does nothing does not look
_RECEIVE_OCTETS = 4_000_000  # for the answers that arrive while sipp is busy


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    calls: int  # in each round
    at_once: int = 64  # twice Kamailio's workers


@dataclass(frozen=True, slots=True)
class Reading:
    """What one round gave."""

    per_second: float
    processor: float  # seconds of the look-up's, for each call


@dataclass(frozen=True, slots=True)
class Side:
    """A look-up, and the Kamailio that asks it."""

    server: Served
    phones: Phones
    readings: list[Reading]


def measure_calls(directory: Path, plan: Plan) -> None:
    store = Filled(directory, _KIND)
    store.grow((plan.rounds + 1) * plan.calls)
    with _asked(directory, SQLITE, store.served_by) as product, _asked(directory, NO_OP, NOOP) as noop:
        for place, side in turns(plan.rounds, (product, noop)):
            called = store.waiting.take_each(plan.calls) if side is product else repeat(_ANYBODY, plan.calls)
            reading = _reading(side, plan, called, directory)
            if place:
                side.readings.append(reading)
    store.path.unlink()
    _report(product, noop)


@contextmanager
def _asked(directory: Path, name: str, command: list[str]) -> Iterator[Side]:
    folder = directory / name.replace(" ", "-")
    folder.mkdir()
    with served(name, command) as server:
        kamailio = Kamailio(f"http://127.0.0.1:{server.port}", folder)
        try:
            yield Side(server, kamailio.phones, [])
        finally:
            kamailio.stop()


def _reading(side: Side, plan: Plan, called: Iterable[Reserved], directory: Path) -> Reading:
    """Raises AssertionError when a call is not redirected."""
    statistics = directory / "sipp.csv"
    statistics.unlink(missing_ok=True)
    used = side.server.processor_seconds()
    side.phones.run_calls(
        "load",
        [(session.phone, session.number) for session in called],
        *("-buff_size", str(_RECEIVE_OCTETS)),
        *("-trace_stat", "-stf", str(statistics), "-fd", "1"),
        at_once=plan.at_once,
    )
    processor = (side.server.processor_seconds() - used) / plan.calls
    return Reading(_calls_per_second(statistics), processor)


def _calls_per_second(statistics: Path) -> float:
    """Of the whole run, as sipp itself counts it: its start is not in it."""
    with statistics.open() as file:
        *_, last = csv.DictReader(file, delimiter=";")
    return float(last["CallRate(C)"])


def _report(product: Side, noop: Side) -> None:
    sides = (product, noop)
    print_table(
        "Calls through Kamailio",
        ("", *(side.server.name for side in sides)),
        [
            ("calls/s", *(spread_text([each.per_second for each in side.readings]) for side in sides)),
            (
                "look-up: processor µs each",
                *(microseconds(median(each.processor for each in side.readings)) for side in sides),
            ),
        ],
    )
    pairs = zip(product.readings, noop.readings, strict=True)
    ratios = [mine.per_second / limit.per_second for mine, limit in pairs]
    print(
        f"- {SQLITE}: {percent(median(ratios))} of the calls/s of the {NO_OP} (target {percent(TARGET)}), "
        f"{percent(min(ratios))} to {percent(max(ratios))} in single rounds"
    )
