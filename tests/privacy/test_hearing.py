"""The search for secrets in the logs finds them."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from .hearing import DATA, Hearing

REPOSITORY = Path(__file__).parents[2]

TELLING = """
import logging

class Test:
    def test_it_passes(self) -> None:
        logging.getLogger("matchline").warning("asked by %s", {number!r})
"""

CONFTEST = """
from tests.privacy.hearing import HEARING, Eavesdropper

def pytest_configure(config):
    config.pluginmanager.register(Eavesdropper(HEARING))
"""


@pytest.fixture
def hearing() -> Hearing:
    hearing = Hearing()
    hearing.keep("771234")
    return hearing


@pytest.mark.parametrize(
    "line",
    ["from +14155550123", "from (415) 555-0123", "from 4155550123", "keyed 771234#", *DATA],
)
def test_a_line_that_tells_a_secret_is_found(hearing: Hearing, line: str) -> None:
    hearing.hear(f"all is well\n{line}")
    assert hearing.told() == [line]


@pytest.mark.parametrize("line", ["to +18005550100", "from …23", "7712345 us", "port 77123", ""])
def test_a_line_that_tells_none_is_not(hearing: Hearing, line: str) -> None:
    hearing.hear(line)
    assert hearing.told() == []


def test_the_arguments_and_the_exception_of_a_record_are_heard(hearing: Hearing) -> None:
    error = ValueError("771234")
    facts = (type(error), error, None)
    hearing.handle(logging.LogRecord("matchline", logging.ERROR, "", 0, "%s", ("+14155550123",), facts))
    assert [line for line in hearing.told() if "Value" in line] == ["ValueError: 771234"]
    assert "matchline +14155550123" in hearing.told()


@pytest.mark.parametrize("processes", ["0", "2"])
@pytest.mark.parametrize(("number", "status"), [("+14155550123", 1), ("…23", 0)])
def test_a_suite_that_logs_a_secret_fails(tmp_path: Path, number: str, status: int, processes: str) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_telling.py").write_text(TELLING.format(number=number))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    command += ["-n", processes]
    done = subprocess.run(
        [*command, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert ("secrets in the logs" in done.stdout) is bool(status)
