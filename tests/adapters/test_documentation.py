"""What the pages on telephony tell to write is valid, and no platform is without a page."""

import re
from pathlib import Path

import pytest

from matchline.wiring import ADAPTERS, read_document

FOLDER = Path(__file__).parents[2] / "docs" / "telephony"
PAGES = {path.stem: path.read_text() for path in FOLDER.glob("*.md")}

SERVICE = """
[service.match-interaction]
_type = "builtin"
_service = "match-interaction"
"""


@pytest.mark.parametrize("page", PAGES)
def test_the_configurations_are_valid(page: str) -> None:
    for block in re.findall(r"^( *)```toml\n(.*?)^ *```", PAGES[page], re.DOTALL | re.MULTILINE):
        text = re.sub(f"^{block[0]}", "", block[1], flags=re.MULTILINE)
        _, faults = read_document(SERVICE + text)
        assert not faults, text


def test_every_platform_that_speaks_http_has_a_page() -> None:
    listed = re.findall(r"^\| \[[^]]+\]\(([a-z-]+)\.md\) \| `([a-z-]+)`", PAGES["README"], re.MULTILINE)
    assert all(page in PAGES for page, _ in listed)
    assert {name for name, adapter in ADAPTERS.items() if adapter.talk} <= {name for _, name in listed}
