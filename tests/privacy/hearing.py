"""Listens to all that the suite logs, and searches it for every secret that the suite used (rule 22).

A pytest plugin: `tests/conftest.py` registers it. The tests' own HTTP clients log addresses, which are not the
product's; they are not listened to.
"""

import logging
import re
from collections.abc import Iterable

import pytest

# The numbers from which the tests call, however they are written; access numbers are no secret.
CALLERS = re.compile(r"(?<!\d)(?:\+?1[ -]?)?\(?415\)?[ -]?555[ -]?\d{4}(?!\d)")

# What the tests leave as user data.
DATA = ("Ada L.", "what nobody else may know")

_SHORTEST_CODE = 6  # digits: shorter ones stand in a log by accident

_NOT_OURS = ("httpx", "httpcore", "hypothesis", "faker", "asyncio")

_SHOWN = 20  # lines of a report


class Hearing(logging.Handler):
    """What was heard, a line each, and the secrets that must not be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self._lines: set[str] = set()
        self._codes: set[str] = set()

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
        return sorted(line for line in self._lines if _tells(line, self._codes))

    @property
    def summary(self) -> str:
        return (
            f"{len(self._lines)} lines of logs were searched for secrets, {len(self._codes)} codes among them"
        )


def _tells(line: str, codes: Iterable[str]) -> bool:
    digits = set(re.findall(r"\d+", line))
    return bool(CALLERS.search(line)) or any(text in line for text in DATA) or not digits.isdisjoint(codes)


HEARING = Hearing()


class Eavesdropper:
    """The plugin: a secret that was logged fails the run."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        logging.getLogger().addHandler(self._hearing)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        logging.getLogger().removeHandler(self._hearing)
        if self._hearing.told():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        told = self._hearing.told()
        terminalreporter.write_line(self._hearing.summary)
        if told:
            terminalreporter.section("secrets in the logs (rule 22)", red=True)
            for line in told[:_SHOWN]:
                terminalreporter.write_line(line)
