"""Servers that end with their test, or with the file whose tests share one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .command import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that the test starts itself."""
    server = Server(tmp_path)
    yield server
    server.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server shared by the tests of one file."""
    server = Server(tmp_path_factory.mktemp("running"))
    try:
        yield server.start()
    finally:
        server.close()
