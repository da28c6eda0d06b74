"""Access codes: drawing them (rule 4) and reading what was keyed in (rule 5)."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchline.chance import SeededChance, SystemChance
from matchline.codes import CANDIDATES, MAX_LENGTH, MIN_LENGTH, CodeSpace, keyed

digits = st.text("0123456789", min_size=1, max_size=MAX_LENGTH)
separators = st.text(" -*\t\u00a0", max_size=3)
prefixes = st.from_regex(r"[0-9]{1,2}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1234", "1234"),
        ("0012", "0012"),
        (" 12 34 ", "1234"),
        ("12-34", "1234"),
        ("1*2*3*4", "1234"),
        ("1234#", "1234"),
        ("12 34 ##", "1234"),
        ("*1234#", "1234"),
        ("\uff11\uff12\uff13\uff14\uff03", "1234"),  # full-width digits and hash
        ("\u0661\u0662", "12"),  # Arabic-Indic digits
    ],
)
def test_a_code_is_read_without_what_callers_key_in_around_it(text: str, code: str) -> None:
    assert keyed(text) == code


@pytest.mark.parametrize("text", ["", " ", "#", "*#", " - "])
def test_no_digits_are_no_code(text: str) -> None:
    assert keyed(text) is None


@pytest.mark.parametrize("text", ["12a4", "12.34", "#1234", "12#34", "\u00b23"])
def test_what_is_no_digit_stays_and_so_matches_no_code(text: str) -> None:
    code = keyed(text)
    assert code is not None
    assert not (code.isascii() and code.isdigit())


@given(
    st.lists(st.tuples(separators, digits), min_size=1, max_size=4), st.sampled_from(["", "#", "##", " #"])
)
def test_separators_and_a_closing_hash_make_no_difference(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(separator + part for separator, part in parts) + end
    assert keyed(text) == "".join(part for _, part in parts)


@given(st.text())
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    code = keyed(text)
    assert code is None or keyed(code) == code


@given(prefixes, st.integers(MIN_LENGTH, MAX_LENGTH), st.integers())
def test_drawn_codes_are_digits_of_that_length_with_a_wanted_beginning(
    prefix: str, length: int, seed: int
) -> None:
    codes = CodeSpace.parse(prefix).draw(length, CANDIDATES, SeededChance(seed))
    assert len(codes) == CANDIDATES
    for code in codes:
        assert len(code) == length
        assert code.isascii()
        assert code.isdigit()
        assert code.startswith(prefix)


def test_every_code_of_the_space_is_drawn_about_as_often_as_any_other() -> None:
    codes = CodeSpace.parse("7-8").draw(4, 40_000, SeededChance(1))
    first_free = [code[1] for code in codes]
    assert {code[0] for code in codes} == {"7", "8"}
    assert all(3_600 < first_free.count(digit) < 4_400 for digit in "0123456789")


def test_a_space_without_prefixes_has_leading_zeros_too() -> None:
    codes = CodeSpace().draw(4, 1_000, SeededChance(1))
    assert {code[0] for code in codes} == set("0123456789")


def test_the_codes_of_a_server_come_from_the_system() -> None:
    assert len(set(CodeSpace().draw(15, CANDIDATES, SystemChance()))) == CANDIDATES


def test_the_codes_that_the_system_draws_together_are_uniform_and_independent() -> None:
    drawn = [CodeSpace().draw(4, CANDIDATES, SystemChance()) for _ in range(1000)]
    counts = Counter(digit for codes in drawn for code in codes for digit in code)
    expected = 1000 * CANDIDATES * 4 / 10
    deviation = (expected * 9 / 10) ** 0.5
    assert all(abs(counts[digit] - expected) < 8 * deviation for digit in "0123456789")
    assert all(len(set(place)) > 900 for place in zip(*drawn, strict=True)), "951 differ, give or take 7"


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        ("7", ("7",)),
        ("42", ("42",)),
        ("0", ("0",)),
        ("7-9", ("7", "8", "9")),
        ("00-02", ("00", "01", "02")),
        ("08-11", ("08", "09", "10", "11")),
        ("5-5", ("5",)),
    ],
)
def test_a_prefix_is_digits_or_a_range(text: str, prefixes: tuple[str, ...]) -> None:
    assert CodeSpace.parse(text).prefixes == prefixes


@pytest.mark.parametrize(
    "text", ["", "-", "7-", "-7", "a", "7-a", "9-7", "7-10", "123", "100-200", "1-2-3", "\u0667", " 7", "+7"]
)
def test_a_prefix_that_no_code_could_begin_with_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        CodeSpace.parse(text)


@given(prefixes, prefixes)
def test_a_range_never_overlaps_itself(low: str, high: str) -> None:
    try:
        space = CodeSpace.parse(f"{low}-{high}")
    except ValueError:
        return
    assert len(set(space.prefixes)) == len(space.prefixes) == int(high) - int(low) + 1
