"""Two hundred customers at once, on two hundred numbers: everybody gets their own session."""

from collections.abc import Callable
from pathlib import Path

from .agents import Agents
from .app import EXCLUSIVE, Matchline
from .callers import Callers
from .exchange import Kamailio, free_udp_port

CALLERS = [f"+12025550{n}" for n in range(100, 300)]


def test_two_hundred_calls_at_once_reach_the_agents_each_with_its_own_session(
    own_matchline: Matchline, kamailio_asking: Callable[..., Kamailio], tmp_path: Path
) -> None:
    sessions = {caller: own_matchline.reserve(_phone_number=caller, customer=caller) for caller in CALLERS}
    assert sorted(session.number for session in sessions.values()) == EXCLUSIVE
    refused = own_matchline.ask_for_number(_phone_number="+12025550300")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0

    agents = Agents(free_udp_port(), tmp_path)
    try:
        kamailio = kamailio_asking(own_matchline.url, RELAY="", TARGET=f'"{agents.address("agents")}"')
        calls = [(f"sip:{caller}@example.com", session.number) for caller, session in sessions.items()]
        Callers(kamailio.port, tmp_path).call_at_once(calls)
        arrived = {caller: agents.arrivals(caller) for caller in CALLERS}
    finally:
        agents.stop()

    for caller, session in sessions.items():
        (arrival,) = arrived[caller]
        assert (arrival.called, arrival.match_id) == ("agents", session.id)
        assert own_matchline.user_data(arrival.match_id) == {"customer": caller}
