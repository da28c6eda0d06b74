"""Numbers that people paste or upload, as they are read."""

import pytest

from matchline.model import Number
from matchline.ui.resources_given import csv_of, read_given


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("+1 800 555 0100\r\n\r\n +1 800 555 0101 \n", ["+1 800 555 0100", "+1 800 555 0101"]),
        ("1, 2;3\t4", ["1", "2", "3", "4"]),
        (
            "tel:+1-800-555-0100;ext=5\nsip:100@host;user=phone",
            ["tel:+1-800-555-0100;ext=5", "sip:100@host;user=phone"],
        ),
        ("\ufeffName;Number\nAda;100\nGrace;\n", ["100"]),
        ('number,note\n"100","a\nb"\n101,c\n', ["100", "101"]),
        ("", []),
    ],
)
def test_numbers_are_found_in_any_format(text: str, numbers: list[str]) -> None:
    assert [each.text for each in read_given(text)] == numbers


def test_lines_are_told_as_an_editor_counts_them() -> None:
    assert [each.place for each in read_given("1\n\n2,3")] == [1, 3, 3]
    assert [each.place for each in read_given("number\n1\n2")] == [2, 3]


@pytest.mark.parametrize(
    "text", ["=1+1", "@now", "-1", "+cmd", "'100", "'=1", "a,b", 'say "1"', "+1 800 555 0100"]
)
def test_a_file_gives_back_what_went_into_it_and_holds_no_formula(text: str) -> None:
    written = csv_of("=g", [Number(1, "=g", text), Number(2, "=g", "100", draining=True)], None)
    first, second = read_given(written)
    assert (first.group, first.text, first.drains) == ("=g", text, False)
    assert (second.text, second.drains) == ("100", True)
    cells = written.splitlines()[1].split(",")
    assert not any(cell.strip('"').startswith(("=", "@", "-", "+c")) for cell in cells)
