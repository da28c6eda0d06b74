"""A server for each test, the Python client that asks it, and programs that use the TypeScript client."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from matchline.client import Client
from matchline.testing import TestServer

from .documented import example
from .settings import CONFIGURATION
from .typescript import build, install


@pytest.fixture
def server() -> Iterator[TestServer]:
    with TestServer(CONFIGURATION) as server:
        yield server


@pytest.fixture
def client(server: TestServer) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


@pytest.fixture(scope="package")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the programs `story.js` and `example.js`; what their types refuse, and the page's, was checked."""
    folder = tmp_path_factory.mktemp("node")
    install(folder)
    own = {name: Path(__file__).with_name(f"{name}.ts").read_text() for name in ("story", "page")}
    build({**own, "example": example("TypeScript", "ts")}, folder)
    return folder
