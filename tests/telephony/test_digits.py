"""Calls that only an access code can tell apart: Kamailio hears no digits, so they go elsewhere."""

from collections.abc import Callable

from .app import SHARED, Matchline
from .phones import Phones

CALLER = "sip:+12025550123@example.com"
IVR = "sip:ivr@127.0.0.1:5091"


def test_the_call_goes_to_what_hears_digits_and_is_told_how_many(
    matchline: Matchline, phones_asking: Callable[..., Phones]
) -> None:
    matchline.reserve(_resource_group="SHARED", _provide_code="true", _access_code_length="5")
    phones = phones_asking(matchline.url, DIGITS_TARGET=f'"{IVR}"')

    answer = phones.call(CALLER, SHARED)

    assert (answer.status, answer.contact) == (302, f"<{IVR}>")
    assert (answer.match_id, answer.digits) == ("", "5")


def test_without_such_a_place_the_call_is_refused(matchline: Matchline, phones: Phones) -> None:
    matchline.reserve(_resource_group="SHARED", _provide_code="true")

    answer = phones.call(CALLER, SHARED)

    assert (answer.status, answer.contact, answer.match_id) == (480, "", "")
