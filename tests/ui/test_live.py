"""Live sessions in the browser: they come, change and go by themselves, and are released and ended by hand.

Where a test has a server of its own it comes before the page, and so outlives it: pages complain otherwise.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.command import Server

from .browser import Complaints, grave_findings
from .conftest import OpenTab, served
from .setting import (
    ADMINISTRATOR,
    ADMINISTRATOR_PASSWORD,
    CONFIGURATION,
    SUPERVISOR,
    SUPERVISOR_PASSWORD,
    log_in,
)

RECORDING = f"""{CONFIGURATION}
[events]
types = "*"
"""
CALLER = "+14155550123"

# Whatever of it ran would leave a mark on the window.
HOSTILE = (
    "<script>window.hurt = 1</script>",
    '"><img src=x onerror="window.hurt = 1">',
    "{{ 7 * 7 }}</td></table><svg onload=window.hurt=1>",
)


@pytest.fixture(scope="module", name="live")
def _live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that records events, for tests that look at sessions of their own."""
    with served(tmp_path_factory) as start:
        yield start(RECORDING)


def reserve(server: Server, **fields: str) -> dict[str, Any]:
    """On the shared number, where there is room for all tests; it lives long enough to be looked at."""
    session: dict[str, Any] = server.reserve(
        _resource_group="SHARED", _provide_code="true", **{"_ttl": "900", **fields}
    )
    return session


def open_live(page: Page, server: Server, path: str = "") -> None:
    """The page, once the server tells it what changes."""
    page.goto(str(server.client.base_url.join(f"/ui/live{path}")))
    expect(page.locator("#live-state")).to_have_text("live")


def row(page: Page, session: dict[str, Any]) -> Locator:
    return page.locator(f"tr[data-key='{session['_id']}']")


def open_session(page: Page, server: Server, session: dict[str, Any]) -> None:
    open_live(page, server, f"/sessions/{session['_id']}")


def match(server: Server, number: str, **fields: str) -> httpx.Response:
    return server.client.post(
        "/genesys/1/service/match-interaction", data={"_access_number": number, **fields}
    )


def confirm(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).click()
    page.get_by_role("dialog").get_by_role("button", name=label).click()


def test_a_session_comes_changes_and_goes_by_itself(server: Server, page: Page) -> None:
    open_live(page, server)
    expect(page.get_by_role("heading", name="Nobody waits at the moment")).to_be_visible()
    session = server.reserve(_phone_number=CALLER, _ttl="900")
    expect(row(page, session)).to_contain_text("held")
    expect(row(page, session)).to_contain_text(session["_access_number"])
    expect(row(page, session)).to_contain_text("…23")
    assert CALLER not in page.content()
    match(server, session["_access_number"], _phone_number=CALLER)
    expect(row(page, session)).to_contain_text("matched")
    server.client.delete(f"/genesys/1/service/{session['_id']}")
    expect(row(page, session)).to_have_count(0)
    expect(page.get_by_role("heading", name="Nobody waits at the moment")).to_be_visible()


def test_a_reservation_counts_down(live: Server, page: Page) -> None:
    session = reserve(live)
    open_live(page, live)
    countdown = row(page, session).locator("[data-label='Held for'] [data-until]")
    expect(countdown).to_have_text("9:58")
    expect(countdown).to_have_text("9:56")


def test_what_the_reader_looks_at_stays_where_it_is(live: Server, open_tab: OpenTab) -> None:
    page = open_tab(viewport={"width": 1280, "height": 500})
    sessions = sorted((reserve(live) for _ in range(20)), key=lambda each: str(each["_id"]))
    open_live(page, live)
    link = row(page, sessions[3]).get_by_role("link")
    link.focus()
    before = link.bounding_box()
    later = reserve(live)
    expect(row(page, later)).to_be_attached()
    expect(link).to_be_focused()
    after = link.bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) < 1  # a page is scrolled by whole pixels


def test_sessions_are_found_by_what_is_known_of_them(live: Server, page: Page) -> None:
    sessions = {
        "own": live.reserve(_phone_number="+14155550114"),
        "shared": reserve(live),
        "matched": live.reserve(_ttl="900"),
    }
    match(live, sessions["matched"]["_access_number"])
    for query, expected in (
        (f"number={quote(sessions['own']['_access_number'])}", ["own"]),
        ("number=1-800-555-0190", ["shared"]),
        (f"phone={quote('(415) 555-0114')}", ["own"]),
        ("state=matched", ["matched"]),
        ("state=held", ["own", "shared"]),
        ("service=request-interaction", ["own", "shared", "matched"]),
        ("service=another", []),
        (f"id={sessions['own']['_id']}", ["own"]),
        ("id=0000", []),
        ("before=%00&number=%00", ["own", "shared", "matched"]),
    ):
        open_live(page, live, f"?{query}")
        for name, session in sessions.items():
            expect(row(page, session)).to_have_count(int(name in expected))
        expect(page.get_by_role("heading", name="No live session fits")).to_have_count(int(not expected))


