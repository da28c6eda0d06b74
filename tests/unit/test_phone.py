"""Telephone numbers: one way of reading them (rule 1), and callers who show none (rule 2)."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchline import phone

US, DE, ANYWHERE = "US", "DE", None

FORMATS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
)

regions = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
regions_or_none = st.none() | st.sampled_from(["US", "DE", "GB", "JP", "BR"])
separators = st.text(" -.()", max_size=2)


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("+18005550100", ANYWHERE, "+18005550100"),
        ("+1 (800) 555-0100", ANYWHERE, "+18005550100"),
        ("  +1.800.555.0100 ", ANYWHERE, "+18005550100"),
        ("800 555 0100", US, "+18005550100"),
        ("1-800-555-0100", US, "+18005550100"),
        ("1-800-FLOWERS", US, "+18003569377"),
        ("011 49 30 123456", US, "+4930123456"),
        ("0049 30 123456", DE, "+4930123456"),
        ("030/123456", DE, "+4930123456"),
        ("+49 (0)30 123456", ANYWHERE, "+4930123456"),
        ("\uff0b\uff14\uff19 30 123456", ANYWHERE, "+4930123456"),  # full-width
        ("tel:+1-800-555-0100", ANYWHERE, "+18005550100"),
        ("TEL:8005550100;phone-context=+1", US, "+18005550100"),
        ("tel:030%20123456", DE, "+4930123456"),
        ("sip:+18005550100@example.com;user=phone", ANYWHERE, "+18005550100"),
        ("sips:8005550100@example.com:5061", US, "+18005550100"),
        ('"Anna" <sip:+18005550100@example.com>;tag=1', ANYWHERE, "+18005550100"),
    ],
)
def test_a_possible_number_becomes_international(text: str, region: str | None, expected: str) -> None:
    assert phone.normalise(text, region) == expected


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("1234", US, "1234"),
        ("1234", ANYWHERE, "1234"),
        (" 12-34 ", US, "1234"),
        ("911", US, "911"),
        ("*21#", DE, "*21#"),
        ("8005550100", ANYWHERE, "8005550100"),
        ("+1234", ANYWHERE, "+1234"),
        ("++1800", ANYWHERE, "++1800"),
        ("sip:1234@pbx.example.com", ANYWHERE, "1234"),
        ("sip:anna@example.com", US, "anna"),
        ("The front desk", US, "The front desk"),
        ("+1 800 555 0100 ext. 5", US, "+1 800 555 0100 ext. 5"),
        ("", US, ""),
    ],
)
def test_anything_else_is_compared_as_it_stands(text: str, region: str | None, expected: str) -> None:
    assert phone.normalise(text, region) == expected


@given(regions, st.sampled_from(FORMATS))
def test_a_number_is_read_alike_however_it_is_written(region: str, written: int) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    text = phonenumbers.format_number(number, written)
    assert phone.normalise(text, region) == phonenumbers.format_number(number, FORMATS[0])


@given(regions, st.sampled_from(["sip:{}@host", "<sip:{};user=phone@host>", "tel:{}", " {} "]))
def test_an_address_is_read_like_the_number_in_it(region: str, address: str) -> None:
    parsed = phonenumbers.example_number(region)
    assert parsed is not None
    number = phonenumbers.format_number(parsed, FORMATS[0])
    assert phone.normalise(address.format(number), None) == number


@given(st.lists(st.tuples(separators, st.text("0123456789", min_size=1, max_size=4)), min_size=1, max_size=4))
def test_separators_make_no_difference(parts: list[tuple[str, str]]) -> None:
    written = "".join(separator + digits for separator, digits in parts)
    bare = "".join(digits for _, digits in parts)
    assert phone.normalise(written, None) == bare
    assert phone.normalise(f"+{written}", None) == phone.normalise(f"+{bare}", None)


@given(st.text(), regions_or_none)
def test_every_text_can_be_read(text: str, region: str | None) -> None:
    phone.normalise(text, region)
    phone.called(text, region)
    phone.is_anonymous(text)
    phone.spellings(text, region)


@given(st.text("+0123456789 ", max_size=6), regions_or_none)
def test_every_configured_text_has_its_spellings(text: str, region: str | None) -> None:
    assert phone.normalise(text, region) in phone.spellings(text, region)


@given(st.text() | st.text("0123456789 -()", min_size=7, max_size=16))
def test_without_a_region_no_plus_is_invented(text: str) -> None:
    if not set(text) & set("+\uff0b%"):
        assert not phone.normalise(text, None).startswith("+")


@given(st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True), regions_or_none)
def test_what_was_read_is_read_alike_again(text: str, region: str | None) -> None:
    once = phone.normalise(text, region)
    assert phone.normalise(once, region) == once


@pytest.mark.parametrize(
    ("text", "region", "configured"),
    [
        ("18005550100", ANYWHERE, "+18005550100"),  # a trunk that drops the plus
        ("18005550100", DE, "+18005550100"),
        ("8005550100", US, "+18005550100"),
        ("+18005550100", ANYWHERE, "+18005550100"),
        ("1234", US, "1234"),
    ],
)
def test_a_called_number_is_looked_up_under_all_its_readings(
    text: str, region: str | None, configured: str
) -> None:
    assert configured in phone.called(text, region)


@given(regions)
def test_a_configured_number_is_found_however_it_is_called(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    configured = phonenumbers.format_number(number, FORMATS[0])
    for text in (configured, configured[1:]):
        assert configured in phone.called(text, None)


def test_a_caller_gets_no_plus_that_was_not_there() -> None:
    assert phone.caller("18005550100", None) == "18005550100"


ANONYMOUS = [
    *("anonymous", "restricted", "unavailable", "unknown", "private"),
    *("null", "undefined", "none", "nil", "n/a", "anonymous@anonymous.invalid"),
    *(
        "",
        " ",
        "266696687",
        "+266696687",
        "266-696-687",
        "0",
        "0000000000",
        "+0",
        "+000",
        "0 0 0",
        "00-00",
        "(000) 000-0000",
        "-",
    ),
]


@pytest.mark.parametrize("text", ANONYMOUS)
@pytest.mark.parametrize("address", ["{}", " {} ", "sip:{}@example.com", "tel:{}"])
def test_a_caller_who_shows_no_number_is_absent(text: str, address: str) -> None:
    for spelled in (text, text.upper(), text.title()):
        assert phone.caller(address.format(spelled), "US") is None


def test_an_absent_caller_is_absent() -> None:
    assert phone.caller(None, "US") is None


@pytest.mark.parametrize("text", ["0001", "100", "anna", "unknown caller", "2666966870", "+49 30 0"])
def test_a_caller_who_shows_something_is_not_absent(text: str) -> None:
    assert phone.caller(text, None) is not None


@given(
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.text("0123456789", min_size=1, max_size=14),
    regions_or_none,
)
def test_an_international_number_is_read_as_the_library_reads_it(
    country_code: int, national: str, region: str | None
) -> None:
    text = f"+{country_code}{national}"
    expected = by_library(text, region)
    while (again := by_library(expected, region)) != expected:
        expected = again
    assert phone.normalise(text, region) == expected


def by_library(text: str, region: str | None) -> str:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164 if possible == phonenumbers.ValidationResult.IS_POSSIBLE else text


# What a text may be made of that is hard to read.
PIECES = (
    *("\n", "\r\n", "\v", "\x1c", "\u2028", "\u00a0", " ", "-", "(", ")", ".", "/", "[", "]"),
    *("tel:", "sip:", "sips:", "<", ">", "@", ";", "?", ";ext=5", "%2B", "%0A", "%25", "%3A", "x12"),
    *("+", "00", "0", "1", "49", "415", "555", "0123", "*", "#", "\uff0b", "\uff11", "\u0663"),
    *("a", "FLOWERS", "anonymous", "266", "696687"),
)
hard_texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20)


@given(hard_texts, st.none() | st.sampled_from(["US", "DE", "AR", "BR", "IT", "MX"]))
@example("555\n555", "IT")
@example("-000000-", "DE")
@example("tel:tel:1", None)
def test_what_was_read_reads_as_itself(text: str, region: str | None) -> None:
    read = phone.normalise(text, region)
    assert phone.normalise(read, region) == read
    caller = phone.caller(text, region)
    assert caller is None or phone.caller(caller, region) == caller
