"""Growth and memory: what more live sessions cost, at 1k to 1M of them.

A store grows through the sizes. At each, matches are timed inside the store (the step alone, no commit) and over
HTTP; for every session that was matched another is reserved, so that as many wait as before.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import median

from bench.btree import deepest
from bench.configured import Kind
from bench.crowd import Crowd, Run, crowd
from bench.figures import mebibytes, microseconds, milliseconds, quantile, size_text
from bench.filled import Filled
from bench.scripts import MATCH, match, reserve
from bench.served import Served, served
from bench.steps import Steps, steps_as_served
from bench.table import print_table
from matchline.store.sqlite import PAGE_CACHE_KIB

_BATCH = 32  # steps in one transaction, as group commit has them under load
_SWEEPS = 15
_LONGEST = 20  # seconds for one measurement, however slow the store is
_CONNECTIONS = 32
_BLOCK = 500  # sessions that are matched before as many are reserved again, at most a tenth of all


@dataclass(frozen=True, slots=True)
class Plan:
    sizes: tuple[int, ...]
    step_matches: int
    alone_matches: int  # over one connection
    crowd_matches: int  # over all connections


@dataclass(frozen=True, slots=True)
class OverHttp:
    alone: list[float]  # match times over one connection: seconds
    per_second: float  # matches over all connections
    resident: tuple[int, int]  # octets, before and after


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of group at one size."""

    kind: Kind
    sessions: int
    levels: int
    steps: list[float]  # seconds
    sweep: float  # seconds
    http: OverHttp | None


def measure_growth(directory: Path, plan: Plan, kinds: Iterable[Kind]) -> list[Stage]:
    return [stage for kind in kinds for stage in _stages(directory, plan, kind)]


def empty_resident(directory: Path) -> int:
    """What a server takes before it has any session: octets."""
    with served("empty", Filled(directory / "empty", Kind.CODE).served_by) as server:
        return server.resident_octets()


def _stages(directory: Path, plan: Plan, kind: Kind) -> Iterator[Stage]:
    store = Filled(directory, kind)
    for size in plan.sizes:
        store.grow(size)
        with steps_as_served(store.path, kind) as steps:
            times, sweep = _time_steps(steps, store, plan.step_matches)
        # A server reads the numbers of its groups into memory: a million numbers are another measurement.
        http = None if kind is Kind.NUMBER else _over_http(store, plan)
        yield Stage(kind, size, deepest(store.path), times, sweep, http)
    store.path.unlink()


def _time_steps(steps: Steps, store: Filled, matches: int) -> tuple[list[float], float]:
    times: list[float] = []
    last = time.perf_counter() + _LONGEST
    while len(times) < matches and time.perf_counter() < last:
        with steps.transaction():
            times += [steps.match(session) for session in store.waiting.take_each(_BATCH)]
        with steps.transaction():
            for _ in range(_BATCH):
                store.waiting.add(steps.claim())
    with steps.transaction():
        sweep = median(steps.sweep() for _ in range(_SWEEPS))
    return times, sweep


def _over_http(store: Filled, plan: Plan) -> OverHttp:
    with served(store.kind, store.served_by) as server:
        before = server.resident_octets()
        alone = _matches(server, store, 1, plan.alone_matches)
        together = _matches(server, store, _CONNECTIONS, plan.crowd_matches)
        times = [time for run in alone for time in run.times[MATCH]]
        per_second = sum(run.requests for run in together) / sum(run.elapsed for run in together)
        return OverHttp(times, per_second, (before, server.resident_octets()))


def _matches(server: Served, store: Filled, connections: int, matches: int) -> list[Run]:
    block = min(_BLOCK, len(store.waiting) // 10)
    with crowd([server.port], connections) as clients:
        runs: list[Run] = []
        last = time.perf_counter() + _LONGEST
        while len(runs) * block < matches and time.perf_counter() < last:
            runs.append(_match_and_refill(clients, store, block))
        return runs


def _match_and_refill(clients: Crowd, store: Filled, block: int) -> Run:
    """The matches' run; the reserves are not counted."""
    matched = clients.run([match(session) for session in store.waiting.take_each(block)])
    clients.run(reserve(store.kind, store.waiting.add) for _ in range(block))
    return matched


def report_growth(stages: list[Stage]) -> None:
    head = (
        *("group", "sessions", "B-tree levels", "log ratio", "step p50 µs", "step p99 µs", "step ratio"),
        *("HTTP alone p50/p99 ms", "HTTP matches/s", "idle sweep ms"),
    )
    first = {stage.kind: stage for stage in reversed(stages)}
    rows = [_growth_row(stage, first[stage.kind]) for stage in stages]
    print_table("Growth: match time over live sessions (SQLite)", head, rows)


def _growth_row(stage: Stage, first: Stage) -> list[str]:
    step, first_step = quantile(stage.steps, 0.5), quantile(first.steps, 0.5)
    http = stage.http
    return [
        stage.kind,
        size_text(stage.sessions),
        str(stage.levels),
        f"{log(stage.sessions) / log(first.sessions):.2f}",
        microseconds(step),
        microseconds(quantile(stage.steps, 0.99)),
        f"{step / first_step:.2f}",
        " / ".join(milliseconds(quantile(http.alone, share)) for share in (0.5, 0.99)) if http else "",
        f"{http.per_second:,.0f}" if http else "",
        milliseconds(stage.sweep),
    ]


def report_memory(stages: list[Stage], empty: int) -> None:
    rows = [
        [
            size_text(stage.sessions),
            *(mebibytes(octets) for octets in stage.http.resident),
            mebibytes(stage.http.resident[1] - empty),
        ]
        for stage in stages
        if stage.http and stage.kind is Kind.CODE
    ]
    print_table(
        f"Memory: resident memory of the server, MiB (SQLite; empty: {mebibytes(empty)}; page cache of a connection: "
        f"{PAGE_CACHE_KIB // 1024})",
        ("sessions", "at the start", "after the load", "more than empty"),
        rows,
    )
