"""What strangers wrote is shown as they wrote it, and never runs."""

from urllib.parse import quote

import httpx
from playwright.sync_api import Page, expect

from tests.acceptance.command import Server

from .setting import url

BELL = "\u0007"  # a service's name cannot have it
HOSTILE = (
    "<script>document.title = 'run'</script>",
    '"><img src=x onerror="document.title=\'run\'">',
    "{{ 7 * 7 }}${7 * 7}",
    "javascript:document.title='run'",
    "'; document.title = 'run'; '",
    f"\u202etxt.exe{BELL}",
)


def test_hostile_strings_are_texts(page: Page, server: Server) -> None:
    for n, text in enumerate(HOSTILE):
        name = f"service.{n} {text.replace('/', '|').replace(BELL, '')}"
        options = {"_type": "builtin", "_service": "get", "description": text, "evil": text}
        made = server.client.patch(f"/genesys/1/admin/options/{quote(name, safe='')}", json=options)
        assert made.status_code == 200, made.text
        server.client.post("/genesys/1/service/request-interaction", data={text: text})
    page.goto(url(server, "/ui/services"))
    addresses = [str(link.get_attribute("href")) for link in page.locator("tbody th a").all()]
    assert len(addresses) == len(HOSTILE) + 3
    for text in HOSTILE[:3]:
        expect(page.get_by_text(text, exact=True)).to_be_visible()
    for path in (*addresses, "/ui/audit", "/ui/keys", "/ui/settings/server"):
        page.goto(url(server, path))
        assert page.title() != "run"
        assert page.title().endswith("Matchline")
    page.goto(url(server, addresses[0]))
    page.locator("#try").get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("document.title")
    assert page.title() != "run"


def test_a_hostile_name_in_the_address_is_a_text_too(server: Server) -> None:
    for text in HOSTILE:
        page = httpx.get(url(server, f"/ui/services/of/{quote(text, safe='')}"))
        assert page.status_code == 404
        assert "<script>document" not in page.text
        assert "<img" not in page.text.partition("<main")[2]
