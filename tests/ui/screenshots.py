"""Takes a picture of every page of the UI, with data as a small contact centre has them.

python -m tests.ui.screenshots docs/ui [PAGE …]
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import chdir
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, ViewportSize

from matchline.clock import SystemClock
from tests.acceptance.command import Server
from tests.nodes.cluster import Node

from . import past
from .browser import chromium, tab

CONFIGURATION = """
[server]
default_region = "US"

[resources.mobile]
_booking_expiration_timeout = 600
_cooldown = 30
numbers = ["+1 800 555 0100", "+1 800 555 0101", "+1 800 555 0102", "+1 800 555 0103", "+1 800 555 0104",
  "+1 800 555 0105", "+1 800 555 0106", "+1 800 555 0107", "+1 800 555 0108", "+1 800 555 0109"]

[resources.web]
_allocation_strategy = "ROUND_ROBIN"
_booking_expiration_timeout = 900
numbers = ["+1 800 555 0190", "+1 800 555 0191"]

[service.request-interaction]
_type = "builtin"
_service = "request-interaction"
_resource_group = "mobile"
description = "Numbers for the banking app: one of its own for each customer"
queue = "cards"

[service.web-callback]
_type = "builtin"
_service = "request-interaction"
_resource_group = "web"
_provide_code = true
description = "Numbers for the web page: shared, with an access code"

[service.match-interaction]
_type = "builtin"
_service = "match-interaction"
_return_user_data = true
description = "What the contact centre asks for each call"

[service.vip-lookup]
_type = "builtin"
_service = "match-interaction"
_require_code = "always"
description = "The same for the priority desk, which always asks for the code"

[service.status]
_type = "builtin"
_service = "get"
description = "For the monitoring of the app"

[adapter.main-line]
_type = "twilio"
auth_token = "not shown"
agent = "sip:agents@cc.example.com"
queue = "sip:queue@cc.example.com"
description = "The toll-free numbers"

[adapter.branch]
_type = "freeswitch"
agent = "5000"
queue = "5999"
context = "default"
description = "The exchange in Phoenix"
"""

WIDTHS: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 860},
    "phone": {"width": 390, "height": 844},
}
SCHEMES = ("light", "dark")

CUSTOMERS = (
    ("+14155550123", "Ada Lovelace", "lost card"),
    ("+14155550124", "Grace Hopper", "transfer"),
    ("+14155550125", "Katherine Johnson", "limit"),
    ("+14155550126", "Annie Easley", "new card"),
)


def fill(server: Server) -> None:
    """Sessions, calls, keys, changes, and the hours before."""
    past.write(server.store, past.busy_hours("mobile", 10, SystemClock().now()))
    sessions = [
        server.reserve(_phone_number=phone, customer=name, reason=reason) for phone, name, reason in CUSTOMERS
    ]
    given_up = server.reserve(_phone_number="+14155550127", customer="Dorothy Vaughan", _ttl="900")
    server.client.post(f"/genesys/1/admin/sessions/{given_up['_id']}/release").raise_for_status()
    server.reserve(_phone_number="+14155550128", _booking_expiration_timeout="5", _ttl="900")
    for n in range(3):
        server.ask("web-callback", {"customer": f"Visitor {n + 1}", "page": "/mortgages"})
    server.ask(
        "match-interaction",
        {
            "_access_number": sessions[0]["_access_number"],
            "_phone_number": CUSTOMERS[0][0],
            "_call_id": "c-81",
        },
    )
    for number, caller in (("+1 800 555 0109", "+14155550177"), ("+1 800 555 0190", "+14155550178")):
        server.client.post(
            "/genesys/1/service/match-interaction",
            data={"_access_number": number, "_phone_number": caller, "_access_code": "123456"},
        )
    for section, options in (
        ("service.match-interaction", {"_call_memory": "7200"}),
        ("resources.mobile", {"_booking_expiration_timeout": "300"}),
        ("server", {"call_log_days": "14", "realm": "Example Bank"}),
    ):
        server.client.patch(f"/genesys/1/admin/options/{section}", json=options)


def make_keys(server: Server) -> str:
    """The secret of the administrator's: from now on the server asks for credentials, a password among them."""
    wanted = ({"name": "Deployment", "scopes": ["admin"]}, {"name": "Mobile app", "scopes": ["app"]})
    made = server.client.post("/genesys/1/admin/keys", json=wanted[0]).json()
    server.client.headers["authorization"] = f"Bearer {made['key']}"
    server.client.post("/genesys/1/admin/keys", json={**wanted[1], "services": ["request-interaction"]})
    server.client.post("/genesys/1/admin/keys", json={"name": "IVR, Phoenix", "scopes": ["ivr"]})
    server.client.patch(
        "/genesys/1/admin/options/server", json={"username": "ada", "password": "correct horse"}
    )
    return str(made["key"])


def goes_to(path: str) -> Callable[[Page, str], object]:
    return lambda page, base: page.goto(base + path)


def tries_a_service(page: Page, base: str) -> None:
    page.goto(f"{base}/ui/services/of/request-interaction")
    page.locator("[name='p._phone_number']").fill("+14155550142")
    page.get_by_label("Value", exact=True).first.fill("Mary Jackson")
    page.get_by_role("button", name="Send").click()


