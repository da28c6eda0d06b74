"""The module as it is served, accessible to everyone, and its package for npm."""

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from matchline.http.sdk import MODULES
from matchline.testing import TestServer
from tests.ui.browser import grave_findings, tab

from .shop import Front, Shop

PACKAGE = Path(str(files("matchline").joinpath("sdk")))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_served_as_it_is_packed(server: TestServer, name: str) -> None:
    answer = httpx.get(f"{server.url}/sdk/{name}")
    assert answer.content == (PACKAGE / name).read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    tag = answer.headers["etag"]
    again = httpx.get(f"{server.url}/sdk/{name}", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_anyone_may_load_the_modules_from_a_closed_server(server: TestServer) -> None:
    server.configure("server", password="secret-password-1")
    assert httpx.get(f"{server.url}/openapi.json").status_code == 401
    assert [httpx.get(f"{server.url}/sdk/{name}").status_code for name in MODULES] == [200] * len(MODULES)
    assert httpx.get(f"{server.url}/sdk/package.json").status_code == 401


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(browser: Browser, front: Front, server: TestServer, scheme: str) -> None:
    with tab(browser, bypass_csp=True, color_scheme=scheme) as page:
        shop = Shop(page, front, server.url)
        shop.open(data=json.dumps({"_provide_code": "true"}))
        expect(shop.part("qr").locator("svg")).to_be_visible()
        assert grave_findings(page) == []
        page.keyboard.press("Tab")
        assert shop.element.evaluate("element => element.shadowRoot.activeElement.part.value") == "number"
        server.advance(30)
        expect(shop.part("button")).to_be_visible()
        assert grave_findings(page) == []


def test_the_package_has_what_it_names_and_no_more() -> None:
    packed = subprocess.run(
        ["npm", "pack", "--dry-run", "--json", "--offline"],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        check=True,
    )
    names = {each["path"] for each in json.loads(packed.stdout)[0]["files"]}
    assert names == {"LICENSE", "README.md", *MODULES, "call-me.d.ts", "package.json"}
