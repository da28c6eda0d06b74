"""Programs that were started here, are looked at from outside, and are stopped by their own ids."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.machine import SERVER_CORE
from bench.processor import process_seconds

_ROOT = Path(__file__).resolve().parents[1]
_STOP = 30  # seconds a program may take to stop
_READY = r"ready at http://127\.0\.0\.1:(\d+)"

NOOP = [sys.executable, "-m", "bench.noop"]


class Process:
    """A program, from the line of its output that says that it is ready until it is stopped."""

    def __init__(self, name: str, command: Sequence[str], ready: str) -> None:
        self.name = name
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        self.ready = self._wait_for(ready)

    def _wait_for(self, pattern: str) -> re.Match[str]:
        assert self._process.stdout, "it was asked for"
        for line in self._process.stdout:
            if found := re.search(pattern, line):
                return found
        raise RuntimeError(f"{self.name} did not start")

    @property
    def pid(self) -> int:
        return self._process.pid

    def processor_seconds(self) -> float:
        """The processor time that it has used, in the kernel too; waiting for a core is not in it."""
        return process_seconds(self._process.pid)

    def resident_octets(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found, "Linux says it"
        return int(found[1]) * 1024

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


class Served(Process):
    """A web server."""

    def __init__(self, name: str, command: Sequence[str], core: int = SERVER_CORE) -> None:
        super().__init__(name, pinned(core, command), _READY)
        self.port = int(self.ready[1])


@contextmanager
def served(name: str, command: Sequence[str]) -> Iterator[Served]:
    server = Served(name, command)
    try:
        yield server
    finally:
        server.stop()


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """The command on one core: `taskset` becomes it, so that the process keeps its id."""
    return ["taskset", "--cpu-list", str(core), *command]


def by_hand(redis_url: str, numbers: Path) -> list[str]:
    """The alternative over a Redis, with the numbers of a file."""
    return [sys.executable, "-m", "bench.alternatives", redis_url, str(numbers)]


def product(store_url: str, configuration: Path) -> list[str]:
    """The product over a store."""
    serve = [sys.executable, "-m", "matchline", "serve", "--config", str(configuration)]
    return [*serve, "--store", store_url, "--port", "0", "--log-level", "warning", "--drain-seconds", "0"]
