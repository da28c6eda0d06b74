"""python -m bench: measure on this machine and print the tables of bench/README.md."""

import os
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import click

from bench import calls, charts, comparison, growth, paced, throughput
from bench.configured import Kind
from bench.machine import CLIENT_CORE, print_conditions

PARTS = ("throughput", "growth", "paced", "memory", "alternatives", "calls", "charts")


@dataclass(frozen=True, slots=True)
class Plans:
    throughput: throughput.Plan
    growth: growth.Plan
    paced: paced.Plan
    comparison: comparison.Plan
    calls: calls.Plan
    charts: charts.Plan


FULL = Plans(
    throughput.Plan(rounds=7, requests=3000),
    growth.Plan((1000, 10_000, 100_000, 1_000_000), 3000, 1000, 10_000),
    paced.Plan(sessions=100_000, per_second=2000, seconds=10, rounds=3),
    comparison.Plan(rounds=7, pairs=2000),
    calls.Plan(rounds=5, calls=5000),
    charts.Plan(rounds=5, events=3000, starts=300, waiting=10_000),
)
QUICK = Plans(
    throughput.Plan(rounds=3, requests=1500),
    growth.Plan((1000, 10_000, 50_000), 1000, 300, 2000),
    paced.Plan(sessions=20_000, per_second=2000, seconds=4, rounds=2),
    comparison.Plan(rounds=3, pairs=1000),
    calls.Plan(rounds=3, calls=3000),
    charts.Plan(rounds=3, events=1000, starts=100, waiting=500),
)


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--quick", is_flag=True, help="Smaller counts: under two minutes, for a first look.")
def main(parts: tuple[str, ...], *, quick: bool) -> None:
    """Measure these PARTS, or all of them."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="matchline-bench-") as name:
        directory = Path(name)
        print_conditions(directory)
        _measure(directory, QUICK if quick else FULL, parts or PARTS)
    print(f"\nThis took {time.monotonic() - started:.0f} s.")


def _measure(directory: Path, plans: Plans, parts: Collection[str]) -> None:
    if "throughput" in parts:
        throughput.measure_throughput(directory, plans.throughput)
    if "alternatives" in parts:
        comparison.measure_comparison(directory, plans.comparison)
    if "calls" in parts:
        calls.measure_calls(directory, plans.calls)
    if "charts" in parts:
        charts.measure_charts(directory, plans.charts)
    if "paced" in parts:
        paced.measure_paced(directory, plans.paced)
    if "growth" in parts or "memory" in parts:
        kinds = tuple(Kind) if "growth" in parts else (Kind.CODE,)
        empty = growth.empty_resident(directory)
        stages = growth.measure_growth(directory, plans.growth, kinds)
        if "growth" in parts:
            growth.report_growth(stages)
        growth.report_memory(stages, empty)


if __name__ == "__main__":
    main()
