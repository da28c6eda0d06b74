"""When nobody can say whose call it is, the caller hears "try later", never "no such call"."""

import socket
from collections.abc import Callable

from .app import Matchline
from .phones import Answer, Phones

PHONE = "+12025550123"
CALLER = f"sip:{PHONE}@example.com"


def is_try_later(answer: Answer) -> bool:
    return (answer.status, answer.match_id) == (503, "") and int(answer.retry_after) > 0


def test_matchline_is_stopped(own_matchline: Matchline, phones_asking: Callable[..., Phones]) -> None:
    session = own_matchline.reserve(_phone_number=PHONE)
    phones = phones_asking(own_matchline.url)
    own_matchline.stop()

    assert is_try_later(phones.call(CALLER, session.number))


def test_matchline_is_stopped_between_two_calls(
    own_matchline: Matchline, phones_asking: Callable[..., Phones]
) -> None:
    """The second call finds a worker that has talked with Matchline before: its connection and
    its variables are the first call's.
    """
    session = own_matchline.reserve(_phone_number=PHONE)
    phones = phones_asking(own_matchline.url)
    assert phones.call(CALLER, session.number, call_id="before").match_id == session.id
    own_matchline.stop()

    assert is_try_later(phones.call(CALLER, session.number, call_id="before"))


def test_matchline_never_answers(phones_asking: Callable[..., Phones]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        phones = phones_asking(f"http://127.0.0.1:{silent.getsockname()[1]}", MATCHLINE_TIMEOUT="1")

        assert is_try_later(phones.call(CALLER, "+18005550100"))


def test_a_404_that_is_not_about_the_call(matchline: Matchline, phones_asking: Callable[..., Phones]) -> None:
    session = matchline.reserve(_phone_number=PHONE)
    phones = phones_asking(f"{matchline.url}/elsewhere")

    assert is_try_later(phones.call(CALLER, session.number))
