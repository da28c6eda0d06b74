"""The conditions of a run: machine, versions, and what a sync to this disk costs."""

import os
import platform
import sqlite3
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.figures import microseconds, quantile

_SYNCS = 200
_PAGE = b"\0" * 4096


_usable = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = _usable[0], _usable[-1]  # two different ones when there are two


def cores() -> int:
    return os.cpu_count() or 1


def sync_seconds(directory: Path) -> list[float]:
    """How long it takes to append one page to a file and make it durable, as SQLite does with its log."""
    durations = []
    with (directory / "sync-probe").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            started = time.perf_counter()
            file.write(_PAGE)
            os.fdatasync(file.fileno())
            durations.append(time.perf_counter() - started)
    (directory / "sync-probe").unlink()
    return durations


def print_conditions(directory: Path) -> None:
    syncs = sync_seconds(directory)
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("uvicorn", "starlette", "uvloop", "httptools")
    )
    print(f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Matchline {version('matchline')}")
    print(f"- {cores()} cores of {_cpu()}; server on core {SERVER_CORE}, client on core {CLIENT_CORE}")
    print(f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}")
    print(f"- load average at the start: {os.getloadavg()[0]:.2f}")
    middle, high = microseconds(quantile(syncs, 0.5)), microseconds(quantile(syncs, 0.99))
    print(f"- append and sync of 4 KiB: median {middle} µs, p99 {high} µs", flush=True)


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
