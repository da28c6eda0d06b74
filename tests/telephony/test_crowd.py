"""A hundred customers at once, on a hundred numbers: everybody gets their own session."""

from .app import EXCLUSIVE, Matchline
from .phones import Call, Phones


def test_a_hundred_callers_at_once_get_their_own_ids(matchline: Matchline, phones: Phones) -> None:
    callers = [f"+12025550{n}" for n in range(100, 200)]
    sessions = {caller: matchline.reserve(_phone_number=caller) for caller in callers}
    assert sorted(session.number for session in sessions.values()) == EXCLUSIVE

    refused = matchline.ask_for_number(_phone_number="+12025550200")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0

    addresses = {caller: f"sip:{caller}@example.com" for caller in callers}
    answers = phones.call_at_once([Call(addresses[c], sessions[c].number) for c in callers])

    got = {answer.call.caller: (answer.status, answer.match_id) for answer in answers}
    assert got == {addresses[c]: (302, sessions[c].id) for c in callers}
