"""The services' room: made, edited, tried and deleted, with the API as the witness."""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from matchline.chart_examples import EXAMPLES
from matchline.services import builtin_services
from tests.acceptance.command import LIMIT_SECONDS, Server

from .browser import Complaints
from .conftest import OpenTab, Serve
from .setting import url

MATCH = "/ui/services/of/match-interaction"
REQUEST = "/ui/services/of/request-interaction"
CALLER = "+14155550123"
# Each option of a form: what is shown of it, and whether one must unfold it.
SHOWN_OPTIONS = """Object.fromEntries([...document.querySelectorAll('.option:has([name^="o."])')].map((each) =>
  [each.querySelector('[name^="o."]').name.slice(2), [each.innerHTML, !!each.closest("details:not([open])")]]))"""
CALLBACKS = ("callback-customer-calls", "callback-agent-calls")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def option(page: Page, name: str) -> Locator:
    """Its field in the form."""
    return page.locator(f"#option-{name}")


def options(server: Server, name: str) -> dict[str, str]:
    return dict(server.options(quote(f"service.{name}")))


def test_the_list_tells_what_each_service_is_and_how_many_sessions_live(page: Page, server: Server) -> None:
    server.reserve()
    server.reserve()
    page.goto(url(server, "/ui/services"))
    row = page.get_by_role("row").filter(has_text="Numbers for the mobile app")
    expect(row).to_contain_text("request-interaction")
    expect(row.get_by_role("cell").last).to_have_text("2")


def test_an_edited_service_answers_otherwise_at_once(page: Page, server: Server) -> None:
    asked = server.ask("status")
    assert asked["greeting"] == "hello"
    page.goto(url(server, "/ui/services/of/status"))
    page.get_by_label("Its value").fill("grüezi")
    page.get_by_role("button", name="Add a parameter").click()
    page.get_by_label("Name of the parameter").last.fill("$also")
    page.get_by_label("Its value").last.fill("this")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert {"greeting": "grüezi", "$also": "this"}.items() <= server.ask("status").items()


def test_only_what_was_changed_is_stored(page: Page, server: Server) -> None:
    before = options(server, "match-interaction")
    page.goto(url(server, MATCH))
    save(page)
    expect(page.get_by_role("status")).to_have_text("Nothing was changed.")
    assert options(server, "match-interaction") == before
    option(page, "_return_reason").check()
    option(page, "_require_code").select_option("always")
    option(page, "_return_user_data").uncheck()
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved")
    after = options(server, "match-interaction")
    assert {**after, "_return_user_data": ""} == {
        **before,
        "_return_user_data": "",
        "_return_reason": "true",
        "_require_code": "always",
    }
    assert after.get("_return_user_data", "false") == "false"


def test_what_binds_a_service_is_mandatory_and_locked(page: Page, server: Server) -> None:
    page.goto(url(server, MATCH))
    for name in ("_type", "_service"):
        expect(page.get_by_role("textbox", name=name, exact=True)).to_have_count(0)
    answer = page.request.post(
        url(server, MATCH),
        form={"token": page.locator("[name=token]").first.input_value(), "o._service": "get", "was": "{}"},
    )
    assert answer.status == 409, "a form that was shown something else"
    assert options(server, "match-interaction")["_service"] == "match-interaction"


def test_every_fault_is_shown_at_its_field_at_once(
    page: Page, server: Server, complaints: Complaints
) -> None:
    complaints.expect("400")
    page.goto(url(server, REQUEST))
    option(page, "_access_code_length").fill("99")
    option(page, "_ttl").fill("soon")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("2 entries are not valid")
    for name, why in (("_access_code_length", "must be 4 to 15 digits"), ("_ttl", "must be a whole number")):
        field = option(page, name)
        assert field.get_attribute("aria-invalid") is not None
        expect(page.locator(f"#option-{name}-fault")).to_contain_text(why)
    expect(option(page, "_ttl")).to_have_value("soon")
    assert "_ttl" not in options(server, "request-interaction")


def test_a_parameter_needs_the_name_of_a_variable(page: Page, server: Server, complaints: Complaints) -> None:
    complaints.expect("400")
    before = options(server, "request-interaction")
    page.goto(url(server, REQUEST))
    names = ("not a name", "_mine", "9lives", "_ttl", "a-b", "fine", "fine")
    for name in names:
        page.get_by_role("button", name="Add a parameter").click()
        page.get_by_label("Name of the parameter").last.fill(name)
    save(page)
    for name in names[:5]:
        expect(page.locator("#extras .fault").filter(has_text=f"{name}:")).to_have_count(1)
    expect(page.locator("#extras .fault").filter(has_text="fine: there is one")).to_have_count(1)
    assert options(server, "request-interaction") == before


