"""<call-me> in a real browser: a number is shown, kept, lost and found, and a call arrives."""

import json
import re

import httpx
import pytest
from playwright.sync_api import expect

from matchline.testing import TestServer
from tests.ui.browser import Complaints

from .shop import Shop

CALLER = "+14155550123"

DATA = json.dumps({"customer": "Ada", "_phone_number": CALLER, "_provide_code": "true"})


def test_a_number_is_shown_with_all_ways_to_call_it(shop: Shop) -> None:
    shop.open(data=DATA)
    assert shop.number == "+1 800 555 0100"
    shop.expect_status("Call this number now.")
    code = shop.part("code").inner_text()
    assert len(code) == 6
    expect(shop.part("number")).to_have_attribute("href", f"tel:+18005550100,,{code}")
    expect(shop.part("qr").locator("svg path").first).to_be_visible()
    expect(shop.part("countdown")).to_have_text("Reserved for you: 0:29")
    shop.expect_told("reserved")


def test_the_page_says_by_itself_that_the_call_has_arrived(shop: Shop, server: TestServer) -> None:
    shop.open(data=json.dumps({"customer": "Ada", "_phone_number": CALLER}))
    call = server.call(shop.number, CALLER)
    assert (call.matched, call.data) == (True, {"customer": "Ada"})
    shop.expect_status("Your call has arrived.")
    shop.expect_told("reserved", "matched")
    expect(shop.part("access")).to_be_hidden()


def test_a_match_that_ends_the_session_is_told_too(shop: Shop, server: TestServer) -> None:
    server.configure("service.match-interaction", _delete_service="true")
    shop.open()
    assert server.call(shop.number).matched
    shop.expect_status("Your call has arrived.")


def test_what_has_expired_is_said_and_a_new_number_offered(shop: Shop, server: TestServer) -> None:
    shop.open()
    first = shop.number
    server.advance(30)
    shop.expect_status("This number is no longer reserved for you.")
    expect(shop.part("button")).to_have_text("Get a new number")
    shop.press()
    assert shop.number != first
    shop.expect_told("reserved", "expired", "reserved")


def test_while_the_page_is_looked_at_the_number_stays_reserved(shop: Shop, server: TestServer) -> None:
    shop.page.clock.install()
    shop.open()
    number = shop.number
    for _ in range(3):
        server.advance(15)
        shop.page.clock.run_for(15_000)
        expect(shop.part("countdown")).to_have_text(re.compile("0:(30|29|28)"))
    assert server.call(number).matched, "45 seconds later it is still reserved"
    shop.expect_status("Your call has arrived.")


def test_a_forgotten_page_gives_its_number_back(
    shop: Shop, server: TestServer, complaints: Complaints
) -> None:
    complaints.expect("404")  # the session is over, which browsers write down
    shop.page.clock.install()
    shop.open(renewals="1")
    number = shop.number
    with shop.page.expect_response("**/renew"):
        shop.page.clock.run_for(15_000)
    asked: list[str] = []
    shop.page.on("request", lambda request: asked.append(request.url))
    shop.page.clock.run_for(14_000)
    assert not [url for url in asked if url.endswith("/renew")]
    server.advance(30)
    shop.expect_status("This number is no longer reserved for you.")
    assert not server.call(number).matched


def test_when_all_numbers_are_taken_the_page_says_so_and_may_try_again(
    shop: Shop, server: TestServer, complaints: Complaints
) -> None:
    complaints.expect("503")
    taken = [httpx.post(f"{server.url}/genesys/1/service/request-interaction").json() for _ in range(2)]
    shop.open()
    shop.expect_status("All our numbers are taken at the moment.")
    shop.expect_told("error")
    httpx.delete(f"{server.url}/genesys/1/service/{taken[0]['_id']}")
    shop.press()
    assert shop.number == taken[0]["_access_number"]


def test_a_server_that_is_away_is_asked_until_it_is_back(shop: Shop, complaints: Complaints) -> None:
    complaints.expect("ERR_FAILED|Failed to load")
    shop.page.route("**/service/request-interaction", lambda route: route.abort())
    shop.open()
    shop.expect_status("We cannot be reached at the moment. Trying again…")
    shop.page.unroute("**/service/request-interaction")
    assert shop.number


@pytest.mark.parametrize("status", [429, 502])
def test_without_a_stream_the_page_looks_itself(
    shop: Shop, server: TestServer, complaints: Complaints, status: int
) -> None:
    complaints.expect("Failed to load")
    cors = {"access-control-allow-origin": "*"}
    shop.page.route("**/events", lambda route: route.fulfill(status=status, headers=cors))
    shop.open()
    assert server.call(shop.number).matched
    shop.expect_status("Your call has arrived.")


def test_texts_may_be_in_any_language(shop: Shop) -> None:
    shop.open(texts=json.dumps({"waiting": "Rufen Sie jetzt an.", "left": "Noch {time}"}))
    shop.expect_status("Rufen Sie jetzt an.")
    expect(shop.part("countdown")).to_have_text("Noch 0:29")


def test_hostile_texts_stay_texts(shop: Shop, server: TestServer) -> None:
    evil = '<img src=x onerror="told.push(1)">$& {time}'
    shop.open(
        data=json.dumps({evil: evil}),
        texts=json.dumps({"waiting": evil, "dial": f"{evil} {{number}}", "scan": evil}),
    )
    shop.expect_status(evil)
    expect(shop.part("number")).to_have_attribute("aria-label", f"{evil} {shop.number}")
    assert shop.page.locator("call-me img").count() == 0
    assert server.call(shop.number).data == {evil: evil}
    shop.expect_told("reserved", "matched")


def test_data_that_is_no_json_is_an_error_not_a_request(shop: Shop) -> None:
    shop.open(data="{")
    shop.expect_status("Something went wrong. Please try again later.")
    shop.expect_told("error")


def test_a_number_is_asked_for_on_demand(shop: Shop) -> None:
    shop.open(on_demand="")
    expect(shop.part("button")).to_have_text("Get a number to call")
    shop.expect_told()
    shop.press()
    assert shop.number


def test_the_number_is_given_back_on_demand(shop: Shop, server: TestServer) -> None:
    shop.open()
    number = shop.number
    shop.element.evaluate("element => element.end()")
    expect(shop.part("button")).to_have_text("Get a number to call")
    assert not server.call(number).matched


def test_a_page_shows_its_key(shop: Shop, server: TestServer, complaints: Complaints) -> None:
    admin = f"{server.url}/genesys/1/admin/keys"
    key = httpx.post(admin, json={"name": "shop", "scopes": ["app"]}).json()["key"]
    shop.open(key=key)
    assert shop.number
    expect(shop.part("qr").locator("svg")).to_be_visible()
    complaints.expect("401")
    shop.element.evaluate("element => element.setAttribute('key', 'mlk_wrong')")
    shop.element.evaluate("element => element.start()")
    shop.expect_status("Something went wrong. Please try again later.")
