"""What holds for every page: who is let in, what a form must prove, and that nothing foreign runs."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from matchline.clock import SECOND
from matchline.engine.visits import BUDGET
from matchline.ui.visitor import Visitor
from tests.acceptance.command import Server
from tests.postgres import PostgresServer

from .browser import Complaints
from .conftest import OpenTab, Serve
from .setting import (
    ADMINISTRATOR,
    ADMINISTRATOR_PASSWORD,
    CLOSED,
    SUPERVISOR,
    SUPERVISOR_PASSWORD,
    log_in,
    url,
)

LIMIT_SECONDS = 20.0  # for what takes one, or 15 where nothing else happens
AT_ONCE = 20  # requests, of which a client that may send one a second gets through with a few

TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')


def token_of(server: Server) -> str:
    """Of the pages that the server's client gets; its cookie is kept."""
    found = TOKEN.search(server.client.get("/ui/keys").text)
    assert found
    return found[1]


def try_to_log_in(server: Server, password: str, token: str = "") -> httpx.Response:
    form = TOKEN.search(server.client.get("/ui/login").text)
    token = token or (form[1] if form else "")
    return server.client.post(
        "/ui/login", data={"token": token, "username": ADMINISTRATOR, "password": password}
    )


def test_without_credentials_everybody_on_this_machine_is_an_administrator(
    page: Page, shared: Server
) -> None:
    page.goto(url(shared, "/ui"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Services")
    expect(page.get_by_text("administrator", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)


def test_a_wrong_password_is_refused_and_a_right_one_leads_where_one_wanted_to_go(
    page: Page, closed: Server, complaints: Complaints
) -> None:
    complaints.expect("403")
    page.goto(url(closed, "/ui/audit?before=9"))
    log_in(page, ADMINISTRATOR, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("not known")
    log_in(page, ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
    expect(page).to_have_url(url(closed, "/ui/audit?before=9"))
    expect(page.get_by_role("banner")).to_contain_text(ADMINISTRATOR)


def test_whoever_logs_out_is_out_even_with_the_old_cookie(page: Page, closed: Server) -> None:
    page.goto(url(closed, "/ui"))
    log_in(page, ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Services")
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "matchline_ui"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    again = httpx.get(url(closed, "/ui/services"), cookies={"matchline_ui": cookie["value"]})
    assert again.status_code == 303


def test_a_live_page_is_told_no_more_after_its_logout(closed: Server) -> None:
    with httpx.Client(base_url=closed.client.base_url, timeout=LIMIT_SECONDS) as visitor:
        token = TOKEN.search(visitor.get("/ui/login").text)
        assert token
        login = {"username": SUPERVISOR, "password": SUPERVISOR_PASSWORD}
        assert visitor.post("/ui/login", data={"token": token[1], **login}).status_code == 303
        with visitor.stream("GET", "/ui/live/stream") as told:
            chunks = told.iter_text()
            assert "data: " in next(chunks) + next(chunks)
            inside = TOKEN.search(visitor.get("/ui/live").text)
            assert inside
            visitor.post("/ui/logout", data={"token": inside[1]})
            closed.client.post(
                "/genesys/1/service/request-interaction", auth=(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
            ).raise_for_status()
            assert "data: " not in "".join(chunks)


def test_a_programs_key_is_counted_here_too(serve: Serve) -> None:
    server = serve(CLOSED.replace("[server]", "[server]\nrate_per_key = 1"))
    made = server.client.post(
        "/genesys/1/admin/keys",
        json={"name": "eager", "scopes": ["admin"]},
        auth=(ADMINISTRATOR, ADMINISTRATOR_PASSWORD),
    ).json()
    shown = {"authorization": f"Bearer {made['key']}"}
    statuses = {server.client.get("/ui/keys", headers=shown).status_code for _ in range(AT_ONCE)}
    assert statuses == {200, 429}


def test_a_key_whose_name_no_store_can_hold_is_refused(server: Server) -> None:
    sent = server.client.post("/ui/keys", data={"token": token_of(server), "name": "a\0b", "scope.app": "on"})
    assert sent.status_code == 400
    assert server.client.get("/genesys/1/admin/keys").json() == {"keys": []}


def test_a_change_of_the_password_ends_the_visits_that_it_began(page: Page, serve: Serve) -> None:
    closed = serve(CLOSED)
    page.goto(url(closed, "/ui"))
    log_in(page, SUPERVISOR, SUPERVISOR_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Services")
    changed = closed.client.patch(
        "/genesys/1/admin/options/server",
        json={"supervisor_password": "another"},
        auth=(ADMINISTRATOR, ADMINISTRATOR_PASSWORD),
    )
    assert changed.status_code == 200
    assert "supervisor_password" not in changed.json()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_a_supervisor_sees_everything_and_changes_nothing(page: Page, closed: Server) -> None:
    page.goto(url(closed, "/ui"))
    log_in(page, SUPERVISOR, SUPERVISOR_PASSWORD)
    page.get_by_role("link", name="request-interaction", exact=True).click()
    expect(page.locator("#option-description")).to_be_disabled()
    for name in ("Save", "Delete", "Send"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    answer = page.request.post(
        url(closed, "/ui/services/of/request-interaction"),
        form={"token": page.locator("[name=token]").first.input_value(), "o.description": "mine"},
    )
    assert answer.status == 403
    assert (
        "description"
        in closed.client.get(
            "/genesys/1/admin/options/service.request-interaction",
            auth=(ADMINISTRATOR, ADMINISTRATOR_PASSWORD),
        ).json()
    )


def test_the_supervisors_credentials_open_the_ui_alone(closed: Server) -> None:
    answer = closed.client.get("/genesys/1/admin/options", auth=(SUPERVISOR, SUPERVISOR_PASSWORD))
    assert answer.status_code == 401


def test_an_administrators_key_needs_no_cookie(closed: Server) -> None:
    made = closed.client.post(
        "/genesys/1/admin/keys",
        json={"name": "deployment", "scopes": ["admin"]},
        auth=(ADMINISTRATOR, ADMINISTRATOR_PASSWORD),
    ).json()
    shown = httpx.get(url(closed, "/ui/keys"), headers={"authorization": f"Bearer {made['key']}"})
    assert shown.status_code == 200
    assert "deployment" in shown.text
    assert "set-cookie" not in shown.headers


def test_who_guesses_passwords_is_slowed_down_on_every_node(serve: Serve, postgres: PostgresServer) -> None:
    store = postgres.empty()
    one, other = serve(CLOSED, store), serve(CLOSED, store)
    statuses = [
        try_to_log_in(node, f"wrong{n}").status_code for n, node in enumerate([one, other] * BUDGET.guesses)
    ]
    assert statuses == [403] * BUDGET.guesses + [429] * BUDGET.guesses
    refused = try_to_log_in(one, ADMINISTRATOR_PASSWORD)
    assert "Too many wrong passwords" in refused.text
    assert 0 < int(refused.headers["retry-after"]) <= BUDGET.refill // SECOND


def test_a_login_ends_the_one_before_it(closed: Server) -> None:
    assert try_to_log_in(closed, ADMINISTRATOR_PASSWORD).status_code == 303
    before = closed.client.cookies["matchline_ui"]
    assert try_to_log_in(closed, ADMINISTRATOR_PASSWORD, token_of(closed)).status_code == 303
    old = httpx.get(url(closed, "/ui/services"), cookies={"matchline_ui": before})
    assert old.status_code == 303
    assert closed.client.get("/ui/services").status_code == 200


def test_a_secret_that_was_there_before_the_login_opens_nothing(closed: Server) -> None:
    planted = "a" * 64
    with httpx.Client(base_url=closed.client.base_url, cookies={"matchline_ui": planted}) as victim:
        sent = {
            "token": Visitor("", None, planted).token,
            "username": ADMINISTRATOR,
            "password": ADMINISTRATOR_PASSWORD,
        }
        assert victim.post("/ui/login", data=sent).status_code == 303
    assert httpx.get(url(closed, "/ui/services"), cookies={"matchline_ui": planted}).status_code == 303


def test_who_is_not_let_in_may_not_send_much(closed: Server) -> None:
    assert try_to_log_in(closed, "x" * 100_000).status_code == 413


@pytest.mark.parametrize(
    "given",
    [
        {"was": "[" * 100_000},
        {"was": '{"description": "\\ud800"}'},
        {"was": "{}", "x.name": "y"},
        {"was": "{}", "o.description": "a\0b"},
        {"was": "{}", "x.0.name": "greeting", "x.0.text": "\0"},
    ],
)
def test_a_form_that_no_page_sends_is_the_senders_fault(server: Server, given: dict[str, str]) -> None:
    form = {"token": token_of(server), **given}
    for path in ("", "/try"):
        sent = server.client.post(f"/ui/services/of/request-interaction{path}", data=form)
        assert sent.status_code < 500, (path, sent.text)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_site_changes_nothing(shared: Server, headers: dict[str, str]) -> None:
    sent = shared.client.post(
        "/ui/keys", data={"token": token_of(shared), "name": "theirs", "scope.admin": "on"}, headers=headers
    )
    assert sent.status_code == 403
    assert shared.client.get("/genesys/1/admin/keys").json() == {"keys": []}


@pytest.mark.parametrize("token", ["", "0" * 32, "ü"])
def test_a_form_without_its_token_changes_nothing(shared: Server, token: str) -> None:
    token_of(shared)
    sent = shared.client.post("/ui/keys", data={"token": token, "name": "theirs", "scope.admin": "on"})
    assert sent.status_code == 403
    assert shared.client.get("/genesys/1/admin/keys").json() == {"keys": []}


def test_another_sites_name_that_leads_here_is_not_let_in_while_the_server_is_open(shared: Server) -> None:
    answer = shared.client.get("/ui/services", headers={"host": "evil.example"})
    assert answer.status_code == 403
    assert shared.client.get("/ui/services", headers={"host": "localhost:1"}).status_code == 200


def test_the_way_after_the_login_stays_in_the_house(page: Page, closed: Server) -> None:
    ways = (
        "https://evil.example/",
        "//evil.example",
        "/ui/\\evil",
        "/docs",
        "/ui/../docs",
        "/ui/%252e%252E/docs",
    )
    for n, elsewhere in enumerate(ways):
        page.context.clear_cookies()
        page.goto(url(closed, f"/ui/login?to={elsewhere}"))
        log_in(page, ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Services")
        assert page.url == url(closed, "/ui/services"), n


def test_pages_forbid_whatever_they_do_not_need(shared: Server) -> None:
    policy = shared.client.get("/ui/services").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_an_address_without_a_page_says_so(page: Page, shared: Server, complaints: Complaints) -> None:
    complaints.expect("404")
    page.goto(url(shared, "/ui/nowhere"))
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_the_keyboard_reaches_the_content_and_the_rooms(page: Page, shared: Server) -> None:
    page.goto(url(shared, "/ui/services"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="New service")).to_be_focused()


def test_times_are_the_readers_own_and_utc_when_pointed_at(open_tab: OpenTab, shared: Server) -> None:
    shared.client.patch("/genesys/1/admin/options/server", json={"realm": "Elsewhere"})
    page = open_tab(timezone_id="Asia/Tokyo", locale="en-GB")
    page.goto(url(shared, "/ui/audit"))
    time = page.locator("time[data-local]").first
    utc = str(time.get_attribute("datetime"))
    assert time.get_attribute("title") == f"{utc[:10]} {utc[11:19]} UTC"
    hour = (int(utc[11:13]) + 9) % 24
    expect(time).to_contain_text(re.compile(rf"\b{hour:02d}:{utc[14:16]}:{utc[17:19]}"))
