"""A real browser for tests: Debian's Chromium, driven by Playwright. Whatever a page complains about fails its test.

Playwright's synchronous API occupies its thread's event loop: tests that use it are plain functions, in modules
without asynchronous ones.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.acceptance.command import LIMIT_SECONDS

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")  # findings of axe-core that fail a test

_LIMIT = LIMIT_SECONDS * 1000  # ms, of every wait


@contextmanager
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=_LIMIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class Complaints:
    """What pages say went wrong: scripts that fail, what the content security policy stops, missing files."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._expected: list[str] = []

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._heard.append(str(error)))

    def expect(self, pattern: str) -> None:
        """Something that the test brings about on purpose."""
        self._expected.append(pattern)

    def check(self) -> None:
        unexpected = [each for each in self._heard if not any(re.search(p, each) for p in self._expected)]
        assert not unexpected, unexpected

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._heard.append(f"{message.text} ({message.location.get('url')})")


@contextmanager
def tab(
    browser: Browser, complaints: Complaints | None = None, *, is_checked: bool = True, **how: Any
) -> Iterator[Page]:
    """A page of a browser profile of its own; `how` goes to Playwright's `new_context`."""
    heard = complaints or Complaints()
    context = browser.new_context(**how)
    context.set_default_timeout(_LIMIT)
    context.on("page", heard.listen)
    try:
        yield context.new_page()
    finally:
        context.close()
    if is_checked:
        heard.check()


def grave_findings(page: Page) -> list[str]:
    """What axe-core finds that keeps people out, in light and in dark, of which only the colours differ.

    The page's profile needs `bypass_csp=True`.
    """
    page.evaluate(AXE.read_text())
    found = _findings(page, "light", "{resultTypes: ['violations']}")
    return found + _findings(page, "dark", "{resultTypes: ['violations'], runOnly: ['color-contrast']}")


def _findings(page: Page, scheme: Literal["light", "dark"], how: str) -> list[str]:
    """Without movement: colours on their way from one scheme to the other are nobody's."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = page.evaluate(f"axe.run(document, {how})")
    return [
        f"{scheme}: {each['id']}: {each['help']}: {json.dumps([node['html'] for node in each['nodes'][:3]])}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]
