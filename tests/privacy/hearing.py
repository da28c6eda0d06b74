"""Listens to all that the suite logs, and searches it for every secret that the suite used (rule 22).

A pytest plugin: `tests/conftest.py` registers it. The tests' own HTTP clients log addresses, which are not the
product's; they are not listened to. Where the suite runs in several processes (pytest-xdist), each listens and
searches for itself and tells the one that reports.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import pytest

# The numbers from which the tests call, however they are written; access numbers are no secret.
CALLERS = re.compile(r"(?<!\d)(?:\+?1[ -]?)?\(?415\)?[ -]?555[ -]?\d{4}(?!\d)")

# What the tests leave as user data.
DATA = ("Ada L.", "what nobody else may know")

_SHORTEST_CODE = 6  # digits: shorter ones stand in a log by accident

_NOT_OURS = ("httpx", "httpcore", "hypothesis", "faker", "asyncio")

_TOLD = "told"  # under this a process of several hands over what it found
_DIED = "a process of the suite ended without telling what it heard"

_SHOWN = 20  # lines of a report


class Hearing(logging.Handler):
    """What was heard, a line each, and the secrets that must not be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self._lines: set[str] = set()
        self._codes: set[str] = set()
        self._found: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_NOT_OURS):
            self.hear(self.format(record))

    def hear(self, text: str) -> None:
        """Something that was logged, in a process of the suite or in one that it started."""
        self._lines.update(text.splitlines())

    def keep(self, code: str) -> None:
        """A code that was given out."""
        if len(code) >= _SHORTEST_CODE:
            self._codes.add(code)

    def told(self) -> list[str]:
        """The lines that tell a secret."""
        return sorted(self._found.union(line for line in self._lines if _tells(line, self._codes)))

    def believe(self, told: Iterable[str]) -> None:
        """Lines that another process of the suite found to tell a secret."""
        self._found.update(told)

    @property
    def summary(self) -> str:
        return (
            f"{len(self._lines)} lines of logs were searched for secrets, {len(self._codes)} codes among them"
        )


def _tells(line: str, codes: Iterable[str]) -> bool:
    digits = set(re.findall(r"\d+", line))
    return bool(CALLERS.search(line)) or any(text in line for text in DATA) or not digits.isdisjoint(codes)


HEARING = Hearing()


class Process(Protocol):
    """One of several that the suite ran in, as pytest-xdist shows it."""

    workeroutput: Mapping[str, Sequence[str]]


class Eavesdropper:
    """The plugin: a secret that was logged fails the run."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._summaries: list[str] = []  # of the processes that ended

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        logging.getLogger().addHandler(self._hearing)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        logging.getLogger().removeHandler(self._hearing)
        told = self._hearing.told()
        if told:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_TOLD] = [self._hearing.summary, *told]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Process) -> None:
        """One of several processes has ended."""
        summary, *told = getattr(node, "workeroutput", {}).get(_TOLD, [_DIED])
        self._summaries.append(summary)
        self._hearing.believe(told)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        told = self._hearing.told()
        for summary in self._summaries or [self._hearing.summary]:
            terminalreporter.write_line(summary)
        if told:
            terminalreporter.section("secrets in the logs (rule 22)", red=True)
            for line in told[:_SHOWN]:
                terminalreporter.write_line(line)
