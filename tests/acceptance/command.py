"""The command `matchline` as a process: run to its end, or served until it is told to stop."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.privacy.hearing import HEARING
from tests.sections import builtins

COMMAND = str(Path(sys.executable).with_name("matchline"))

LIMIT_SECONDS = 60  # of every wait: reached only by a program that hangs, however busy the machine is
POLL_SECONDS = 0.02

CONFIGURATION = f"""
[server]
default_region = "US"

[resources.DNIS]
_booking_expiration_timeout = 600
numbers = ["+1 800 555 0100", "+1 800 555 0101"]

{builtins("request-interaction", "match-interaction")}
"""


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without settings of anybody's server."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MATCHLINE_")}
    return {**kept, "PYTHONUNBUFFERED": "1", **variables}


def run(
    folder: Path, *arguments: str, program: Sequence[str] = (COMMAND,), **variables: str
) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        [*program, *arguments],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """What a command said that must have succeeded."""
    assert done.returncode == 0, f"{done.args} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The complaint of a command that must have failed: sentences, never a traceback."""
    assert done.returncode == 1, f"{done.args} ended with {done.returncode}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stderr


class Child(Protocol):
    """A process as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    def wait(self, timeout: float, /) -> int: ...


class Server:
    """A served store in a folder of its own; `start` may be called again after it has ended.

    `program` is what runs the command, where that is another than the command itself.
    """

    def __init__(
        self, folder: Path, configuration: str | None = CONFIGURATION, program: Sequence[str] = (COMMAND,)
    ) -> None:
        self.folder = folder
        self.store = f"sqlite:///{folder / 'matchline.db'}"
        self.config = folder / "matchline.toml"
        if configuration is not None:
            self.config.write_text(configuration)
        self.log = folder / "log"
        self.program = program
        self._child: Child | None = None
        self.client = httpx.Client(timeout=LIMIT_SECONDS, trust_env=False)

    def start(self, *arguments: str, **variables: str) -> "Server":
        if not (arguments or variables):
            arguments = ("--config", str(self.config), "--store", self.store, "--port", "0")
        self._child = self._spawn("serve", *arguments, **variables)
        self.client.base_url = httpx.URL(self.wait_for(r"ready at (https?://127\.0\.0\.1:\d+)"))
        return self

    def _spawn(self, *arguments: str, **variables: str) -> Child:
        self._tell_what_was_said()
        with self.log.open("wb") as output:
            return subprocess.Popen(
                [*self.program, *arguments],
                cwd=self.folder,
                env=environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        assert self._child is not None, "it was started"
        return self._child.pid

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def address(self) -> tuple[str, int]:
        url = self.client.base_url
        assert url.port is not None
        return url.host, url.port

    def wait_for(self, pattern: str) -> str:
        """The first group of the first match in what the server says."""
        assert self._child is not None, "it was started"
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            ended = self._child.poll() is not None
            if found := re.search(pattern, self.output):
                return found[1]
            if ended:
                break
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"the server did not say {pattern!r}:\n{self.output}")

    def signal(self, number: signal.Signals) -> None:
        assert self._child is not None, "it was started"
        self._child.send_signal(number)

    def wait(self) -> int:
        """The exit status."""
        assert self._child is not None, "it was started"
        return self._child.wait(LIMIT_SECONDS)

    def kill(self) -> None:
        """End it at once, as a power cut would end its process."""
        if self._child is not None and self._child.poll() is None:
            self.signal(signal.SIGKILL)
            self.wait()

    def _tell_what_was_said(self) -> None:
        """To the search for secrets."""
        if self.log.exists():
            HEARING.hear(self.output)

    def close(self) -> None:
        self.kill()
        self._tell_what_was_said()
        self.client.close()

    def ask(self, service: str, fields: Mapping[str, str] | None = None) -> Any:
        answer = self.client.post(f"/genesys/1/service/{service}", data=dict(fields or {}))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reserve(self, **fields: str) -> Any:
        return self.ask("request-interaction", fields)

    def options(self, section: str) -> Any:
        return self.client.get(f"/genesys/1/admin/options/{section}").json()
