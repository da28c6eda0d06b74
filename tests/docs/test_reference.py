"""The reference pages say what the code says, and the documents point at things that exist."""

import re
from pathlib import Path

import pytest

from matchline.cli.reference import pages

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", pages())
def test_the_reference_page_is_fresh(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text()
    assert written == pages()[name], "run `make docs`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_test_named_by_the_table_of_rules_exists() -> None:
    table = (ROOT / "docs" / "rules.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", table))
    assert len(named) > 20, "the table names the tests of every rule"
    sources = [path.read_text() for path in (*ROOT.glob("tests/**/*.py"), *ROOT.glob("src/**/testing/*.py"))]
    missing = {name for name in named if not any(f"def {name}(" in source for source in sources)}
    assert not missing