def test_a_parameter_can_be_renamed_and_removed(page: Page, server: Server) -> None:
    page.goto(url(server, "/ui/services/of/status"))
    page.get_by_label("Name of the parameter").fill("salute")
    save(page)
    expect(page.get_by_label("Name of the parameter")).to_have_value("salute")
    assert options(server, "status") == {"_type": "builtin", "_service": "get", "salute": "hello"}
    page.get_by_label("Name of the parameter").fill("")
    page.get_by_label("Its value").fill("")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert options(server, "status") == {"_type": "builtin", "_service": "get"}


def test_an_option_may_refer_to_a_parameter(page: Page, server: Server) -> None:
    page.goto(url(server, REQUEST))
    option(page, "_ttl").fill("$life$")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert options(server, "request-interaction")["_ttl"] == "$life$"


def test_a_secret_is_written_and_never_shown(page: Page, serve: Serve, complaints: Complaints) -> None:
    server = serve()
    complaints.expect("400")
    page.goto(url(server, REQUEST))
    page.get_by_text("A login of its own").click()
    option(page, "password").fill("open sesame")
    option(page, "_ttl").fill("soon")
    save(page)
    assert "open sesame" not in page.content()
    option(page, "_ttl").fill("")
    page.get_by_text("A login of its own").click()
    option(page, "password").fill("open sesame")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody can log in yet")
    assert server.client.post("/genesys/1/service/request-interaction").status_code == 401
    opened = server.client.post("/genesys/1/service/request-interaction", auth=("any", "open sesame"))
    assert opened.status_code == 200


def test_what_two_people_change_at_once_is_shown_and_not_overwritten(
    page: Page, open_tab: OpenTab, server: Server, complaints: Complaints
) -> None:
    complaints.expect("409")
    other = open_tab()
    for each in (page, other):
        each.goto(url(server, REQUEST))
    option(other, "_ttl").fill("60")
    option(other, "description").fill("theirs")
    save(other)
    expect(other.get_by_role("status")).to_contain_text("Saved")
    option(page, "description").fill("mine")
    option(page, "_provide_code").check()
    save(page)
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Someone else changed this meanwhile")
    expect(told).to_contain_text("theirs")
    expect(told).to_contain_text("you want mine")
    expect(option(page, "_ttl")).to_have_value("60")
    assert options(server, "request-interaction")["description"] == "theirs"
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved")
    after = options(server, "request-interaction")
    assert (after["description"], after["_ttl"], after["_provide_code"]) == ("mine", "60", "true")


def test_a_change_elsewhere_is_in_nobodys_way(page: Page, server: Server) -> None:
    page.goto(url(server, REQUEST))
    server.client.patch("/genesys/1/admin/options/server", json={"realm": "Elsewhere"})
    option(page, "description").fill("mine")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Saved")


def test_a_service_is_made_from_a_template(page: Page, server: Server, complaints: Complaints) -> None:
    complaints.expect("400")
    page.goto(url(server, "/ui/services"))
    page.get_by_role("link", name="New service").click()
    page.get_by_role("link", name="match-interaction").click()
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#name-fault")).to_have_text("must not be empty")
    page.get_by_label("Name", exact=True).fill("status")
    option(page, "_return_user_data").check()
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#name-fault")).to_contain_text("already")
    expect(option(page, "_return_user_data")).to_be_checked()
    for unaddressable in ("a/b", "..", "a\u0007b"):
        page.get_by_label("Name", exact=True).fill(unaddressable)
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_role("alert")).to_contain_text("cannot have this name")
    page.get_by_label("Name", exact=True).fill("Zürich & Bern?")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Zürich & Bern?")
    assert options(server, "Zürich & Bern?") == {
        "_type": "builtin",
        "_service": "match-interaction",
        "_return_user_data": "true",
    }
    asked = server.client.post(f"/genesys/1/service/{quote('Zürich & Bern?')}", data={"_access_number": "1"})
    assert asked.json()["exception"] == "NoMatch"


def test_the_form_follows_from_the_declarations(page: Page, shared: Server) -> None:
    for builtin in builtin_services().values():
        page.goto(url(shared, f"/ui/services/new/{builtin.name}"))
        shown: dict[str, tuple[str, bool]] = page.evaluate(SHOWN_OPTIONS)
        for declared in builtin.options:
            html, is_folded = shown[declared.name]
            default = {"true": "default: on", "false": "default: off"}.get(declared.default or "")
            assert (default or declared.default or "") in html, declared.name
            assert ("request parameter" in html) is declared.request, declared.name
            assert ("mandatory" in html) is declared.mandatory, declared.name
            assert is_folded is declared.advanced, declared.name


