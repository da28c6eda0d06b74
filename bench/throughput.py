"""Throughput: requests per second of the product on both stores, beside the limit of its HTTP stack.

The three servers run side by side on one core and are asked in turn, so that what disturbs the machine
disturbs all of them; what counts are medians of rounds, and ratios within a round.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.configured import Kind, document_text
from bench.crowd import Crowd, Run, crowd
from bench.figures import count_text, microseconds, milliseconds, percent, quantile, spread_text
from bench.requests import Reserved
from bench.rounds import most_client_share, turns
from bench.scripts import MATCH, RESERVE, match, pairs, reserve
from bench.served import NOOP, Served, product, served
from bench.table import print_table

SQLITE, MEMORY, NO_OP = "SQLite, durable", "memory", "no-op"
PAIRS = "pairs"
TARGET = 0.5  # durable matches per no-op request

_KIND = Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    requests: int  # of each kind in each round
    connections: int = 32

    def requests_to(self, server: str) -> int:
        """The memory store looks at every number of a group to reserve one: it is asked less."""
        return self.requests // 10 if server == MEMORY else self.requests


@dataclass(frozen=True, slots=True)
class Reading:
    """One phase of one round."""

    run: Run
    server_processor: float  # seconds

    @property
    def cost(self) -> float:
        """The server's processor time for one request, in seconds: what others take of its core is not in it."""
        return self.server_processor / self.run.requests


@dataclass(slots=True)
class Readings:
    """One server's, by phase, in the order of the rounds."""

    of: dict[str, list[Reading]] = field(default_factory=lambda: {MATCH: [], RESERVE: [], PAIRS: []})

    def rates(self, phase: str) -> list[float]:
        return [reading.run.per_second for reading in self.of[phase]]

    def costs(self, phase: str) -> list[float]:
        return [reading.cost for reading in self.of[phase]]

    def match_time(self, phase: str, share: float) -> float:
        return median(quantile(reading.run.times[MATCH], share) for reading in self.of[phase])

    @property
    def all(self) -> list[Reading]:
        return [reading for readings in self.of.values() for reading in readings]


def measure_throughput(directory: Path, plan: Plan) -> None:
    readings = {name: Readings() for name in (SQLITE, MEMORY, NO_OP)}
    with _servers(directory) as servers:
        for place, server in turns(plan.rounds, servers):
            warm_up = Readings()
            _round(server, plan, readings[server.name] if place else warm_up)
    _report(readings, plan)


@contextmanager
def _servers(directory: Path) -> Iterator[list[Served]]:
    configuration = directory / "throughput.toml"
    configuration.write_text(document_text(_KIND))
    commands = {
        SQLITE: product(f"sqlite:///{directory / 'throughput.db'}", configuration),
        MEMORY: product("memory://", configuration),
        NO_OP: NOOP,
    }
    with ExitStack() as stack:
        yield [stack.enter_context(served(name, arguments)) for name, arguments in commands.items()]


def _round(server: Served, plan: Plan, readings: Readings) -> None:
    with crowd([server.port], plan.connections) as clients:
        used = server.processor_seconds()
        for phase, run in _phases(clients, plan.requests_to(server.name)):
            now = server.processor_seconds()
            readings.of[phase].append(Reading(run, now - used))
            used = now


def _phases(clients: Crowd, requests: int) -> Iterator[tuple[str, Run]]:
    kept: list[Reserved] = []
    yield RESERVE, clients.run(reserve(_KIND, kept.append) for _ in range(requests))
    yield MATCH, clients.run(match(reserved) for reserved in kept)
    yield PAIRS, clients.run(pairs(_KIND, requests // 2))


_LABELS = {MATCH: "matches only", RESERVE: "reserves only", PAIRS: "reserve + match pairs"}


def _report(readings: dict[str, Readings], plan: Plan) -> None:
    each = readings.values()
    rows = [
        *(
            [f"{label}: requests/s", *(_rates(one, phase) for one in each)]
            for phase, label in _LABELS.items()
        ),
        ["pairs/s", *(count_text(median(one.rates(PAIRS)) / 2) for one in each)],
        *(
            [f"{label}: processor µs each", *(_cost(one, phase) for one in each)]
            for phase, label in _LABELS.items()
        ),
        ["match p50 / p99 ms, matches only", *(_latency(one, MATCH) for one in each)],
        ["match p50 / p99 ms, in pairs", *(_latency(one, PAIRS) for one in each)],
        ["server's share of its core", *(_server_share(one) for one in each)],
        ["client's share of its core", *(_client_share(one) for one in each)],
        ["octets of an answered match", *(_octets(one) for one in each)],
    ]
    print_table(
        f"Throughput: {plan.connections} connections, {plan.rounds} rounds of {plan.requests:,} requests "
        "of each kind; median (lowest to highest)",
        ("", *readings),
        rows,
    )
    for phase in _LABELS:
        _report_ratios(readings, phase)


def _report_ratios(readings: dict[str, Readings], phase: str) -> None:
    limit = readings[NO_OP]
    for name in (SQLITE, MEMORY):
        own = readings[name]
        rates = [a / b for a, b in zip(own.rates(phase), limit.rates(phase), strict=True)]
        costs = [b / a for a, b in zip(own.costs(phase), limit.costs(phase), strict=True)]
        target = f" (target {percent(TARGET)})" if (name, phase) == (SQLITE, MATCH) else ""
        print(
            f"- {name}, {_LABELS[phase]}: {percent(median(rates))} of the no-op's requests/s{target}, "
            f"{percent(min(rates))} to {percent(max(rates))} in single rounds; "
            f"{percent(median(costs))} by processor time"
        )


def _rates(readings: Readings, phase: str) -> str:
    return spread_text(readings.rates(phase))


def _cost(readings: Readings, phase: str) -> str:
    return microseconds(median(readings.costs(phase)))


def _latency(readings: Readings, phase: str) -> str:
    return " / ".join(milliseconds(readings.match_time(phase, share)) for share in (0.5, 0.99))


def _server_share(readings: Readings) -> str:
    elapsed = sum(reading.run.elapsed for reading in readings.all)
    return percent(sum(reading.server_processor for reading in readings.all) / elapsed)


def _client_share(readings: Readings) -> str:
    return most_client_share(reading.run for reading in readings.all)


def _octets(readings: Readings) -> str:
    return str(readings.of[MATCH][-1].run.octets[MATCH])
