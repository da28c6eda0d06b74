"""Servers that begin without loading the program: forks of a process that has it loaded."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.acceptance.command import Child, Server, environment

_PROGRAM = Path(__file__).with_name("nursery.py")


class Nursery:
    """One server at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_PROGRAM)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def fork(self, log: Path, *arguments: str) -> "ForkedChild":
        assert self._process.stdin
        self._process.stdin.write(json.dumps([str(log), *arguments]) + "\n")
        self._process.stdin.flush()
        return ForkedChild(self, self.read())

    def read(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """To be called when the last server has ended."""
        self._process.communicate()


class ForkedChild:
    def __init__(self, nursery: Nursery, process: int) -> None:
        self._nursery = nursery
        self.pid = process
        self._status: int | None = None

    def poll(self) -> int | None:
        if self._status is not None or Path(f"/proc/{self.pid}").exists():
            return self._status
        return self.wait()

    def send_signal(self, number: int, /) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float | None = None, /) -> int:
        if self._status is None:
            self._status = self._nursery.read()
        return self._status


class ForkedServer(Server):
    def __init__(self, folder: Path, configuration: str, nursery: Nursery) -> None:
        super().__init__(folder, configuration)
        self._nursery = nursery

    def _spawn(self, *arguments: str, **variables: str) -> Child:
        assert not variables, "a fork has the environment of its parent"
        self.log.write_bytes(b"")  # the last server's words are not this one's
        return self._nursery.fork(self.log, *arguments)
