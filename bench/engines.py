"""Engines that run one document, `lamp.scxml`, in turn: Matchline's, python-statemachine's and SCION on Node."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from statemachine.io import load

from matchline.chance import SystemChance
from matchline.scxml import Chart, Document, Event, Host, parse

_HERE = Path(__file__).parent
DOCUMENT = _HERE / "lamp.scxml"
_SCION = _HERE / "scion"
_INSTALL_SECONDS = 180
_STOP_SECONDS = 10

_EVENT = Event("turn")


class Engine(Protocol):
    name: str

    def events(self, count: int) -> float:
        """The seconds that so many events took one chart."""
        ...

    def starts(self, count: int) -> float:
        """The seconds that it took to begin so many charts of a document that is read."""
        ...


def _seconds(act: Callable[[], object], count: int) -> float:
    before = time.perf_counter()
    for _ in range(count):
        act()
    return time.perf_counter() - before


class Own:
    name = "Matchline"

    def __init__(self) -> None:
        self._document: Document = parse(DOCUMENT.read_bytes())
        self._host = Host(SystemChance())
        self._chart = self._begun()

    def events(self, count: int) -> float:
        return _seconds(self._turn, count)

    def starts(self, count: int) -> float:
        return _seconds(self._begun, count)

    def _begun(self) -> Chart:
        chart = Chart.start(self._document, self._host, 0)
        chart.run(0)
        return chart

    def _turn(self) -> None:
        self._chart.deliver(_EVENT)
        self._chart.run(0)
        self._chart.take_effects()


class PythonStateMachine:
    name = "python-statemachine"

    def __init__(self) -> None:
        self._class: Any = load(str(DOCUMENT))
        self._chart = self._class()

    def events(self, count: int) -> float:
        return _seconds(lambda: self._chart.send(_EVENT.name), count)

    def starts(self, count: int) -> float:
        return _seconds(self._class, count)


class Scion:
    name = "SCION on Node"

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._line() == "ready"

    def events(self, count: int) -> float:
        return self._timed("events", count)

    def starts(self, count: int) -> float:
        return self._timed("starts", count)

    def _timed(self, what: str, count: int) -> float:
        assert self._process.stdin, "it was asked for"
        self._process.stdin.write(f"{what} {count}\n")
        self._process.stdin.flush()
        return int(self._line()) / 1e9

    def _line(self) -> str:
        assert self._process.stdout, "it was asked for"
        return self._process.stdout.readline().strip()


@contextmanager
def engines() -> Iterator[list[Engine]]:
    """SCION only where it can be installed."""
    with ExitStack() as stack:
        found: list[Engine] = [Own(), PythonStateMachine()]
        if _scion_installed():
            found.append(stack.enter_context(_scion()))
        yield found


def _scion_installed() -> bool:
    if (_SCION / "node_modules").is_dir():
        return True
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(install, cwd=_SCION, timeout=_INSTALL_SECONDS, check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"SCION cannot be installed, and is left out: {error}")
        return False
    return True


@contextmanager
def _scion() -> Iterator[Scion]:
    command = ["node", str(_SCION / "lamp.js"), str(DOCUMENT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Scion(process)
        finally:
            process.kill()
            process.wait(_STOP_SECONDS)
