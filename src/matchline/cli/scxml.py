"""matchline scxml: run a chart in the terminal, check documents, print examples, run conformance tests."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from matchline.clock import SECOND, Clock, ManualClock, SystemClock

if TYPE_CHECKING:
    from matchline.scxml import Event

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("scxml")
def command() -> None:
    """Run, check and test SCXML charts."""


@command.command("check")
@click.argument("files", type=_FILE, nargs=-1, required=True)
def check_files(files: tuple[Path, ...]) -> None:
    """Find every fault of FILES, with its line; exit 1 when there is one. Warnings are told and do no harm."""
    from matchline.charts.functions import SEND_TYPES
    from matchline.scxml import check
    from matchline.scxml.loading import folder_loader

    faulty = False
    for path in files:
        report = check(path.read_bytes(), folder_loader(path.parent), send_types=SEND_TYPES)
        for kind, found in (("fault", report.faults), ("warning", report.warnings)):
            for one in found:
                click.echo(f"{path}:{one.line}: {kind}: <{one.element}> {one.message}")
        faulty = faulty or bool(report.faults)
        if not report.faults:
            click.echo(f"{path} is in order.")
    if faulty:
        raise SystemExit(1)


@command.command("example")
@click.argument("file", required=False)
def print_example(file: str | None) -> None:
    """Print the chart FILE that comes with Matchline, to be copied and changed; without FILE list them."""
    from matchline.chart_examples import EXAMPLES, SCHEME

    if file is None:
        for address, example in EXAMPLES.items():
            click.echo(f"{address}\n  {example.summary}")
    elif SCHEME + file in EXAMPLES:
        click.echo(EXAMPLES[SCHEME + file].read(), nl=False)
    else:
        raise click.BadParameter(f"there is none of this name; 'matchline scxml example' lists them: {file}")


@command.command("test")
@click.argument("folder", type=_FOLDER)
def run_tests(folder: Path) -> None:
    """Run every document in FOLDER; one passes that ends in the state `pass`. Exit 1 unless all do."""
    from matchline.scxml.conformance import run_folder

    outcomes: list[bool] = []
    for result in run_folder(folder):
        outcomes.append(result.passed)
        click.echo(f"{result.name:<32} {'passed' if result.passed else f'FAILED: {result.reason}'}")
    click.echo(f"{sum(outcomes)}/{len(outcomes)}")
    if not outcomes or not all(outcomes):
        raise SystemExit(1)


def _events(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> "tuple[Event, ...]":
    from matchline.scxml import Event

    events = []
    for value in values:
        name, given, data = value.partition("=")
        try:
            msgspec.json.decode(data or "null")
        except msgspec.DecodeError as error:
            raise click.BadParameter(f"the data of {name} are not JSON: {error}") from None
        events.append(Event(name, data=data if given else None))
    return tuple(events)


def _parameters(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = (value.partition("=") for value in values)
    return {name: text for name, _, text in pairs}


@command.command("run")
@click.argument("file", type=_FILE)
@click.option(
    "--event",
    "events",
    multiple=True,
    callback=_events,
    metavar="NAME[=JSON]",
    help="Send it, in this order.",
)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    callback=_parameters,
    metavar="NAME=TEXT",
    help="As if the request that begins a service's chart had it.",
)
@click.option("--trace", is_flag=True, help="Tell every event, transition and state.")
@click.option("--real-time", is_flag=True, help="Wait for delayed messages; otherwise the clock jumps.")
def run_file(
    file: Path, events: "tuple[Event, ...]", parameters: dict[str, str], trace: bool, real_time: bool
) -> None:
    """Run the chart in FILE until it ends or only waits for events; exit 1 when a limit stops it.

    Documents and scripts are loaded from FILE's folder; messages over HTTP are refused. What a server would do for
    the chart is told and not done: answer it with --event, such as request-access.done={"_access_number":"100"}.
    """
    from matchline.charts.functions import SEND_TYPES
    from matchline.scxml import checked
    from matchline.scxml.apart import ChartApart, Worker
    from matchline.scxml.conformance import HERE
    from matchline.scxml.loading import folder_loader
    from matchline.scxml.player import Player
    from matchline.scxml.worker import Settings

    source = file.read_bytes()
    checked(source, folder_loader(file.parent))
    clock, wait = _real_time() if real_time else _jumping_time()
    with Worker() as worker:
        variables = msgspec.json.encode(_known(file, parameters)).decode()
        settings = Settings(
            folder=str(file.parent), http_location=HERE, variables=variables, send_types=SEND_TYPES
        )
        given = {name: msgspec.json.encode(text).decode() for name, text in parameters.items()}
        chart = ChartApart(worker, source, settings, clock.now(), given=given, traced=True)
        click.echo(Player(chart, clock, wait, click.echo, everything=trace).play(events))
    if chart.stopped:
        raise SystemExit(1)


def _known(file: Path, parameters: dict[str, str]) -> dict[str, object]:
    """`_x`, as a service's chart has it."""
    ids = {"_id": "session", "_data_id": "data", "_request_id": "request"}
    return {**ids, "_service": file.stem, "parameters": parameters}


def _real_time() -> tuple[Clock, Callable[[int], None]]:
    never = threading.Event()

    def wait(milliseconds: int) -> None:
        never.wait(milliseconds / SECOND)

    return SystemClock(), wait


def _jumping_time() -> tuple[Clock, Callable[[int], None]]:
    clock = ManualClock(SystemClock().now())
    return clock, lambda milliseconds: clock.advance(milliseconds / SECOND)