def test_an_scxml_service_needs_a_document_that_is_there(
    page: Page, server: Server, complaints: Complaints
) -> None:
    complaints.expect("400")
    page.goto(url(server, "/ui/services/new"))
    page.get_by_role("link", name="SCXML document").click()
    page.get_by_label("Name", exact=True).fill("greeter")
    option(page, "_service").fill("nowhere.scxml")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#option-_service-fault")).to_be_visible()
    assert page.request.get(url(server, "/ui/services/of/greeter")).status == 404


def test_every_chart_that_comes_with_matchline_is_a_template(page: Page, server: Server) -> None:
    for example in EXAMPLES.values():
        name = example.file.removesuffix(".scxml")
        page.goto(url(server, "/ui/services/new"))
        page.get_by_role("link", name=example.file).click()
        expect(page.get_by_text(f"The chart {example.file}")).to_be_visible()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert options(server, name) == {"_type": "ors", "_service": example.address, **example.options}
    assert server.ask("call-me", {"_phone_number": CALLER})["number"]
    callbacks = {name: server.ask(f"callback/{name}", {"_customer_number": CALLER}) for name in CALLBACKS}
    session = callbacks["callback-customer-calls"]["_id"]
    server.client.post(f"/genesys/1/service/{session}/agent-free").raise_for_status()
    page.goto(url(server, "/ui/live"))
    row = page.locator(f"tr[data-key='{session}']")
    expect(row).to_contain_text("held")
    expect(row.get_by_role("link")).to_have_text(re.compile(r"^[0-9a-f]{8}….{4}$"))
    assert row.get_by_role("link").inner_text()[-4:] in session.removesuffix(".chart")
    found = server.client.get("/genesys/1/service/callback", params={"_customer_number": CALLER}).json()
    assert {each["_id"] for each in found} == {each["_id"] for each in callbacks.values()}


def test_an_scxml_document_of_the_servers_folder_is_a_template(
    page: Page, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "mine.scxml").write_bytes(EXAMPLES["example:call-me.scxml"].read())
    server.client.patch("/genesys/1/admin/options/server", json={"scxml_folder": str(tmp_path)})
    page.goto(url(server, "/ui/services/new"))
    page.get_by_role("link", name="mine.scxml").click()
    expect(option(page, "_service")).to_have_value("mine.scxml")
    page.get_by_label("Name", exact=True).fill("mine")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("mine")
    assert options(server, "mine") == {"_type": "ors", "_service": "mine.scxml"}
    assert server.ask("mine", {"_phone_number": CALLER})["number"]


def test_a_service_is_deleted_after_a_warning_that_names_its_sessions(page: Page, server: Server) -> None:
    session = server.reserve()
    page.goto(url(server, REQUEST))
    page.get_by_role("button", name="Delete").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("1 session is live")
    expect(asked).to_contain_text(session["_id"])
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    asked.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("is deleted")
    assert server.client.post("/genesys/1/service/request-interaction").status_code == 404
    assert "everyone, administrator" in server.client.get("/genesys/1/admin/audit").text


def test_a_service_is_tried_where_it_is_configured(page: Page, server: Server) -> None:
    page.goto(url(server, REQUEST))
    tried = page.locator("#try")
    tried.get_by_label("_phone_number").fill("+14155550123")
    tried.get_by_label("_provide_code").select_option("true")
    tried.get_by_label("Value", exact=True).fill("it's Ada")
    tried.get_by_role("button", name="Send").click()
    expect(tried.locator("#answer")).to_contain_text("_access_number")
    expect(tried.locator("#answer")).to_contain_text("_access_code")
    expect(tried.locator("#curl")).to_contain_text("--data-urlencode _phone_number=+14155550123")
    expect(tried.locator("#curl")).to_contain_text("/genesys/1/service/request-interaction")
    expect(tried.locator("h3 .badge")).to_have_text("200")
    command = ["sh", "-c", f"{tried.locator('#curl').inner_text()} --silent --fail"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True).stdout
    assert {"_access_number", "_access_code"} <= json.loads(answer).keys()


def test_a_refusal_is_shown_as_the_service_gives_it(page: Page, shared: Server) -> None:
    page.goto(url(shared, MATCH))
    tried = page.locator("#try")
    tried.get_by_label("_access_number").fill("+49 30 901820")
    tried.get_by_role("button", name="Send").click()
    expect(tried.locator("#answer")).to_contain_text("NoMatch")
    expect(tried.locator("h3 .badge")).to_have_text("404")
