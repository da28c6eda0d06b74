"""The capacity planner: the same figures as `matchline plan`, with advice and a plot."""

from playwright.sync_api import Page, expect

from matchline.capacity import Demand, numbers_needed
from matchline.clock import SystemClock
from matchline.kept.history import MINUTE, PoolSample, minute_of
from tests.acceptance.command import Server

from .browser import Complaints, grave_findings
from .conftest import OpenTab, Serve
from .past import write
from .setting import NUMBERS, url

PLAN = "/ui/resources/plan"


def reckon(page: Page, **figures: str) -> None:
    for name, text in figures.items():
        page.locator(f"#plan-{name}").fill(text)
    page.get_by_role("button", name="Reckon").click()


def test_it_says_what_to_do(page: Page, shared: Server) -> None:
    page.goto(url(shared, "/ui/resources"))
    page.get_by_role("link", name="Plan numbers").click()
    reckon(page, arrivals="5/s", hold="300s", cooldown="60s", refused="1%")
    advice = page.get_by_role("status")
    expect(advice).to_have_text("Order 1,829 numbers.")
    reckon(page, numbers="1700")
    expect(advice).to_contain_text("Add 129 numbers: of 1,700 there are, 1,829 are needed. Now 6.3 %")
    reckon(page, numbers="1829")
    expect(advice).to_contain_text("Leave it")
    reckon(page, numbers="2000")
    expect(advice).to_have_text("Enough: 1,829 numbers would do, 171 could be spared.")
    expect(page.get_by_role("img", name="Numbers needed against reservations")).to_be_visible()
    expect(page.locator("svg.plot path.given")).to_have_count(1)


def test_numbers_that_many_share_are_few(page: Page, shared: Server) -> None:
    page.goto(url(shared, PLAN))
    page.get_by_label("A number belongs to").select_option("shared")
    reckon(page, arrivals="100/s", hold="5m", codes="4")
    needed = numbers_needed(Demand(100, 300, 15), 0.01, 5000)
    expect(page.get_by_role("status")).to_have_text(f"Order {needed} numbers.")
    expect(page.get_by_text("held on each number")).to_be_visible()


def test_a_groups_figures_are_filled_in(page: Page, serve: Serve) -> None:
    server = serve()
    minute = minute_of(SystemClock().now())
    write(server.store, [PoolSample(minute - n * MINUTE, "DNIS", 1, 1, 1, 3 * n, 1) for n in (1, 2, 3)])
    page.goto(url(server, "/ui/resources/of/DNIS"))
    page.get_by_role("link", name="Plan its size").click()
    for name, text in (
        ("arrivals", "10/min"),
        ("hold", "600s"),
        ("cooldown", "15s"),
        ("numbers", str(len(NUMBERS))),
    ):
        expect(page.locator(f"#plan-{name}")).to_have_value(text)
    needed = numbers_needed(Demand(10 / 60, 600, 15), 0.01)
    expect(page.get_by_role("status")).to_contain_text(f"Add {needed - len(NUMBERS)} numbers to DNIS")
    page.get_by_label("Begin with the figures of").select_option("SHARED")
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_label("A number belongs to")).to_have_value("shared")
    expect(page.get_by_role("status")).to_contain_text("Leave it: 1 number is just enough in SHARED")


def test_what_cannot_be_read_is_told_at_its_field(page: Page, shared: Server, complaints: Complaints) -> None:
    complaints.expect("400")
    page.goto(url(shared, PLAN))
    reckon(page, arrivals="often", hold="-", refused="200%", codes="99", numbers="<b>many</b>")
    expect(page.locator("[aria-invalid]")).to_have_count(5)
    expect(page.locator("#plan-arrivals-about")).to_contain_text("must be a rate such as")
    expect(page.locator("#plan-numbers")).to_have_value("<b>many</b>")
    expect(page.get_by_role("status")).to_have_count(0)
    reckon(page, arrivals="100/s", hold="1h", refused="1%", codes="6", numbers="")
    expect(page.locator("#plan-arrivals-about")).to_contain_text("matchline plan")
    reckon(page, arrivals="1/s", hold="0s", cooldown="0s")
    expect(page.locator("#plan-hold-about")).to_contain_text("needs no slot")


def test_everybody_can_read_it(open_tab: OpenTab, shared: Server) -> None:
    page = open_tab(bypass_csp=True, viewport={"width": 390, "height": 844})
    page.goto(url(shared, f"{PLAN}?group=DNIS&arrivals=5/s"))
    assert grave_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