def refuses_a_form(page: Page, base: str) -> None:
    page.goto(f"{base}/ui/settings/server")
    page.locator("[name='o.max_ttl']").fill("0")
    page.locator("[name='o.default_region']").fill("Mars")
    page.get_by_role("button", name="Save").click()


def looks_at_what_is_live(page: Page, base: str) -> None:
    page.goto(f"{base}/ui/live")
    page.get_by_text("live", exact=True).first.wait_for()


def looks_into_a_session(page: Page, base: str) -> None:
    page.goto(f"{base}/ui/live?phone=%2B{CUSTOMERS[0][0][1:]}")
    page.locator("tbody th a").last.click()
    page.get_by_text("What happened").wait_for()


def explains_a_call(page: Page, base: str) -> None:
    page.goto(f"{base}/ui/calls")
    page.get_by_role("link", name="Explain", exact=True).last.click()


def looks_at_resources(path: str) -> Callable[[Page, str], object]:
    def way(page: Page, base: str) -> None:
        page.goto(base + path)
        page.get_by_text("live", exact=True).first.wait_for()

    return way


def looks_at_numbers_before_they_are_added(page: Page, base: str) -> None:
    page.goto(f"{base}/ui/resources/of/mobile")
    page.get_by_text("Add numbers").click()
    page.locator("textarea").first.fill(
        "+1 (800) 555-0110\ntel:+1-800-555-0111\n0800 555 0112, 1 800 555 0113\n"
        "+1 800 555 0100\n+1 800 555 0190\n+1 800 555 0110\ncall us!\n5001"
    )
    page.get_by_role("button", name="Look at them").click()


def reserves_in_the_simulator(page: Page, base: str) -> None:
    page.goto(f"{base}/ui/simulator")
    page.get_by_label("Service", exact=True).select_option("web-callback")
    page.get_by_role("button", name="Reserve a number").click()


def plays_a_call(page: Page, base: str) -> None:
    reserves_in_the_simulator(page, base)
    page.get_by_role("button", name="Whose call is it?").click()


def plays_a_mistyped_code(page: Page, base: str) -> None:
    reserves_in_the_simulator(page, base)
    page.get_by_role("button", name="the code is mistyped").click()


def stands_at_the_door(page: Page, base: str) -> None:
    """As somebody without the key."""

    def go_on(route: Route) -> None:
        headers = {name: text for name, text in route.request.headers.items() if name != "authorization"}
        route.continue_(headers=headers)

    page.route("**/ui/login", go_on)
    page.goto(f"{base}/ui/login")


# The name of a picture → the way to what it shows.
PAGES: dict[str, Callable[[Page, str], object]] = {
    "services": goes_to("/ui/services"),
    "service": goes_to("/ui/services/of/request-interaction"),
    "service-try": tries_a_service,
    "service-templates": goes_to("/ui/services/new"),
    "service-new": goes_to("/ui/services/new/match-interaction"),
    "resources": looks_at_resources("/ui/resources"),
    "group": looks_at_resources("/ui/resources/of/mobile"),
    "group-new": goes_to("/ui/resources/new"),
    "numbers-preview": looks_at_numbers_before_they_are_added,
    "planner": goes_to("/ui/resources/plan?group=mobile&arrivals=30/min&hold=40s&cooldown=6s"),
    "lines": goes_to("/ui/lines"),
    "line": goes_to("/ui/lines/of/main-line"),
    "line-platforms": goes_to("/ui/lines/new"),
    "live": looks_at_what_is_live,
    "session": looks_into_a_session,
    "calls": goes_to("/ui/calls"),
    "call-explained": explains_a_call,
    "simulator": goes_to("/ui/simulator"),
    "simulator-reserved": reserves_in_the_simulator,
    "simulator-matched": plays_a_call,
    "simulator-missed": plays_a_mistyped_code,
    "keys": goes_to("/ui/keys"),
    "audit": goes_to("/ui/audit"),
    "settings": goes_to("/ui/settings/server"),
    "settings-refused": refuses_a_form,
    "nodes": goes_to("/ui/nodes"),
    "login": stands_at_the_door,
}


def shoot(browser: Browser, server: Server, key: str, target: Path, names: Sequence[str]) -> None:
    base = str(server.client.base_url).rstrip("/")
    headers = {"authorization": f"Bearer {key}"}
    for (width, size), scheme in product(WIDTHS.items(), SCHEMES):
        with tab(
            browser, is_checked=False, color_scheme=scheme, locale="en-GB", extra_http_headers=headers
        ) as page:
            for name in names:
                page.set_viewport_size(size)
                PAGES[name](page, base)
                picture(page, size, target / f"{name}-{width}-{scheme}.png")


def picture(page: Page, size: ViewportSize, file: Path) -> None:
    """Of the whole page, as a window would show it that is as high."""
    page.locator("main").wait_for()
    height = max(size["height"], page.evaluate("document.body.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": height})
    page.screenshot(path=file)


def main(target: Path, names: Sequence[str]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    target = target.absolute()
    # From within its folder, for a page shows the store's address.
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, chdir(folder):
        server = Node(Path(folder), "sqlite:///matchline.db", CONFIGURATION)
        try:
            server.begin()
            fill(server)
            shoot(browser, server, make_keys(server), target, names or tuple(PAGES))
        finally:
            server.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
