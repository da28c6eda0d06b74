"""The lines' room: telephony is connected in the browser, and answered at once."""

from playwright.sync_api import Locator, Page, expect

from tests.acceptance.command import Server

from .browser import Complaints, grave_findings
from .conftest import OpenTab
from .setting import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, SUPERVISOR, SUPERVISOR_PASSWORD, log_in, url

NUMBER, CALLER = "+1 800 555 0100", "+14155550123"
LINE = "/ui/lines/of/connect"
LINES = "/genesys/1/admin/options/adapter"


def option(page: Page, name: str) -> Locator:
    return page.locator(f"#option-{name}")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def connect(server: Server, **options: str) -> None:
    made = server.client.patch(f"{LINES}.connect", json={"_type": "json", "secret": "s3cret", **options})
    assert made.status_code == 200, made.text


def test_a_line_is_made_for_a_platform_and_answers_at_once(
    page: Page, server: Server, complaints: Complaints
) -> None:
    complaints.expect("400")
    page.goto(url(server, "/ui/lines"))
    expect(page.get_by_role("heading", name="No telephony is connected")).to_be_visible()
    page.get_by_role("link", name="New line").click()
    page.get_by_role("link", name="twilio").click()
    page.get_by_label("Name", exact=True).fill("main-line")
    option(page, "agent").fill("nowhere at all")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#option-agent-fault")).to_contain_text("must be a SIP URI such as sip:")
    expect(page.locator("#option-queue-fault")).to_have_text("is missing")
    option(page, "agent").fill("sip:agents@cc.example.com")
    option(page, "queue").fill("sip:queue@cc.example.com")
    option(page, "auth_token").fill("open sesame")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("main-line")
    assert "open sesame" not in page.content()
    asked = server.client.post("/adapters/main-line", data={"CallSid": "1"})
    assert asked.json()["exception"] == "NotGenuine"


def test_a_line_is_edited_and_deleted(page: Page, server: Server) -> None:
    connect(server)
    page.goto(url(server, "/ui/lines"))
    page.get_by_role("link", name="connect", exact=True).click()
    option(page, "retries").fill("3")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved")
    kept = server.client.get(f"{LINES}.connect").json()
    assert (kept["retries"], kept["_type"]) == ("3", "json")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("is deleted")
    assert server.client.post("/adapters/connect").status_code == 404


def test_a_line_needs_a_name_of_its_own_and_a_service_that_matches(
    page: Page, server: Server, complaints: Complaints
) -> None:
    complaints.expect("400")
    connect(server)
    page.goto(url(server, "/ui/lines/new/json"))
    for name, why in (("", "must not be empty"), ("connect", "already")):
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("button", name="Create").click()
        expect(page.locator("#name-fault")).to_contain_text(why)
    page.get_by_label("Name", exact=True).fill("<b>&/..")
    option(page, "_service").fill("status")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("a line's name has 1 to 64 letters")
    expect(page.locator("#option-_service-fault")).to_contain_text("bound to match-interaction")


def test_a_supervisor_sees_lines_and_changes_none(page: Page, closed: Server) -> None:
    page.goto(url(closed, "/ui/lines"))
    log_in(page, SUPERVISOR, SUPERVISOR_PASSWORD)
    expect(page.get_by_role("link", name="New line")).to_have_count(0)
    token = page.locator("[name=token]").first.input_value()
    for path in ("/ui/lines/new/json", LINE, f"{LINE}/delete"):
        sent = page.request.post(url(closed, path), form={"token": token, "name": "mine"})
        assert sent.status == 403
    owner = (ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
    assert not [
        name
        for name in closed.client.get("/genesys/1/admin/options", auth=owner).json()["sections"]
        if name.startswith("adapter.")
    ]


def test_lines_keep_nobody_out(open_tab: OpenTab, server: Server) -> None:
    connect(server, description='"><img src=x onerror="document.title=1"><script>document.title=2</script>')
    page = open_tab(bypass_csp=True, viewport={"width": 390, "height": 844})
    for path in ("/ui/lines", "/ui/lines/new", "/ui/lines/new/twilio", LINE):
        page.goto(url(server, path))
        assert grave_findings(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.title().endswith("Matchline")
