"""Callers write the addresses, so they are tried as an attack: nothing in them becomes a parameter
of the question to Matchline or a header of the answer.
"""

from collections.abc import Callable

from .app import UNUSED, Matchline
from .phones import Call, Phones

PHONE = "+12025550123"
CALLER = f"sip:{PHONE}@example.com"

# User parts that claim another caller's number, a code or a header, plainly and percent-encoded.
HOSTILE = [
    f"+12025550199&_phone_number={PHONE}",
    f"+12025550199%26_phone_number%3D%2B{PHONE[1:]}",
    f"+12025550199&_phone_number=&x={PHONE}",
    "x&_access_code=123456",
    "x%26_return_multiple_matches%3Dtrue",
    "x%0d%0aX-Match-Id:%20evil",
    "x%0D%0A%0D%0A_phone_number",
    "x%20y%20%20z",
    "x%00y",
    "%zz%2",
    "%C3%A9%FF",
    "$var(id)$rU",
    "'%22--",
]


def test_a_hostile_caller_gets_nothing(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)

    answers = phones.call_at_once([Call(f"sip:{user}@example.com", session.number) for user in HOSTILE])

    assert {answer.call.caller: answer.match_id for answer in answers if answer.match_id} == {}
    assert {answer.status for answer in answers} <= {400, 404}
    assert phones.call(CALLER, session.number).match_id == session.id


def test_a_hostile_called_number_reaches_no_other(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)
    called = [
        f"{UNUSED}&_access_number={session.number}",
        f"{UNUSED}%26_access_number%3D%2B{session.number[1:]}",
        "&_access_number=",
    ]

    answers = phones.call_at_once([Call(CALLER, user) for user in called])

    assert {(answer.status, answer.match_id) for answer in answers} == {(404, "")}
    assert phones.call(CALLER, session.number).match_id == session.id


def test_text_that_holds_a_number_is_not_that_number(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)

    called = phones.call(CALLER, f"&_access_number={session.number}")
    calling = phones.call(f"sip:x&_phone_number={PHONE}@example.com", session.number)

    assert (called.status, called.match_id) == (404, "")
    assert (calling.status, calling.match_id) == (404, "")
    assert phones.call(CALLER, session.number).match_id == session.id


def test_a_hostile_call_id_is_only_a_name(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)
    stranger = "sip:+12025550199@example.com"

    # sipp reads "%%" as "%".
    claim = f"x&_phone_number=%%2B{PHONE[1:]}"
    answer = phones.call(stranger, session.number, call_id=claim)

    assert (answer.status, answer.match_id) == (404, "")
    assert phones.call(CALLER, session.number).match_id == session.id


def test_who_may_not_call_is_told_nothing(matchline: Matchline, phones_asking: Callable[..., Phones]) -> None:
    session = matchline.reserve(_phone_number=PHONE)
    phones = phones_asking(matchline.url, ALLOWED='"192.0.2.0/24"')

    answer = phones.call(CALLER, session.number)

    assert (answer.status, answer.match_id) == (403, "")


def test_other_requests_are_refused(phones: Phones) -> None:
    phones.run("stray")
