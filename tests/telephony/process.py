"""A program that a test starts and ends: its output goes to a file, and every wait is bounded."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

START_LIMIT_SECONDS = 30  # a start takes one or two; a busy build machine many more
STOP_LIMIT_SECONDS = 10  # reached only by a program that hangs
POLL_SECONDS = 0.02  # short beside any start, long enough to cost nothing


class Process:
    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            # A session of its own, so that a program that hangs can be ended with its workers.
            # Unbuffered, because a Python program keeps its lines back when nobody looks.
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return read(self._log)

    def wait_for(self, pattern: str, log: Path | None = None) -> str:
        """The first group of the first match of `pattern` in the output, or in a log of the program's own."""
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < deadline:
            ended = self._child.poll() is not None
            found = re.search(pattern, read(log) if log else self.output)
            if found:
                return found[1]
            if ended:
                break
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"{self._child.args!r} did not say {pattern!r}:\n{self.output}")

    def signal(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def stop(self, limit_seconds: float = STOP_LIMIT_SECONDS) -> None:
        """Ask it to end, and end it when it does not; may be called again."""
        if self._child.poll() is not None:
            return
        self._child.terminate()
        try:
            self._child.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()


def read(log: Path) -> str:
    return log.read_text(errors="replace") if log.exists() else ""
