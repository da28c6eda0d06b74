"""Comparison: reserve + match pairs of the product beside the build that a team would write by hand.

They run side by side and are asked in turn, round by round; medians and ratios within a round count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.contenders import KIND, NODES, REDIS, SQLITE, Contender, contenders, database_versions
from bench.crowd import Run, crowd
from bench.figures import count_text, microseconds, milliseconds, percent, quantile, spread_text
from bench.machine import CLIENT_CORE, SERVER_CORE, cores
from bench.processor import busy_seconds
from bench.rounds import most_client_share, turns
from bench.scripts import MATCH, pairs
from bench.table import print_table

# How many times the pairs/s of the alternative, with either setting of its append-only file.
TARGETS = {SQLITE: 3.0} | dict.fromkeys(NODES.values(), 1.0)

_DISTURBED = 0.1  # share of the machine: a contender of two processes loses more by it than one of one


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    pairs: int  # in each round
    connections: int = 32


@dataclass(frozen=True, slots=True)
class Reading:
    """One round of one contender."""

    run: Run
    web: float  # the processor time of its web servers, in seconds
    database: float  # that of a database apart
    others: float  # the share of all cores that programs had which are not measured

    @property
    def pairs_per_second(self) -> float:
        return self.run.per_second / 2

    @property
    def cost(self) -> float:
        """Processor time in all for one request, in seconds."""
        return (self.web + self.database) / self.run.requests

    def match_time(self, share: float) -> float:
        return quantile(self.run.times[MATCH], share)


Readings = dict[str, list[Reading]]  # by contender, in the order of the rounds


def measure_comparison(directory: Path, plan: Plan) -> None:
    with contenders(directory) as compared:
        readings: Readings = {contender.name: [] for contender in compared}
        for place, contender in turns(plan.rounds, compared):
            reading = _round(contender, plan)
            if place:
                readings[contender.name].append(reading)
    _report(readings, plan)


def _round(contender: Contender, plan: Plan) -> Reading:
    with crowd(contender.ports, plan.connections) as clients:
        web, database, busy = _processor_seconds(contender)
        run = clients.run(pairs(KIND, plan.pairs))
        web_after, database_after, busy_after = _processor_seconds(contender)
    web, database = web_after - web, database_after - database
    others = busy_after - busy - web - database - run.processor
    return Reading(run, web, database, others / (run.elapsed * cores()))


def _processor_seconds(contender: Contender) -> tuple[float, float, float]:
    return contender.web_seconds(), contender.database_seconds(), busy_seconds()


def _report(readings: Readings, plan: Plan) -> None:
    rows: dict[str, Callable[[list[Reading]], str]] = {
        "pairs/s": lambda own: spread_text([one.pairs_per_second for one in own]),
        "match p50 / p99 ms": lambda own: " / ".join(_match_time(own, share) for share in (0.5, 0.99)),
        "web: processor µs each": lambda own: microseconds(median(one.web / one.run.requests for one in own)),
        "database apart: the same": lambda own: microseconds(
            median(one.database / one.run.requests for one in own)
        ),
        "web: share of its core": lambda own: percent(median(one.web / one.run.elapsed for one in own)),
        "share of the machine that others had": lambda own: percent(_others(own)),
        "client's share of its core": lambda own: most_client_share(one.run for one in own),
    }
    print_table(
        f"Alternatives: {plan.connections} connections, {plan.rounds} rounds of {count_text(plan.pairs)} pairs; "
        "median (lowest to highest)",
        ("", *readings),
        [[label, *(cell(own) for own in readings.values())] for label, cell in rows.items()],
    )
    _report_conditions()
    if max(map(_others, readings.values())) > _DISTURBED:
        print(
            "- OTHERS HAD TOO MUCH OF THE MACHINE: ratios of pairs/s say little; compare the processor times"
        )
    for own, target in TARGETS.items():
        for alternative in REDIS.values():
            _report_ratio(readings, own, alternative, target)


def _report_conditions() -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "redis", "hiredis", "psycopg"))
    print(f"- {database_versions()}; {versions}")
    print(
        f"- web servers, also three: core {SERVER_CORE}; Redis and PostgreSQL: core {CLIENT_CORE}, with the client"
    )


def _report_ratio(readings: Readings, own: str, alternative: str, target: float) -> None:
    rounds = list(zip(readings[own], readings[alternative], strict=True))
    ratios = [one.pairs_per_second / other.pairs_per_second for one, other in rounds]
    cost = median(one.cost / other.cost for one, other in rounds)
    verdict = "met" if median(ratios) >= target else "missed"
    print(
        f"- {own}: {median(ratios):.2f} times the pairs/s of {alternative} "
        f"({min(ratios):.2f} to {max(ratios):.2f} in single rounds); target {target:g}: {verdict}; "
        f"{percent(cost)} of its processor time, databases included"
    )


def _others(own: list[Reading]) -> float:
    return median(one.others for one in own)


def _match_time(own: list[Reading], share: float) -> str:
    return milliseconds(median(one.match_time(share) for one in own))
