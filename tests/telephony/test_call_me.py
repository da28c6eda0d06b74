"""The whole way: a page shows a number, a telephone calls it through Kamailio, and the page says so by itself."""

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.sdk.shop import Shop, front
from tests.ui.browser import chromium, tab

from .app import Matchline
from .phones import Phones

PHONE = "+12025550123"


@pytest.fixture
def shop(matchline: Matchline) -> Iterator[Shop]:
    with chromium() as browser, tab(browser) as page, front() as shown:
        options = f"{matchline.url}/genesys/1/admin/options/server"
        assert httpx.patch(options, json={"cors_origins": shown.origin}).status_code == 200
        yield Shop(page, shown, matchline.url)


@pytest.mark.parametrize("variant", ["cfg"], indirect=True)
def test_a_real_call_arrives_on_the_page(matchline: Matchline, phones: Phones, shop: Shop) -> None:
    shop.open(data=json.dumps({"customer": "Ada", "_phone_number": PHONE}))
    number = shop.number
    assert phones.call("sip:+12025550199@example.com", number).status == 404, "a stranger's call is not it"
    shop.expect_status("Call this number now.")
    answer = phones.call(f"sip:{PHONE}@example.com", number)
    shop.expect_status("Your call has arrived.")
    assert matchline.user_data(answer.match_id) == {"customer": "Ada"}
    shop.expect_told("reserved", "matched")
