"""Keys, audit, settings and nodes, with the API as the witness."""

import re
import time

import httpx
from playwright.sync_api import Page, expect

from tests.acceptance.command import Server
from tests.postgres import PostgresServer

from .browser import Complaints
from .conftest import OpenTab, Serve
from .setting import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, CLOSED, CONFIGURATION, log_in, url

FOLLOW_SECONDS = 10  # a second is promised; a busy machine takes longer

OWNER = (ADMINISTRATOR, ADMINISTRATOR_PASSWORD)


def test_a_key_is_shown_once_listed_used_and_revoked(page: Page, closed: Server) -> None:
    page.goto(url(closed, "/ui/keys"))
    log_in(page, *OWNER)
    page.get_by_label("Name").fill("Mobile app")
    page.get_by_label("app Apps").check()
    page.get_by_text("Only for some").click()
    page.get_by_label("request-interaction").check()
    page.get_by_role("button", name="Create the key").click()
    key = page.locator("#secret").inner_text()
    headers = {"authorization": f"Bearer {key}"}
    asked = httpx.post(url(closed, "/genesys/1/service/request-interaction"), headers=headers)
    assert asked.status_code == 200
    page.get_by_role("link", name="Done").click()
    assert key not in page.content()
    row = page.get_by_role("row").filter(has_text="Mobile app")
    expect(row).to_contain_text("request-interaction")
    expect(row).not_to_contain_text("never")
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("revoked")
    expect(row).to_have_count(0)
    refused = httpx.post(url(closed, "/genesys/1/service/request-interaction"), headers=headers)
    assert refused.status_code == 401


def test_a_key_for_nothing_is_refused_with_the_reason(
    page: Page, shared: Server, complaints: Complaints
) -> None:
    complaints.expect("400")
    page.goto(url(shared, "/ui/keys"))
    expect(page.get_by_role("heading", name="There are no keys")).to_be_visible()
    page.get_by_label("Name").fill("Mobile app")
    page.get_by_role("button", name="Create the key").click()
    expect(page.get_by_role("alert")).to_contain_text("choose what the key is for")
    expect(page.get_by_label("Name")).to_have_value("Mobile app")


def test_the_audit_trail_names_the_person_with_before_and_after(page: Page, closed: Server) -> None:
    page.goto(url(closed, "/ui/settings/server"))
    log_in(page, *OWNER)
    page.locator("#option-realm").fill("Example Bank")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Audit").click()
    newest = page.get_by_role("row").nth(1)
    expect(newest).to_contain_text(f"{ADMINISTRATOR}, administrator")
    expect(newest.get_by_text("[server] realm")).to_be_visible()
    expect(newest.locator("ins")).to_have_text("Example Bank")


def test_the_audit_trail_is_paged(page: Page, server: Server) -> None:
    for n in range(55):
        server.client.patch("/genesys/1/admin/options/server", json={"realm": f"Realm {n}"})
    page.goto(url(server, "/ui/audit"))
    expect(page.get_by_role("row").nth(1)).to_contain_text("Realm 54")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Realm 4")
    page.get_by_role("link", name="Newest").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Realm 54")


def test_a_setting_holds_for_the_next_request(page: Page, server: Server, complaints: Complaints) -> None:
    complaints.expect("400")
    page.goto(url(server, "/ui/settings"))
    page.locator("#option-max_value").fill("0")
    page.locator("#option-default_region").fill("Mars")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#option-max_value-fault")).to_contain_text("must be 1 to")
    expect(page.locator("#option-default_region-fault")).to_contain_text("ISO 3166")
    page.locator("#option-default_region").fill("US")
    page.locator("#option-max_value").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("every node")
    asked = server.client.post("/genesys/1/service/request-interaction", data={"customer": "Eve L."})
    assert asked.status_code == 413


def test_a_password_closes_the_server_and_is_asked_for_at_once(page: Page, serve: Serve) -> None:
    server = serve()
    page.goto(url(server, "/ui/settings/server"))
    page.locator("#option-username").fill("ada")
    page.locator("#option-password").fill("open sesame")
    page.get_by_role("button", name="Save").click()
    log_in(page, "ada", "open sesame")
    page.get_by_role("link", name="Settings").click()
    expect(page.locator("#option-password")).to_have_value("")
    expect(page.locator("#option-password")).to_have_attribute("placeholder", re.compile("^set"))
    assert server.client.get("/genesys/1/admin/options").status_code == 401


def test_a_node_that_is_switched_off_says_so_until_it_is_switched_on(page: Page, server: Server) -> None:
    page.goto(url(server, "/ui/nodes"))
    page.get_by_role("button", name="Switch off").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("OFFLINE")
    assert server.client.get("/genesys/1/admin/node/status").text == "OFFLINE"
    assert server.client.get("/readyz").status_code == 503
    assert server.reserve()["_id"]
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("ONLINE")
    assert server.client.get("/genesys/1/admin/node/status").text == "ONLINE"


def test_two_nodes_know_each_other_and_every_login(
    open_tab: OpenTab, serve: Serve, postgres: PostgresServer
) -> None:
    store = postgres.empty()
    one, other = serve(CLOSED, store), serve(CLOSED, store)
    page = open_tab()
    page.goto(url(one, "/ui/nodes"))
    log_in(page, *OWNER)
    page.goto(url(other, "/ui/nodes"))  # cookies know no ports
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text("Store: postgresql://")).to_contain_text("made a step durable in")
    row = page.get_by_role("row").filter(has_not_text="shows this page").nth(1)
    row.get_by_role("button", name="Switch off").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("status")).to_contain_text("OFFLINE")
    one.wait_for("switched (OFFLINE)")
    assert one.client.get("/genesys/1/admin/node/status").text == "OFFLINE"
    assert other.client.get("/genesys/1/admin/node/status").text == "ONLINE"
    page.goto(url(other, "/ui/settings/server"))
    page.locator("#option-realm").fill("Both")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("every node")
    page.goto(url(one, "/ui/settings/server"))
    expect(page.locator("#option-realm")).to_have_value("Both")


def test_a_service_edited_on_one_node_answers_otherwise_on_the_other(
    page: Page, nodes: tuple[Server, Server]
) -> None:
    here, there = nodes
    assert there.ask("status")["greeting"] == "hello"
    page.goto(url(here, "/ui/services/of/status"))
    page.get_by_label("Its value").fill("grüezi")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("on every node")
    assert here.ask("status")["greeting"] == "grüezi"
    deadline = time.monotonic() + FOLLOW_SECONDS
    while there.ask("status")["greeting"] != "grüezi":
        assert time.monotonic() < deadline
    page.get_by_label("Its value").fill("hello")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("on every node")


def test_long_lists_come_in_pages(page: Page, serve: Serve) -> None:
    many = "".join(
        f'[service.z{n:03d}]\n_service = "get"\n[resources.z{n:03d}]\n[adapter.z{n:03d}]\n_type = "json"\n'
        for n in range(101)
    )
    server = serve(f"{CONFIGURATION}\n{many}")
    for room in ("services", "resources", "lines"):
        page.goto(url(server, f"/ui/{room}?page=99"))
        expect(page.locator("tbody tr").last).to_contain_text("z100")
        page.get_by_role("link", name="Previous").click()
        expect(page.locator("tbody tr")).to_have_count(100)
        expect(page.get_by_role("link", name="Previous")).to_have_count(0)
        page.get_by_role("link", name="Next").click()
        expect(page.locator("tbody tr").last).to_contain_text("z100")
