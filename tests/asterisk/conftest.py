"""A running Matchline and an Asterisk that asks it, by FastAGI or by ARI. `make test-asterisk` runs these tests."""

from collections.abc import Iterator

import pytest

from .exchange import VARIABLE, tree
from .site import WAYS, Site, site_at

collect_ignore_glob = [] if tree() else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if tree() is None:
        said = f"NO CALL THROUGH ASTERISK IS TESTED: {VARIABLE} is not set; run make test-asterisk"
        terminalreporter.section(said, sep="!", red=True, bold=True)


@pytest.fixture(scope="session", params=WAYS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tree()
    assert root
    with site_at(root, tmp_path_factory.mktemp("site"), request.param) as started:
        yield started
