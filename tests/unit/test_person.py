"""A number is ruled out quickly only where reading it would rule it out too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchline.kept.person import person

REGIONS = frozenset({"US", "DE", None})
MEANT = person("+14155550123", REGIONS)

WIDE = "".join(chr(0xFF10 + int(digit)) for digit in "14155550123")

DIGITS = st.text("0123456789", max_size=14)
SEPARATED = st.text("+0123456789 ()-./;#*x", max_size=20)
WRITTEN = st.sampled_from(
    ["4155550123", "(415) 555-0123", "1 415 555 01 23", "tel:+1-415-555-0123", "sip:+14155550123@h", "123"]
)


@given(st.one_of(DIGITS, SEPARATED, WRITTEN, st.text(max_size=20)))
def test_nobody_who_is_meant_is_ruled_out(phone_text: str) -> None:
    if MEANT.is_meant(phone_text):
        assert not MEANT.rules_out()(phone_text)


@pytest.mark.parametrize("phone_text", ["+14155550124", "(415) 555-0199", "030 7654321", ""])
def test_others_are_ruled_out(phone_text: str) -> None:
    assert MEANT.rules_out()(phone_text)


@pytest.mark.parametrize(
    "phone_text",
    ["4155550123", "(415) 555-01 23", "tel:+1-415-555-0123", WIDE, "1-800-FLOWERS"],
)
def test_what_might_be_meant_is_read(phone_text: str) -> None:
    assert not MEANT.rules_out()(phone_text)
