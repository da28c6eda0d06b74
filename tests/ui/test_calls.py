"""The call log in the browser, and from a call that did not match to why in one click."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.command import Server

from .browser import Complaints, grave_findings
from .conftest import OpenTab, Serve, served
from .setting import CONFIGURATION, NUMBERS

CALLER, STRANGER = "+14155550123", "+14155550177"
SHARED = "+1 800 555 0190"
OFF = CONFIGURATION.replace("[server]", "[server]\ncall_log_days = 0")


@pytest.fixture(scope="module", name="asked")
def _asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was asked about a few calls."""
    with served(tmp_path_factory) as start:
        server = start()
        for _ in NUMBERS[:2]:
            server.reserve(_phone_number=CALLER, _ttl="900")
        server.reserve(_resource_group="SHARED", _provide_code="true", _ttl="900")
        match(server, "+49 30 1234")
        match(server, NUMBERS[1], _phone_number=STRANGER)
        match(server, SHARED)
        match(server, NUMBERS[0], _phone_number=CALLER, _call_id="c-1")
        yield server


def match(server: Server, number: str, **fields: str) -> httpx.Response:
    return server.client.post(
        "/genesys/1/service/match-interaction", data={"_access_number": number, **fields}
    )


def open_calls(page: Page, server: Server, path: str = "") -> None:
    page.goto(str(server.client.base_url.join(f"/ui/calls{path}")))


def explain(page: Page, number: str) -> None:
    page.get_by_role("row").filter(has_text=number).filter(has_text="no-match").get_by_role("link").click()


def test_calls_are_told_with_their_reasons_the_latest_first(asked: Server, page: Page) -> None:
    open_calls(page, asked)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("Found by the number of the caller.")
    expect(rows.nth(1)).to_contain_text("code-needed")
    expect(rows.nth(2)).to_contain_text("…77")
    expect(rows.nth(3)).to_contain_text("The called number is not configured.")
    assert STRANGER not in page.content()
    rows.nth(0).get_by_role("link", name="Session").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Session")


def test_calls_are_found_by_what_is_known_of_them(asked: Server, page: Page) -> None:
    open_calls(page, asked)
    page.get_by_label("Verdict").select_option("code-needed")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(SHARED)
    for query, count in (("number=1-800-555-0100", 1), ("caller=415 555 0177", 1), ("number=1", 0)):
        open_calls(page, asked, f"?{query}")
        expect(page.locator("tbody tr")).to_have_count(count)
    expect(page.get_by_role("heading", name="No call fits")).to_be_visible()


def test_a_miss_is_explained_in_one_click(asked: Server, page: Page) -> None:
    open_calls(page, asked)
    explain(page, NUMBERS[1])
    expect(page.get_by_role("heading", level=1)).to_have_text("Why did this call not match?")
    then = page.get_by_role("region", name="What happened then")
    expect(then).to_contain_text("Somebody waits, but for a call from another number.")
    expect(page.get_by_text("not the caller")).to_be_visible()
    page.get_by_role("textbox", name="Caller").fill(STRANGER)
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("phone: contradicted")).to_be_visible()
    assert page.url.endswith("/ui/calls/explain"), "no number stands in an address"
    held = asked.client.get("/genesys/1/admin/sessions", params={"number": NUMBERS[1]}).json()["sessions"]
    assert [each["state"] for each in held] == ["held"], "nothing was released"
    page.get_by_role("textbox", name="Caller").fill(CALLER)
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("answered", exact=True)).to_be_visible()


def test_any_call_is_explained_when_asked(asked: Server, page: Page, complaints: Complaints) -> None:
    open_calls(page, asked)
    page.get_by_role("link", name="Explain a call").click()
    page.get_by_label("Called number").fill("+49 30 99")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("no access number that is configured")).to_be_visible()
    expect(page.get_by_text("Nobody. Reservations are forgotten")).to_be_visible()
    complaints.expect("400")
    page.get_by_label("Called number").fill("1" * 300)
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("alert")).to_contain_text("No number is longer")


def test_an_entry_that_is_no_longer_kept_is_said_to_be_gone(
    asked: Server, page: Page, complaints: Complaints
) -> None:
    complaints.expect("404")
    for entry in ("99", "x"):
        open_calls(page, asked, f"/{entry}/explain")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_empty_pages_teach(serve: Serve, page: Page) -> None:
    server = serve(OFF)
    open_calls(page, server)
    expect(page.get_by_role("heading", name="The call log is off")).to_be_visible()
    server.client.patch("/genesys/1/admin/options/server", json={"call_log_days": "7"})
    page.reload()
    expect(page.get_by_role("heading", name="No call was asked about yet")).to_be_visible()


def test_everybody_can_read_the_pages(asked: Server, open_tab: OpenTab) -> None:
    page = open_tab(bypass_csp=True, viewport={"width": 390, "height": 844})
    for path in ("", "/2/explain"):
        open_calls(page, asked, path)
        assert grave_findings(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
