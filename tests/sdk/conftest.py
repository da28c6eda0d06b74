"""A browser, a Matchline whose time the test moves, and a shop that asks it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from matchline.testing import TestServer
from tests.sections import builtins
from tests.ui.browser import Complaints, chromium, tab

from .shop import Front, Shop, front

CONFIGURATION = f"""
[resources.DNIS]
_booking_expiration_timeout = 30
_cooldown = 0
numbers = ["+1 800 555 0100", "+1 800 555 0101"]

{builtins("request-interaction", "match-interaction")}
"""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(browser: Browser, complaints: Complaints) -> Iterator[Page]:
    with tab(browser, complaints) as page:
        yield page


@pytest.fixture(name="front")
def _front() -> Iterator[Front]:
    with front() as shown:
        yield shown


@pytest.fixture
def server(front: Front) -> Iterator[TestServer]:
    with TestServer(CONFIGURATION) as server:
        server.configure("server", cors_origins=front.origin)
        yield server


@pytest.fixture
def shop(page: Page, front: Front, server: TestServer) -> Shop:
    return Shop(page, front, server.url)
