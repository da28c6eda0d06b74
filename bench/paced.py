"""Paced: match latency at a given rate, open loop: each time counts from when the request was due.

Calls come as they please: the gaps between them are exponential, from a fixed seed.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from bench.configured import Kind
from bench.crowd import Due, Run, crowd
from bench.figures import count_text, milliseconds, percent, quantile, size_text
from bench.filled import Filled
from bench.requests import Reserved
from bench.scripts import MATCH, match, reserve
from bench.served import NOOP, Served, served
from bench.table import print_table

TARGET_SECONDS = 0.005  # p99
_CONNECTIONS = 64
_PATIENCE = 2  # times the seconds that it should take


@dataclass(frozen=True, slots=True)
class Plan:
    sessions: int
    per_second: int
    seconds: int
    rounds: int

    @property
    def matches(self) -> int:
        """In one round."""
        return self.per_second * self.seconds


@dataclass(frozen=True, slots=True)
class Reading:
    run: Run
    server_share: float


def measure_paced(directory: Path, plan: Plan) -> None:
    store = Filled(directory, Kind.CODE)
    store.grow(plan.sessions + plan.rounds * plan.matches)
    readings: list[tuple[str, Reading]] = []
    with served("SQLite, durable", store.served_by) as product, served("no-op", NOOP) as noop:
        any_session = _reserved(noop)
        for _ in range(plan.rounds):
            readings.append((noop.name, _reading(noop, plan, repeat(any_session, plan.matches), seed=0)))
            called = store.waiting.take_each(plan.matches)
            readings.append((product.name, _reading(product, plan, called, seed=1)))
    store.path.unlink()
    _report(plan, readings)


def _reserved(server: Served) -> Reserved:
    kept: list[Reserved] = []
    with crowd([server.port], 1) as clients:
        clients.run([reserve(Kind.CODE, kept.append)])
    return kept[0]


def _reading(server: Served, plan: Plan, called: Iterator[Reserved], *, seed: int) -> Reading:
    used = server.processor_seconds()
    with crowd([server.port], _CONNECTIONS) as clients:
        run = clients.run_paced(_due(plan, called, random.Random(seed)))
    return Reading(run, (server.processor_seconds() - used) / run.elapsed)


def _due(plan: Plan, called: Iterator[Reserved], chance: random.Random) -> Iterator[Due]:
    """A server that is far behind is not asked for the rest."""
    due, last = 0.0, time.perf_counter() + _PATIENCE * plan.seconds
    for session in called:
        if time.perf_counter() > last:
            return
        due += chance.expovariate(plan.per_second)
        yield due, match(session)


def _report(plan: Plan, readings: list[tuple[str, Reading]]) -> None:
    rows = [[name, *_cells(reading)] for name, reading in readings]
    head = ("server", "achieved/s", "p50 ms", "p90 ms", "p99 ms", "worst ms", "its core", "client's core")
    print_table(
        f"Paced: {count_text(plan.per_second)} matches/s, open loop, at least {size_text(plan.sessions)} "
        f"live sessions, rounds of {plan.seconds} s; target p99 < {milliseconds(TARGET_SECONDS)} ms",
        head,
        rows,
    )


def _cells(reading: Reading) -> list[str]:
    times = reading.run.times[MATCH]
    return [
        count_text(reading.run.per_second),
        *(milliseconds(quantile(times, share)) for share in (0.5, 0.9, 0.99, 1.0)),
        percent(reading.server_share),
        percent(reading.run.client_share),
    ]
