"""Whose call is this: the caller who reserved the number gets the session's id, and nobody else."""

from .app import UNUSED, Matchline
from .exchange import TARGET
from .phones import Phones

PHONE = "+12025550123"
CALLER = f"sip:{PHONE}@example.com"
STRANGER = "sip:+12025550199@example.com"


def test_the_call_is_redirected_with_the_id_of_the_session(matchline: Matchline, phones: Phones) -> None:
    data = {"customer": "Zoë & Söhne", "basket": "17+4", "note": ""}
    session = matchline.reserve(_phone_number=PHONE, **data)

    answer = phones.call(CALLER, session.number)

    assert (answer.status, answer.match_id) == (302, session.id)
    assert answer.contact == f"<{TARGET}>"
    assert matchline.user_data(answer.match_id) == data


def test_a_second_call_finds_nothing(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)
    assert phones.call(CALLER, session.number).status == 302

    second = phones.call(CALLER, session.number)

    assert (second.status, second.match_id) == (404, "")


def test_the_same_call_asked_again_gets_the_same_id(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)
    once = phones.call(CALLER, session.number, call_id="one-call@example.com")
    again = phones.call(CALLER, session.number, call_id="one-call@example.com")

    assert (once.status, once.match_id) == (302, session.id)
    assert again == once


def test_an_invite_that_arrives_twice_is_one_call(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)

    answer = phones.repeat(CALLER, session.number)

    assert answer.match_id == session.id


def test_an_anonymous_caller_is_found_by_an_exclusive_number(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)

    answer = phones.call("sip:anonymous@anonymous.invalid", session.number)

    assert (answer.status, answer.match_id) == (302, session.id)


def test_an_address_without_a_user_is_a_caller_without_a_number(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)

    answer = phones.call("sip:pbx.example.com", session.number)

    assert (answer.status, answer.match_id) == (302, session.id)


def test_a_number_may_be_written_in_all_the_ways_of_an_address(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)

    caller = f"sip:%2B{PHONE[1:]}@example.com"
    answer = phones.call(caller, session.number, parameters=";npdi;rn=+12025550100")

    assert (answer.status, answer.match_id) == (302, session.id)


def test_a_wrong_caller_neither_gets_nor_spoils_the_session(matchline: Matchline, phones: Phones) -> None:
    session = matchline.reserve(_phone_number=PHONE)

    wrong = phones.call(STRANGER, session.number)
    right = phones.call(CALLER, session.number)

    assert (wrong.status, wrong.match_id) == (404, "")
    assert (right.status, right.match_id) == (302, session.id)


def test_a_number_that_nobody_reserved_is_nobodys(phones: Phones) -> None:
    assert phones.call(CALLER, UNUSED).status == 404
