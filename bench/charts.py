"""Charts: events and starts per second of the engine beside two others, and what charts cost that wait."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from bench.crowd import crowd
from bench.engines import DOCUMENT, Engine, engines
from bench.figures import count_text, mebibytes, spread_text
from bench.processor import children
from bench.requests import post_request
from bench.rounds import turns
from bench.scripts import Script, Send
from bench.served import Served, product, served
from bench.table import print_table
from matchline.wire import BASE_PATH

WAITING = 10_000  # for the target
TARGET_OCTETS = 500 * 2**20

_CONNECTIONS = 32
_LOOK_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    events: int  # in each round
    starts: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Rates:
    """What one round of one engine gave, per second."""

    events: float
    starts: float


def measure_charts(directory: Path, plan: Plan) -> None:
    with engines() as compared:
        rates: dict[str, list[Rates]] = {engine.name: [] for engine in compared}
        for place, engine in turns(plan.rounds, compared):
            measured = _rates(engine, plan)
            if place:
                rates[engine.name].append(measured)
    _report_rates(rates)
    _measure_waiting(directory, plan.waiting)


def _rates(engine: Engine, plan: Plan) -> Rates:
    return Rates(plan.events / engine.events(plan.events), plan.starts / engine.starts(plan.starts))


def _report_rates(rates: dict[str, list[Rates]]) -> None:
    print_table(
        "One chart, as a library",
        ("", *rates),
        [
            ("events/s", *(spread_text([each.events for each in own]) for own in rates.values())),
            ("charts begun/s", *(spread_text([each.starts for each in own]) for own in rates.values())),
        ],
    )


def _measure_waiting(directory: Path, count: int) -> None:
    folder = directory / "charts"
    folder.mkdir()
    (folder / DOCUMENT.name).write_bytes(DOCUMENT.read_bytes())
    configuration = folder / "matchline.toml"
    configuration.write_text(
        f'[server]\nscxml_folder = "{folder}"\nrate_per_address = 0\n'
        f'[service.lamp]\n_type = "ors"\n_service = "{DOCUMENT.name}"\n'
    )
    with served("charts", product(f"sqlite:///{folder / 'charts.db'}", configuration)) as server:
        with crowd([server.port], _CONNECTIONS) as clients:
            clients.run(_begin([]) for _ in range(_CONNECTIONS))
            before = _family_resident(server)
            begun: list[str] = []
            started = time.perf_counter()
            clients.run(_begin(begun) for _ in range(count))
            _until_they_wait(server, begun[-1])
            per_second = count / (time.perf_counter() - started)
        _report_waiting(count, per_second, before, _family_resident(server))


def _begin(begun: list[str]) -> Script:
    """The answer comes when the session is stored; its first step is taken besides."""
    answer = yield Send("begin", post_request(f"{BASE_PATH}/service/lamp", "customer=Ada"))
    begun.append(msgspec.json.decode(answer)["_id"])


def _until_they_wait(server: Served, last: str) -> None:
    """Charts take their first steps in the order in which they began."""
    url = f"http://127.0.0.1:{server.port}{BASE_PATH}/service/{last}"
    while not httpx.get(url).raise_for_status().json()["_chart_states"]:
        time.sleep(_LOOK_SECONDS)


def _family_resident(server: Served) -> int:
    """Of the server and the processes in which charts take their steps, in octets."""
    return sum(_resident(pid) for pid in (server.pid, *children(server.pid)))


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def _report_waiting(count: int, per_second: float, before: int, after: int) -> None:
    print_table(
        "Charts that wait in a server, over SQLite",
        ("charts", "begun and at rest/s", "memory before, MiB", "memory with them, MiB"),
        [(count_text(count), count_text(per_second), mebibytes(before), mebibytes(after))],
    )
    if count >= WAITING:
        verdict = "met" if after < TARGET_OCTETS else "MISSED"
        print(f"- target: less than {mebibytes(TARGET_OCTETS)} MiB in all: {verdict}")
