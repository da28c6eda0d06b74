"""Calls through a real Asterisk: whose number or code it is reaches the agents with the id, all others the queue."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest

from tests.telephony.app import SHARED
from tests.telephony.callers import HANG_UP, Step, press, press_info, wait

from .site import Site

_callers = count(12_025_550_100)

ANSWERED = wait(
    700
)  # until the greeting is under way; it lasts half a minute, so that all digits talk into it
RETRY = wait(1500)  # until the caller is asked again

Keyed = Callable[[str], Step]

AGENTS, QUEUE = "agents", "queue"


@dataclass(frozen=True)
class Coded:
    """A session that is found by its code."""

    id: str
    code: str

    @property
    def wrong_code(self) -> str:
        return f"{(int(self.code) + 1) % 10_000:04}"


def new_caller() -> str:
    return f"+{next(_callers)}"


def reserve_with_code(site: Site, **data: str) -> Coded:
    fields = {"_resource_group": "SHARED", "_provide_code": "true", "_access_code_length": "4"}
    answer = site.matchline.ask_for_number(**fields, **data).json()
    return Coded(answer["_id"], answer["_access_code"])


@pytest.fixture(name="keyed", params=[press, press_info], ids=["rfc4733", "info"])
def _keyed(request: pytest.FixtureRequest) -> Keyed:
    way: Keyed = request.param
    return way


def test_the_caller_who_reserved_the_number_reaches_the_agents_with_id_and_data(site: Site) -> None:
    caller = new_caller()
    session = site.matchline.reserve(_phone_number=caller, customer="Zoë & Söhne", note="stays here")

    site.callers.call(caller, session.number)

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == (AGENTS, session.id, "")
    assert arrival.data == f"customer=Zo%C3%AB%20%26%20S%C3%B6hne&match_id={session.id}"


def test_data_that_does_not_fit_is_left_out_and_not_cut(site: Site) -> None:
    caller = new_caller()
    session = site.matchline.reserve(_phone_number=caller, customer="x" * 4000)

    site.callers.call(caller, session.number)

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.match_id, arrival.data) == (session.id, f"match_id={session.id}")


def test_nobodys_call_reaches_the_queue(site: Site) -> None:
    caller = new_caller()
    session = site.matchline.reserve(_phone_number=new_caller())

    site.callers.call(caller, session.number)

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == (QUEUE, "", "no-match")


def test_an_anonymous_caller_is_found_by_an_exclusive_number(site: Site) -> None:
    session = site.matchline.reserve(_phone_number=new_caller())

    site.callers.call_at_once([("sip:anonymous@anonymous.invalid", session.number)])

    (arrival,) = site.agents.arrivals("anonymous")
    assert (arrival.called, arrival.match_id) == (AGENTS, session.id)


def test_a_right_code(site: Site, keyed: Keyed) -> None:
    """It is keyed in while the caller is still being asked for it."""
    caller, session = new_caller(), reserve_with_code(site)

    site.callers.call(caller, SHARED, ANSWERED, keyed(session.code))

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.called, arrival.match_id) == (AGENTS, session.id)


def test_a_wrong_code_then_the_right_one(site: Site, keyed: Keyed) -> None:
    caller, session = new_caller(), reserve_with_code(site)

    site.callers.call(caller, SHARED, ANSWERED, keyed(session.wrong_code), RETRY, keyed(session.code))

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.called, arrival.match_id) == (AGENTS, session.id)


def test_a_wrong_code_twice(site: Site) -> None:
    caller, session = new_caller(), reserve_with_code(site)
    wrong = press_info(session.wrong_code)

    site.callers.call(caller, SHARED, ANSWERED, wrong, RETRY, wrong)

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == (QUEUE, "", "no-match")


def test_no_digits(site: Site) -> None:
    caller, _ = new_caller(), reserve_with_code(site)

    site.callers.call(caller, SHARED)

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == (QUEUE, "", "no-match")


def test_a_code_of_which_digits_are_missing_is_ended_by_the_hash(site: Site) -> None:
    caller, session = new_caller(), reserve_with_code(site)

    site.callers.call(caller, SHARED, ANSWERED, press_info("12#"), RETRY, press_info(session.code))

    (arrival,) = site.agents.arrivals(caller)
    assert (arrival.called, arrival.match_id) == (AGENTS, session.id)


def test_a_caller_who_hangs_up_while_asked_reaches_nobody(site: Site) -> None:
    caller, next_caller, session = new_caller(), new_caller(), reserve_with_code(site)

    site.callers.call(caller, SHARED, ANSWERED, press_info(session.code[:2]), HANG_UP)
    site.callers.call(next_caller, SHARED, ANSWERED, press_info(session.code))

    (arrival,) = site.agents.arrivals(next_caller)
    assert arrival.match_id == session.id
    assert caller not in [arrival.caller for arrival in site.agents.all()]


AT_ONCE = 200


def test_two_hundred_calls_at_once_reach_the_agents_each_with_its_own_session(site: Site) -> None:
    """Each one's id and data are looked at where it arrives."""
    sessions = {
        caller: reserve_with_code(site, customer=caller) for caller in (new_caller() for _ in range(AT_ONCE))
    }
    calls = [(f"sip:{caller}@example.com", SHARED, *session.code) for caller, session in sessions.items()]

    site.callers.call_at_once(calls, ANSWERED, press_info([f"[field{place}]" for place in range(2, 6)]))

    for caller, session in sessions.items():
        (arrival,) = site.agents.arrivals(caller)
        assert (arrival.called, arrival.match_id) == (AGENTS, session.id)
        assert arrival.data == f"customer=%2B{caller[1:]}&match_id={session.id}"
