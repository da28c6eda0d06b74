"""Every page is usable by everybody: axe-core finds nothing that keeps people out, in light, dark and on a phone."""

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.acceptance.command import Server

from .browser import grave_findings
from .conftest import OpenTab
from .setting import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, log_in, url

PAGES = (
    "/ui/services",
    "/ui/services/new",
    "/ui/services/new/match-interaction",
    "/ui/services/new/ors?document=example:callback-agent-calls.scxml",
    "/ui/services/of/request-interaction",
    "/ui/lines",
    "/ui/lines/new",
    "/ui/keys",
    "/ui/audit",
    "/ui/settings/server",
    "/ui/nodes",
)
WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def filled(closed: Server) -> Server:
    owner = (ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
    for scope in ("app", "admin"):
        made = closed.client.post(
            "/genesys/1/admin/keys", json={"name": scope, "scopes": [scope]}, auth=owner
        )
        assert made.status_code == 200
    return closed


def test_no_page_keeps_people_out_or_is_wider_than_a_phone(open_tab: OpenTab, filled: Server) -> None:
    page = open_tab(bypass_csp=True)
    page.goto(url(filled, "/ui"))
    assert grave_findings(page) == []
    log_in(page, ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
    for path in PAGES:
        page.set_viewport_size(WIDE)
        page.goto(url(filled, path))
        unfold(page)
        assert grave_findings(page) == [], path
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
