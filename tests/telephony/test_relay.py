"""Calls that Kamailio passes on itself: to the agents with the id, to the ordinary queue with the reason."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from .agents import Agents, BusyAgents, RingingAgents
from .app import SHARED, UNUSED, Matchline
from .callers import Callers
from .exchange import FOLDER, VARIANTS, Kamailio, free_udp_port

RING = 1  # seconds: also how long a dead place may say nothing

_numbers = count(12_025_550_100)

UNANSWERED = ("queue", "", "unanswered")


@dataclass(frozen=True)
class Site:
    kamailio: Kamailio
    callers: Callers
    queue: Agents
    agents_port: int


def site_at(folder: Path, matchline_url: str, deciding: Mapping[str, str], stack: ExitStack) -> Site:
    """With a queue; who is at the agents' telephone is the tests' to say."""
    port = free_udp_port()
    queue = stack.enter_context(Agents(free_udp_port(), folder))
    settings = {
        "TARGET": f'"sip:agents@127.0.0.1:{port}"',
        "QUEUE_TARGET": f'"{queue.address("queue")}"',
        "RING": str(RING),
        "SILENT": str(RING),
    }
    kamailio = Kamailio(matchline_url, folder, RELAY="", **settings, **deciding)
    stack.callback(kamailio.stop)
    return Site(kamailio, Callers(kamailio.port, folder), queue, port)


@pytest.fixture(scope="module")
def _sites(_standing: Matchline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Site]]:
    with ExitStack() as stack:
        yield cache(
            lambda variant: site_at(tmp_path_factory.mktemp("site"), _standing.url, VARIANTS[variant], stack)
        )


@pytest.fixture(name="site")
def _site(matchline: Matchline, _sites: Callable[[str], Site], variant: str) -> Site:
    return _sites(variant)


@pytest.fixture(name="agents")
def _agents(site: Site, tmp_path: Path) -> Iterator[Agents]:
    with Agents(site.agents_port, tmp_path) as agents:
        yield agents


def new_caller() -> str:
    return f"+{next(_numbers)}"


def test_a_matched_call_reaches_the_agents_with_the_exact_id(
    matchline: Matchline, site: Site, agents: Agents
) -> None:
    caller = new_caller()
    session = matchline.reserve(_phone_number=caller)

    site.callers.call(caller, session.number)

    (arrival,) = agents.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == ("agents", session.id, "")
    assert arrival.data == f"match_id={session.id}"


def test_an_anonymous_call_too(matchline: Matchline, site: Site, agents: Agents) -> None:
    session = matchline.reserve(_phone_number=new_caller())

    site.callers.call_at_once([("sip:anonymous@anonymous.invalid", session.number)])

    (arrival,) = agents.arrivals("anonymous")
    assert (arrival.called, arrival.match_id) == ("agents", session.id)


def test_a_call_that_nobody_waits_for_reaches_the_queue(site: Site) -> None:
    caller = new_caller()

    site.callers.call(caller, UNUSED)

    (arrival,) = site.queue.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == ("queue", "", "no-match")


def test_a_call_that_needs_its_code_reaches_the_queue_where_nothing_hears_digits(
    matchline: Matchline, site: Site
) -> None:
    caller = new_caller()
    matchline.ask_for_number(_resource_group="SHARED", _provide_code="true")

    site.callers.call(caller, SHARED)

    (arrival,) = site.queue.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == ("queue", "", "undecided")


def test_a_call_reaches_the_queue_flagged_when_matchline_is_stopped(
    own_matchline: Matchline, variant: str, tmp_path: Path
) -> None:
    caller = new_caller()
    session = own_matchline.reserve(_phone_number=caller)
    with ExitStack() as stack:
        site = site_at(tmp_path, own_matchline.url, VARIANTS[variant], stack)
        own_matchline.stop()

        site.callers.call(caller, session.number)

        (arrival,) = site.queue.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == ("queue", "", "unavailable")


def test_the_script_lets_the_data_leave_that_it_names(matchline: Matchline, tmp_path: Path) -> None:
    caller, other = new_caller(), tmp_path / "agents"
    other.mkdir()
    script = (FOLDER / "kamailio.py").read_text()
    named = script.replace("KEYS: tuple[str, ...] = ()", 'KEYS = ("customer",)')
    assert named != script
    (tmp_path / "own.py").write_text(named)
    session = matchline.reserve(_phone_number=caller, customer="Zoë & Söhne", note="stays here")

    with ExitStack() as stack:
        site = site_at(tmp_path, matchline.url, {"SCRIPT": f'"{tmp_path / "own.py"}"'}, stack)
        agents = stack.enter_context(Agents(site.agents_port, other))
        site.callers.call(caller, session.number)
        (arrival,) = agents.arrivals(caller)

    assert arrival.match_id == session.id
    assert arrival.data == f"customer=Zo%C3%AB%20%26%20S%C3%B6hne&match_id={session.id}"


def test_what_a_caller_claims_does_not_get_through(matchline: Matchline, site: Site) -> None:
    stranger = new_caller()
    session = matchline.reserve(_phone_number=new_caller())
    claims = f"X-Match-Id: {session.id}", "User-to-User: 00666f72676564;encoding=hex"

    site.callers.claiming(*claims).call(stranger, session.number)

    (arrival,) = site.queue.arrivals(stranger)
    assert (arrival.called, arrival.match_id, arrival.user_to_user) == ("queue", "", "")


@pytest.mark.parametrize("kind", [BusyAgents, RingingAgents])
def test_a_call_that_the_agents_do_not_take_reaches_the_queue(
    matchline: Matchline, site: Site, tmp_path: Path, kind: type[Agents]
) -> None:
    """Without the id, which is no longer the queue's to know; the call's own id still leads to the session."""
    caller = new_caller()
    session = matchline.reserve(_phone_number=caller)

    with kind(site.agents_port, tmp_path) as agents:
        site.callers.call(caller, session.number)
        (tried,) = agents.arrivals(caller)

    assert tried.match_id == session.id
    (arrival,) = site.queue.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status, arrival.user_to_user) == (*UNANSWERED, "")


def test_a_call_reaches_the_queue_when_no_agents_are_there_at_all(matchline: Matchline, site: Site) -> None:
    caller = new_caller()
    session = matchline.reserve(_phone_number=caller)

    site.callers.call(caller, session.number)

    (arrival,) = site.queue.arrivals(caller)
    assert (arrival.called, arrival.match_id, arrival.status) == UNANSWERED


def test_a_caller_who_hangs_up_while_it_rings_does_not_reach_the_queue(
    matchline: Matchline, site: Site, tmp_path: Path
) -> None:
    caller, next_caller = new_caller(), new_caller()
    session = matchline.reserve(_phone_number=caller)

    with RingingAgents(site.agents_port, tmp_path):
        site.kamailio.phones.run_calls("abandoned", [(f"sip:{caller}@example.com", session.number)])
    site.callers.call(next_caller, UNUSED)

    assert site.queue.arrivals(next_caller)
    assert caller not in [arrival.caller for arrival in site.queue.all()]
