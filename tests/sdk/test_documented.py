"""The page that docs/clients.md shows."""

from playwright.sync_api import Page

from matchline.testing import TestServer
from tests.clients.documented import example

from .shop import Front, Shop


def test_the_page_of_the_documentation_shows_a_number(page: Page, front: Front, server: TestServer) -> None:
    front.page = example("A web page", "html", server.url)
    page.goto(front.origin)
    shop = Shop(page, front, server.url)
    assert server.call(shop.number).data == {"customer": "Ada", "basket": "3 items"}
    shop.expect_status("Your call has arrived.")
