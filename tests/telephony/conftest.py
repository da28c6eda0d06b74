"""What every call needs: a running Matchline, a Kamailio that asks it, and telephones."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from .app import Matchline
from .exchange import EXAMPLE, VARIANTS, Kamailio
from .phones import Phones

PACKAGES = "kamailio kamailio-utils-modules kamailio-json-modules kamailio-python3-modules sip-tester"
CHECK_LIMIT_SECONDS = 30  # Kamailio reads its configuration in well under one


@cache
def missing_programs() -> list[str]:
    missing = [name for name in ("kamailio", "sipp") if shutil.which(name) is None]
    return missing if "kamailio" in missing else missing + missing_modules()


def missing_modules() -> list[str]:
    """Modules that the example loads and Kamailio does not find: they have their own packages."""
    checked = subprocess.run(
        ["kamailio", "-c", "-f", str(EXAMPLE), "-A", f"SCRIPT={VARIANTS['python']['SCRIPT']}"],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=CHECK_LIMIT_SECONDS,
        check=False,
    )
    return re.findall(r"could not find module <(\w+)>", checked.stderr)


def not_tested(missing: list[str]) -> str:
    return f"NO CALL IS TESTED: {', '.join(missing)} missing; apt-get install {PACKAGES}"


@pytest.fixture(scope="session", autouse=True)
def _programs() -> None:
    missing = missing_programs()
    if not missing:
        return
    if os.environ.get("CI") == "true" or os.environ.get("MATCHLINE_REQUIRE_ALL") == "1":
        pytest.fail(not_tested(missing), pytrace=False)
    pytest.skip(not_tested(missing))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing := missing_programs():
        terminalreporter.section(not_tested(missing), sep="!", red=True, bold=True)


@pytest.fixture(scope="package")
def _standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matchline]:
    server = Matchline(tmp_path_factory.mktemp("matchline"))
    yield server
    server.stop()


@pytest.fixture
def matchline(_standing: Matchline) -> Iterator[Matchline]:
    """The one of all tests that leave it as it is, without their sessions."""
    yield _standing
    _standing.end_sessions()


@pytest.fixture
def own_matchline(tmp_path: Path) -> Iterator[Matchline]:
    server = Matchline(tmp_path)
    yield server
    server.stop()


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    """What decides in Kamailio."""
    name: str = request.param
    return name


@pytest.fixture
def kamailio_asking(variant: str, tmp_path: Path) -> Iterator[Callable[..., Kamailio]]:
    """Start a Kamailio that asks the Matchline at an address."""
    with ExitStack() as stack:

        def start(matchline_url: str, **settings: str) -> Kamailio:
            kamailio = Kamailio(matchline_url, tmp_path, **VARIANTS[variant], **settings)
            stack.callback(kamailio.stop)
            return kamailio

        yield start


@pytest.fixture
def phones_asking(kamailio_asking: Callable[..., Kamailio]) -> Callable[..., Phones]:
    """Start a Kamailio that asks the Matchline at an address; its telephones."""

    def start(matchline_url: str, **settings: str) -> Phones:
        return kamailio_asking(matchline_url, **settings).phones

    return start


@pytest.fixture(scope="package")
def _kamailios(
    _standing: Matchline, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Kamailio]]:
    """By variant, the one of all tests that want nothing else of it; it starts when the first needs it."""
    with ExitStack() as stack:

        @cache
        def started(variant: str) -> Kamailio:
            folder = tmp_path_factory.mktemp(f"kamailio-{variant}")
            kamailio = Kamailio(_standing.url, folder, **VARIANTS[variant])
            stack.callback(kamailio.stop)
            return kamailio

        yield started


@pytest.fixture
def phones(matchline: Matchline, _kamailios: Callable[[str], Kamailio], variant: str) -> Phones:
    """Those of a Kamailio that asks `matchline`."""
    return _kamailios(variant).phones