def test_customers_are_shown_whole_only_where_that_is_permitted(live: Server) -> None:
    customer, option = "+14155550133", "/genesys/1/admin/options/server"
    session = reserve(live, _phone_number=customer)
    for permitted in ("false", "true", "false"):
        live.client.patch(option, json={"call_log_whole_callers": permitted}).raise_for_status()
        for path in (f"/ui/live?id={session['_id']}", f"/ui/live/sessions/{session['_id']}"):
            shown = live.client.get(path).text
            assert (customer in shown, "…33" in shown) == (permitted == "true", permitted == "false")


def test_the_form_finds_and_shows_all_again(live: Server, page: Page) -> None:
    first, second = reserve(live, _phone_number="+14155550111"), reserve(live)
    open_live(page, live)
    page.get_by_label("Customer").fill("415 555 0111")
    page.get_by_role("button", name="Find").click()
    expect(row(page, second)).to_have_count(0)
    expect(row(page, first)).to_have_count(1)
    page.get_by_role("link", name="Show all").click()
    expect(row(page, second)).to_have_count(1)


def test_long_lists_come_in_pages(live: Server, page: Page) -> None:
    sessions = [reserve(live, _phone_number="+14155550112") for _ in range(51)]
    open_live(page, live, f"?phone={quote('+14155550112')}")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(row(page, min(sessions, key=lambda each: str(each["_id"])))).to_be_visible()
    page.get_by_role("link", name="Newest").click()
    expect(page.locator("tbody tr")).to_have_count(50)


def test_a_sessions_page_tells_its_life_and_its_data(live: Server, page: Page) -> None:
    session = live.reserve(_phone_number=CALLER, customer="Ada", reason="a lost card", _ttl="900")
    open_live(page, live)
    row(page, session).get_by_role("link").click()
    expect(page.locator("dl.data")).to_contain_text("a lost card")
    expect(page.locator(".timeline li").nth(1)).to_contain_text("Number reserved")
    match(live, session["_access_number"], _phone_number="+14155550199")
    expect(page.get_by_text("Call asked about: no-match")).to_have_count(0)
    live.client.post(f"/genesys/1/service/{session['_id']}/renew").raise_for_status()
    expect(page.get_by_text("Reservation renewed")).to_be_visible()
    match(live, session["_access_number"], _phone_number=CALLER)
    expect(page.get_by_text("Call matched")).to_be_visible()
    live.client.delete(f"/genesys/1/service/{session['_id']}")
    expect(page.get_by_text("Session ended")).to_be_visible()
    expect(page.get_by_text("a lost card")).to_have_count(0)


def test_a_session_that_never_was_is_said_to_be_unknown(
    live: Server, page: Page, complaints: Complaints
) -> None:
    complaints.expect("404")
    for unknown in ("6b038752nobodyknowsthis", "a%00b"):
        page.goto(str(live.client.base_url.join(f"/ui/live/sessions/{unknown}")))
        expect(page.get_by_text("There is no live session with this id.")).to_be_visible()


def test_a_reservation_is_released_and_a_session_ended_by_hand(live: Server, page: Page) -> None:
    session = reserve(live, customer="Ada")
    open_session(page, live, session)
    page.get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    confirm(page, "Release")
    expect(page.get_by_role("status").filter(has_text="given back")).to_be_visible()
    expect(page.get_by_text("Number given back by hand")).to_be_visible()
    expect(page.get_by_role("region", name="Now")).to_contain_text("released by hand")
    expect(page.get_by_role("button", name="Release")).to_have_count(0)
    called = match(live, session["_access_number"], _access_code=session["_access_code"])
    assert called.status_code == 404
    confirm(page, "End")
    expect(page.get_by_role("status").filter(has_text="ended")).to_be_visible()
    assert live.client.get(f"/genesys/1/service/{session['_id']}").status_code == 404
    told = live.client.get("/genesys/1/admin/audit").json()["entries"]
    assert [(each["who"].partition(",")[0], each["what"]) for each in told[:2]] == [
        ("everyone", "session ended by hand"),
        ("everyone", "reservation released by hand"),
    ]


def test_what_expired_and_what_was_released_are_told_apart(live: Server, page: Page) -> None:
    """Also when the slot has rested and nothing else knows of it."""
    admin, numbers = "/genesys/1/admin", ["+1 800 555 0191", "+1 800 555 0192"]
    brief = {"_cooldown": "0", "_booking_expiration_timeout": "5"}
    live.client.patch(f"{admin}/options/resources.brief", json=brief).raise_for_status()
    live.client.post(f"{admin}/resources/brief/numbers", json={"numbers": numbers}).raise_for_status()
    expired, released = (live.reserve(_resource_group="brief", _ttl="900") for _ in numbers)
    live.client.post(f"{admin}/sessions/{released['_id']}/release").raise_for_status()
    for state, found, other, told in (
        ("released", released, expired, "it was given back by hand"),
        ("expired", expired, released, "no call came in time"),
    ):
        open_live(page, live, f"?state={state}")
        expect(row(page, found)).to_contain_text(state)
        expect(row(page, other)).to_have_count(0)
        open_session(page, live, found)
        expect(page.get_by_role("region", name="Now")).to_contain_text(told)


