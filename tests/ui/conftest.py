"""One browser for all tests here; each has a profile of its own, and the servers that it starts end with it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.command import Server
from tests.nodes.cluster import Node
from tests.postgres import PostgresServer

from .browser import Complaints, chromium, tab
from .setting import CLOSED, CONFIGURATION, restore

Serve = Callable[..., Server]
OpenTab = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def complaints() -> Complaints:
    """Of all pages of the test."""
    return Complaints()


@pytest.fixture
def open_tab(browser: Browser, complaints: Complaints) -> Iterator[OpenTab]:
    """Opens a page in a new profile, as another person's browser."""
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(tab(browser, complaints, **how))


@pytest.fixture
def page(open_tab: OpenTab) -> Page:
    return open_tab()


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts a server with a configuration, on a store of its own or on the one at the URL."""
    with served(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is open, as nobody has configured credentials; for tests that leave it so."""
    with served(tmp_path_factory) as start:
        yield start()


@pytest.fixture
def server(shared: Server) -> Server:
    """The same, configured as at first, without sessions and keys. Its audit trail goes on."""
    restore(shared)
    return shared


@pytest.fixture(scope="package")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With passwords of an administrator and a supervisor, for tests that leave it as they found it."""
    with served(tmp_path_factory) as start:
        yield start(CLOSED)


@pytest.fixture(scope="package")
def nodes(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[tuple[Server, Server]]:
    """Two over one PostgreSQL, for tests that leave them as they found them."""
    store = postgres.empty()
    with served(tmp_path_factory) as start:
        yield start(CONFIGURATION, store), start(CONFIGURATION, store)


@contextmanager
def served(folders: pytest.TempPathFactory) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(configuration: str = CONFIGURATION, store: str | None = None) -> Server:
            folder = folders.mktemp("served")
            server = Node(folder, store or f"sqlite:///{folder / 'matchline.db'}", configuration)
            stack.callback(server.close)
            return server.begin()

        yield start
