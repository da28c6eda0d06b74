"""The phone simulator: a customer is served from the app to the agent's screen, and everything that may go wrong."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.command import Server

from .browser import Complaints, grave_findings
from .conftest import OpenTab, Serve, served
from .setting import CONFIGURATION, SUPERVISOR, SUPERVISOR_PASSWORD, log_in, url

SIMULATOR = "/ui/simulator"
HOSTILE = "</dd><script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>"

PLAYED = f"""{CONFIGURATION}
[resources.brief]
_cooldown = 0
numbers = ["+1 800 555 0170"]

[resources.inside]
numbers = ["front desk"]

[service.late]
_type = "builtin"
_service = "request-interaction"
_resource_group = "brief"

[service.inside]
_type = "builtin"
_service = "request-interaction"
_resource_group = "inside"

[service.web]
_type = "builtin"
_service = "request-interaction"
_resource_group = "SHARED"
"""


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory) as start:
        yield start(PLAYED)


def reserve(page: Page, server: Server, service: str = "web") -> None:
    page.goto(url(server, SIMULATOR))
    page.get_by_label("Service", exact=True).select_option(service)
    page.get_by_role("button", name="Reserve a number").click()


def what_if(page: Page, otherwise: str) -> None:
    page.get_by_role("button", name=otherwise).click()


def title(page: Page) -> str:
    return page.locator("#screen-title").inner_text()


def test_a_customer_is_served(stage: Server, page: Page) -> None:
    page.goto(url(stage, SIMULATOR))
    page.get_by_label("Service", exact=True).select_option("web")
    page.get_by_label("Her telephone").fill("+1 415 555 0142")
    page.get_by_label("Value", exact=True).first.fill("Mary Jackson")
    page.get_by_role("button", name="Add a value").click()
    page.get_by_label("Name", exact=True).last.fill("queue")
    page.get_by_label("Value", exact=True).last.fill("cards")
    page.get_by_role("button", name="Reserve a number").click()
    phone = page.get_by_role("region", name="The phone")
    expect(phone).to_contain_text("+1 800 555 0190")
    code = page.get_by_label("Digits keyed in").input_value()
    assert len(code) == 6
    link = f"tel:+18005550190,,{code}"
    expect(phone.get_by_role("link", name="Call now")).to_have_attribute("href", link)
    expect(phone.get_by_role("img", name="QR code that dials +1 800 555 0190")).to_be_visible()
    expect(phone.locator("[data-ends]")).to_have_text("1:58")
    page.locator(".wire summary").click()
    expect(page.locator(".wire")).to_contain_text("POST /genesys/1/service/web")
    expect(page.get_by_label("Caller")).to_have_value("+1 415 555 0142")
    page.get_by_role("button", name="Whose call is it?").click()
    screen = page.get_by_role("region", name="Matched")
    for text in ("Mary Jackson", "lost card", "cards"):
        expect(screen.locator("dd").get_by_text(text, exact=True)).to_be_visible()
    page.get_by_role("button", name="Whose call is it?").click()
    expect(page.get_by_role("region", name="No session for this call")).to_be_visible()
    page.get_by_role("link", name="Calls").click()
    expect(page.locator("tbody tr").nth(1)).to_contain_text("matched")


def test_the_agents_screen_leads_to_the_session(stage: Server, page: Page) -> None:
    reserve(page, stage)
    page.get_by_role("button", name="Whose call is it?").click()
    page.get_by_role("link", name="Look at the session").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Session")
    expect(page.get_by_text("Ada Lovelace")).to_be_visible()


def test_whoever_is_not_the_customer_gets_nobodys_data(stage: Server, page: Page) -> None:
    for otherwise, answer in (
        ("another phone calls", "No session for this call"),
        ("the code is mistyped", "No session for this call"),
        ("no code is keyed in", "Matched"),
    ):
        reserve(page, stage)
        what_if(page, otherwise)
        assert title(page) == answer, otherwise
        if answer != "Matched":
            expect(page.locator(".pop")).to_have_count(0)
            what_if(page, "the caller hides the number")
            assert title(page) == "Matched", "the code alone finds her"


def test_a_miss_is_explained(stage: Server, page: Page) -> None:
    reserve(page, stage)
    what_if(page, "another phone calls")
    page.get_by_role("button", name="Explain why").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Explain a call")
    expect(page.get_by_text("phone: contradicted").first).to_be_visible()


def test_who_calls_too_late_is_not_found(stage: Server, page: Page) -> None:
    reserve(page, stage, "late")
    page.get_by_label("With an access code").uncheck()
    session = json.loads(page.locator("[name='answer']").input_value())
    stage.client.delete(f"/genesys/1/service/{session['_id']}")
    what_if(page, "she calls too late")
    expect(page.locator("#waiting")).to_contain_text("Reserved for 5 seconds only")
    expect(page.get_by_role("region", name="No session for this call")).to_be_visible()
    page.get_by_role("button", name="Explain why").click()
    expect(page.get_by_text("Nobody waits with this code.").first).to_be_visible()


def test_a_refusal_is_shown_as_the_app_gets_it(stage: Server, page: Page) -> None:
    reserve(page, stage, "late")
    page.get_by_role("button", name="Reserve a number").click()
    expect(page.get_by_text("The app was refused.")).to_be_visible()
    expect(page.locator(".handset")).to_contain_text("NumbersExhausted")


def test_what_no_telephone_dials_has_no_link(stage: Server, page: Page) -> None:
    reserve(page, stage, "inside")
    expect(page.locator(".dial")).to_have_text("front desk")
    expect(page.get_by_role("link", name="Call now")).to_have_count(0)
    page.get_by_role("button", name="Whose call is it?").click()
    assert title(page) == "Matched"


def test_what_an_app_leaves_is_text(stage: Server, page: Page) -> None:
    page.goto(url(stage, SIMULATOR))
    page.get_by_label("Service", exact=True).select_option("web")
    page.get_by_label("Name", exact=True).first.fill(HOSTILE)
    page.get_by_label("Value", exact=True).first.fill(HOSTILE)
    page.get_by_role("button", name="Reserve a number").click()
    page.get_by_role("button", name="Whose call is it?").click()
    expect(page.locator(".pop")).to_contain_text(HOSTILE)
    assert page.evaluate("window.hurt") is None


def test_what_the_form_carries_is_believed_to_be_no_link(stage: Server, page: Page) -> None:
    reserve(page, stage)
    forged = json.dumps({"_access_number": "1", "_tel_url": "javascript:window.hurt=1"})
    page.evaluate("text => document.querySelector('[name=answer]').value = text", forged)
    what_if(page, "another phone calls")
    expect(page.locator(".dial")).to_have_text("1")
    expect(page.locator("a[href^='javascript']")).to_have_count(0)


def test_it_says_which_services_it_needs(serve: Serve, page: Page) -> None:
    server = serve()
    server.client.delete("/genesys/1/admin/options/service.match-interaction").raise_for_status()
    page.goto(url(server, SIMULATOR))
    expect(page.get_by_role("heading", name="Two services are needed")).to_be_visible()


def test_supervisors_do_not_play(closed: Server, page: Page, complaints: Complaints) -> None:
    page.goto(url(closed, SIMULATOR))
    log_in(page, SUPERVISOR, SUPERVISOR_PASSWORD)
    page.goto(url(closed, SIMULATOR))
    expect(page.get_by_role("button", name="Reserve a number")).to_be_disabled()
    for path in ("reserve", "call"):
        assert page.request.post(url(closed, f"{SIMULATOR}/{path}")).status == 403


def test_it_is_played_with_the_keyboard_alone(stage: Server, page: Page) -> None:
    page.goto(url(stage, SIMULATOR))
    page.get_by_label("Service", exact=True).focus()
    page.keyboard.type("web")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Digits keyed in").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Matched")).to_be_visible()


def test_everybody_can_read_it(stage: Server, open_tab: OpenTab) -> None:
    page = open_tab(bypass_csp=True, viewport={"width": 390, "height": 844})
    reserve(page, stage)
    for otherwise in (None, "the code is mistyped", "Whose call is it?"):
        if otherwise:
            what_if(page, otherwise)
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert grave_findings(page) == [], otherwise
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), otherwise