def test_a_supervisor_releases_and_ends(closed: Server, page: Page) -> None:
    with httpx.Client(base_url=closed.client.base_url, auth=(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)) as api:
        session = api.post("/genesys/1/service/request-interaction", data={"_ttl": "900"}).json()
        page.goto(str(closed.client.base_url.join("/ui/live")))
        log_in(page, SUPERVISOR, SUPERVISOR_PASSWORD)
        open_session(page, closed, session)
        confirm(page, "Release")
        expect(page.get_by_role("button", name="Release")).to_have_count(0)
        confirm(page, "End")
        expect(row(page, session)).to_have_count(0)
        (ended, *_) = api.get("/genesys/1/admin/audit").json()["entries"]
        assert ended["who"].startswith(SUPERVISOR)


def test_an_open_page_leads_to_the_login_when_its_person_is_out(
    closed: Server, page: Page, complaints: Complaints
) -> None:
    complaints.expect("EventSource|Content Security|event-stream")
    page.goto(str(closed.client.base_url.join("/ui/live")))
    log_in(page, SUPERVISOR, SUPERVISOR_PASSWORD)
    expect(page.locator("#live-state")).to_have_text("live")
    elsewhere = page.context.new_page()
    elsewhere.goto(str(closed.client.base_url.join("/ui/services")))
    elsewhere.get_by_role("button", name="Log out").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Log in")
    elsewhere.close()
    closed.client.post(
        "/genesys/1/service/request-interaction", auth=(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
    ).raise_for_status()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    assert page.url.endswith("/ui/login?to=%2Fui%2Flive")


def test_what_happens_on_one_node_shows_up_in_the_browsers_of_all(
    nodes: tuple[Server, Server], open_tab: OpenTab
) -> None:
    here, there = nodes
    one, other = open_tab(), open_tab()
    open_live(one, here)
    open_live(other, there)
    session = reserve(here)
    expect(row(other, session)).to_contain_text("held")
    expect(row(one, session)).to_contain_text("held")
    open_session(one, here, session)
    match(there, session["_access_number"], _access_code=session["_access_code"])
    expect(one.get_by_text("Call matched")).to_be_visible()
    expect(row(other, session)).to_contain_text("matched")
    confirm(one, "End")
    expect(row(other, session)).to_have_count(0)


def test_a_groups_page_follows_what_other_nodes_hand_out(
    nodes: tuple[Server, Server], open_tab: OpenTab
) -> None:
    here, there = nodes
    pages = [open_tab(), open_tab()]
    for page, node in zip(pages, (here, there), strict=True):
        page.goto(str(node.client.base_url.join("/ui/resources/of/DNIS")))
        expect(page.locator("#live-state")).to_have_text("live")
    session = here.reserve()
    for page in pages:
        expect(page.get_by_role("row").filter(has_text=session["_access_number"])).to_contain_text("held")
    here.client.delete(f"/genesys/1/service/{session['_id']}").raise_for_status()


def test_nothing_that_a_customer_leaves_ever_runs(live: Server, page: Page) -> None:
    for hostile in HOSTILE:
        session = reserve(live, _phone_number=hostile, customer=hostile, **{hostile: hostile})
        match(live, hostile, _phone_number=hostile)
        open_live(page, live)
        expect(row(page, session)).to_be_visible()
        open_session(page, live, session)
        expect(page.locator("dl.data dt").filter(has_text=hostile)).to_have_count(1)
        page.goto(str(live.client.base_url.join("/ui/calls")))
        expect(page.locator("tbody tr").first).to_contain_text(hostile)
        page.get_by_role("link", name="Explain", exact=True).first.click()
        expect(page.get_by_label("Called number")).to_have_value(hostile)
        assert page.evaluate("window.hurt") is None


def test_everybody_can_read_the_pages(live: Server, open_tab: OpenTab) -> None:
    session = reserve(live, _phone_number=CALLER, customer="Ada")
    match(live, session["_access_number"], _phone_number="+14155550199")
    page = open_tab(bypass_csp=True, viewport={"width": 390, "height": 844})
    for path in ("", f"/sessions/{session['_id']}"):
        open_live(page, live, path)
        assert grave_findings(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_session_is_reached_and_released_with_the_keyboard(live: Server, page: Page) -> None:
    session = reserve(live)
    open_live(page, live)
    row(page, session).get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Session")
    page.get_by_role("button", name="Release").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Release").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Release")).to_have_count(0)
