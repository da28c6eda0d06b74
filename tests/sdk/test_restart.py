"""The server goes away while a page waits, and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.command import Server
from tests.ui.browser import Complaints

from .shop import Front, Shop


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Server]:
    """A server whose store outlives it."""
    server = Server(tmp_path)
    try:
        yield server.start()
    finally:
        server.close()


def test_a_page_waits_through_a_restart(
    page: Page, front: Front, stored: Server, complaints: Complaints
) -> None:
    complaints.expect("Failed to load resource|ERR_")
    stored.client.patch("/genesys/1/admin/options/server", json={"cors_origins": front.origin})
    host, port = stored.address
    shop = Shop(page, front, f"http://{host}:{port}")
    shop.open()
    number = shop.number
    with page.expect_event("requestfailed"):
        stored.kill()
    expect(shop.part("number")).to_have_text(number)
    stored.start("--config", str(stored.config), "--store", stored.store, "--port", str(port))
    stored.ask("match-interaction", {"_access_number": number})
    shop.expect_status("Your call has arrived.")
    shop.expect_told("reserved", "matched")
