"""A web shop that shows `<call-me>`, on another origin than Matchline and under a strict content security policy."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import Locator, Page, expect

EVENTS = ("reserved", "matched", "expired", "error")


class Shop:
    """The page at `address`; what it shows is asked of a Matchline at `server`."""

    def __init__(self, page: Page, front: "Front", server: str) -> None:
        self.page = page
        self._front = front
        self._server = server

    def open(self, **attributes: str) -> None:
        """An underscore in a name stands for a hyphen, as attributes are written."""
        self._front.page = _page(self._server, {"server": self._server, **attributes})
        self._front.policy = f"default-src 'none'; script-src {self._server}; connect-src {self._server}"
        self.page.add_init_script(_LISTEN)
        self.page.goto(self._front.origin)

    @property
    def element(self) -> Locator:
        return self.page.locator("call-me")

    def part(self, name: str) -> Locator:
        return self.page.locator(f"call-me [part='{name}']")

    @property
    def number(self) -> str:
        expect(self.part("number")).to_be_visible()
        return self.part("number").inner_text()

    def press(self) -> None:
        self.part("button").click()

    def expect_status(self, text: str) -> None:
        expect(self.part("status")).to_have_text(text)

    def expect_told(self, *types: str) -> None:
        """The events of the element, in their order; the same one several times in a row counts once."""
        self.page.wait_for_function("types => told.join() === types.join()", arg=list(types))


class Front:
    """Serves the one page of the shop."""

    def __init__(self) -> None:
        self.page = self.policy = ""
        self.origin = ""


@contextmanager
def front() -> Iterator[Front]:
    shown = Front()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = shown.page if self.path == "/" else ""
            self.send_response(200 if page else 204)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-security-policy", shown.policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shown.origin = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield shown
        finally:
            server.shutdown()
            thread.join()


def _page(server: str, attributes: Mapping[str, str]) -> str:
    given = " ".join(f'{name.replace("_", "-")}="{escape(text)}"' for name, text in attributes.items())
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Shop</title>
<script type="module" src="{server}/sdk/call-me.js"></script></head>
<body><main><h1>Shop</h1><call-me {given}></call-me></main></body>
</html>"""


_LISTEN = f"""
globalThis.told = [];
for (const type of {json.dumps(EVENTS)}) {{
  document.addEventListener(type, (event) => {{
    if (event.target.localName === "call-me" && told.at(-1) !== type) told.push(type);
  }}, true);
}}
"""
