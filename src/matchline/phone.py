"""Telephone numbers: one way of reading them, at reservation and at match (rules 1 and 2).

A number that is possible in its region becomes E.164; anything else (short codes, extensions, internal
numbers, text) is compared as it stands. A `+` is never invented.
"""

import re
from functools import cache, lru_cache
from urllib.parse import unquote

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

MAX_TEXT = 256  # characters of a number as given; longer than any E.164 number, SIP user part or name

# Reading a number costs some 20 µs and the same caller is read at reservation and at match.
_CACHED_READINGS = 65_536

_ANONYMOUS = frozenset(
    {
        *("", "anonymous", "restricted", "unavailable", "unknown", "private"),
        *("null", "undefined", "none", "nil", "n/a", "anonymous@anonymous.invalid"),
        "266696687",  # "anonymous" on a telephone's keys, as some carriers send it
    }
)
_URI = re.compile(r"^(?:.*<)?\s*(tel|sips?):([^>]*)>?.*$", re.IGNORECASE | re.DOTALL)
_DIGITS = re.compile(r"\+?[0-9]+")
_SEPARATORS = re.compile(r"[\s\-.()\[\]/]+")
# The library finds numbers within text; a text that merely holds a number is not that number. Letters are those of
# numbers such as 1-800-FLOWERS.
_NUMBER_LIKE = re.compile(r"[+\uff0b]?[\s\-.()\[\]/]*\d[\w\s\-.()\[\]/\u2010-\u2015]*")
# Most numbers come in this form; the library takes 20 µs to find that nothing is to be done.
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
_DIALLED = re.compile(r"^\+?[0-9*#]+$")


@lru_cache(_CACHED_READINGS)
def normalise(text: str, region: str | None) -> str:
    """The form under which a number is stored and compared: E.164, or the trimmed text.

    What was read is read again until that changes nothing, so that it does not matter how often a number was read on
    its way: without its line breaks, say, a text may be a number.
    """
    once = _read(text, region)
    again = _read(once, region)
    while again != once:  # each time it is shorter, but for the first that adds a country code
        once, again = again, _read(again, region)
    return once


def _read(text: str, region: str | None) -> str:
    if _INTERNATIONAL.fullmatch(text) and _is_normal(text):
        return text
    bare = _user_part(text)
    if not _NUMBER_LIKE.fullmatch(bare):
        return _as_dialled(bare)
    try:
        parsed = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return _as_dialled(bare)
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE or parsed.extension:
        return _as_dialled(bare)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _is_normal(text: str) -> bool:
    """Whether an international number is of a possible length and holds no prefix that is dialled at home only."""
    for length in (1, 2, 3):
        plan = _numbering_plan(int(text[1 : 1 + length]))
        if plan:
            lengths, prefix = plan
            national = text[1 + length :]
            found = prefix.match(national) if prefix else None
            return len(national) in lengths and (found is None or found.end() == 0)
    return False


@cache
def _numbering_plan(country_code: int) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """The possible lengths of national numbers, and the prefixes dialled before them."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(country_code)
    plan = regions and PhoneMetadata.metadata_for_region_or_calling_code(country_code, regions[0])
    if not plan or not plan.general_desc:
        return None
    prefix = plan.national_prefix_for_parsing
    return frozenset(plan.general_desc.possible_length), re.compile(prefix) if prefix else None


@lru_cache(_CACHED_READINGS)
def caller(text: str | None, region: str | None) -> str | None:
    """A caller's number as compared, or None for a caller who shows none (rule 2)."""
    if text is None or is_anonymous(text):
        return None
    number = normalise(text, region)
    return None if is_anonymous(number) else number


def is_anonymous(text: str) -> bool:
    bare = _user_part(text).casefold()
    return bare in _ANONYMOUS or bare.lstrip("+") in _ANONYMOUS or not _SEPARATORS.sub("", bare).strip("+0")


def called(text: str, region: str | None) -> tuple[str, ...]:
    """The forms under which a called number may be configured, the likeliest first.

    Besides its own reading, bare digits are read with a `+`: some trunks drop it (rule 1).
    """
    own = normalise(text, region)
    bare = _as_dialled(_user_part(text))
    if not (bare.isascii() and bare.isdigit()):
        return (own,)
    return (own, normalise(f"+{bare}", None))


def spellings(text: str, region: str | None) -> tuple[str, ...]:
    """How a configured number may be spelled by a trunk: used to find two numbers that would collide."""
    own = normalise(text, region)
    if not own.startswith("+"):
        return (text, own)
    try:
        parsed = phonenumbers.parse(own, None)
    except phonenumbers.NumberParseException:  # such as + or +1
        return (text, own, own[1:])
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    local = (national, str(phonenumbers.national_significant_number(parsed))) if region else ()
    return (text, own, own[1:], *local)


def tel_url(text: str, region: str | None, code: str | None) -> str | None:
    """A `tel:` link that dials the number and, after a pause, the code; None for what cannot be dialled.

    Commas are the pauses that both great phone systems understand; `*`, `#` and `;ext=` are not understood
    everywhere and are not used.
    """
    number = normalise(text, region)
    if not _DIGITS.fullmatch(number):
        return None
    return f"tel:{number},,{code}" if code else f"tel:{number}"


def is_region(text: str) -> bool:
    return text in phonenumbers.SUPPORTED_REGIONS


def _user_part(text: str) -> str:
    """The number within a `tel:` or `sip:` address, or one within that, parameters dropped; other text trimmed."""
    while found := _URI.match(text):
        scheme, rest = found[1].casefold(), found[2]
        if scheme != "tel":
            rest = rest.split("@", 1)[0]
        text = unquote(re.split(r"[;?]", rest, maxsplit=1)[0])
    return text.strip()


def _as_dialled(text: str) -> str:
    """Digits without their visual separators; text that is no dialled string as it stands."""
    compact = _SEPARATORS.sub("", text)
    return compact if _DIALLED.match(compact) else text
