"""A server process that was started here, is looked at from outside, and is stopped by its own id."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.machine import SERVER_CORE

_ROOT = Path(__file__).resolve().parents[1]
_STOP = 30  # seconds a server may take to stop
_SCHEDULED = 2  # the clock of a process by its id, as clock_getcpuclockid(3) makes it on Linux
_READY = re.compile(r"ready at http://127\.0\.0\.1:(\d+)")


class Served:
    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self.name = name
        command = [sys.executable, "-m", "bench.pinned", str(SERVER_CORE), *arguments]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        self.port = self._ready_port()

    def _ready_port(self) -> int:
        assert self._process.stdout, "it was asked for"
        for line in self._process.stdout:
            found = _READY.search(line)
            if found:
                return int(found[1])
        raise RuntimeError(f"{self.name}: the server did not start")

    def processor_seconds(self) -> float:
        """The processor time that it has used, in the kernel too; waiting for a core is not in it."""
        return time.clock_gettime((~self._process.pid << 3) | _SCHEDULED)

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


@contextmanager
def served(name: str, arguments: Sequence[str]) -> Iterator[Served]:
    server = Served(name, arguments)
    try:
        yield server
    finally:
        server.stop()


def product(store_url: str, configuration: Path) -> list[str]:
    """The arguments of the product over a store."""
    quiet = ["--log-level", "warning", "--drain-seconds", "0"]
    return ["serve", "--config", str(configuration), "--store", store_url, "--port", "0", *quiet]
