"""Calls that Kamailio passes on itself: to the agents with the id, to the ordinary queue with the reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .agents import Agents
from .app import EXCLUSIVE, SHARED, Matchline
from .callers import Callers
from .exchange import Kamailio, free_udp_port

CALLER, STRANGER = "+12025550123", "+12025550199"


@dataclass(frozen=True)
class Site:
    callers: Callers
    agents: Agents


@pytest.fixture(name="site")
def _site(matchline: Matchline, kamailio_asking: Callable[..., Kamailio], tmp_path: Path) -> Iterator[Site]:
    agents = Agents(free_udp_port(), tmp_path)
    targets = {
        name: f'"{agents.address(user)}"' for name, user in (("TARGET", "agents"), ("QUEUE_TARGET", "queue"))
    }
    kamailio = kamailio_asking(matchline.url, RELAY="", **targets)
    yield Site(Callers(kamailio.port, tmp_path), agents)
    agents.stop()


def test_a_matched_call_reaches_the_agents_with_the_exact_id(matchline: Matchline, site: Site) -> None:
    session = matchline.reserve(_phone_number=CALLER)

    site.callers.call(CALLER, session.number)

    (arrival,) = site.agents.arrivals(CALLER)
    assert (arrival.called, arrival.match_id, arrival.status) == ("agents", session.id, "")
    assert arrival.data == f"match_id={session.id}"


def test_an_anonymous_call_too(matchline: Matchline, site: Site) -> None:
    session = matchline.reserve(_phone_number=CALLER)

    site.callers.call_at_once([("sip:anonymous@anonymous.invalid", session.number)])

    (arrival,) = site.agents.arrivals("anonymous")
    assert (arrival.called, arrival.match_id) == ("agents", session.id)


def test_a_call_that_nobody_waits_for_reaches_the_queue(site: Site) -> None:
    site.callers.call(CALLER, EXCLUSIVE[-1])

    (arrival,) = site.agents.arrivals(CALLER)
    assert (arrival.called, arrival.match_id, arrival.status) == ("queue", "", "no-match")


def test_a_call_that_needs_its_code_reaches_the_queue_where_nothing_hears_digits(
    matchline: Matchline, site: Site
) -> None:
    matchline.ask_for_number(_resource_group="SHARED", _provide_code="true")

    site.callers.call(CALLER, SHARED)

    (arrival,) = site.agents.arrivals(CALLER)
    assert (arrival.called, arrival.match_id, arrival.status) == ("queue", "", "undecided")


def test_a_call_reaches_the_queue_flagged_when_matchline_is_stopped(matchline: Matchline, site: Site) -> None:
    session = matchline.reserve(_phone_number=CALLER)
    matchline.stop()

    site.callers.call(CALLER, session.number)

    (arrival,) = site.agents.arrivals(CALLER)
    assert (arrival.called, arrival.match_id, arrival.status) == ("queue", "", "unavailable")


def test_what_a_caller_claims_does_not_get_through(matchline: Matchline, site: Site) -> None:
    session = matchline.reserve(_phone_number=CALLER)
    claims = f"X-Match-Id: {session.id}", "User-to-User: 00666f72676564;encoding=hex"

    site.callers.claiming(*claims).call(STRANGER, session.number)

    (arrival,) = site.agents.arrivals(STRANGER)
    assert (arrival.called, arrival.match_id, arrival.user_to_user) == ("queue", "", "")
