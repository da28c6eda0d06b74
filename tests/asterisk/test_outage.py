"""When nobody can say whose call it is, or nobody takes it, the caller reaches the ordinary queue: never silence."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.telephony.app import SHARED
from tests.telephony.process import POLL_SECONDS

from .exchange import tree
from .site import WAYS, Site, site_at

CALLER = "+12025550123"
PATIENCE = 4  # seconds: short beside what a test may take, long beside what Matchline does


@pytest.fixture(name="site", params=WAYS)
def _site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    root = tree()
    assert root
    with site_at(root, tmp_path, request.param, PATIENCE) as started:
        yield started


def reaches_the_queue_flagged(site: Site) -> bool:
    (arrival,) = site.agents.arrivals(CALLER)
    return (arrival.called, arrival.match_id, arrival.status) == ("queue", "", "unavailable")


@pytest.mark.parametrize("way", WAYS)
def test_no_agent_answers(tmp_path: Path, way: str) -> None:
    root = tree()
    assert root
    with site_at(root, tmp_path, way, attended=False) as site:
        session = site.matchline.reserve(_phone_number=CALLER)

        site.callers.call(CALLER, session.number)

        (arrival,) = site.agents.arrivals(CALLER)
        assert (arrival.called, arrival.status) == ("queue", "unanswered")


def test_matchline_is_stopped(site: Site) -> None:
    session = site.matchline.reserve(_phone_number=CALLER)
    site.matchline.stop()

    site.callers.call(CALLER, session.number)

    assert reaches_the_queue_flagged(site)


def test_matchline_hangs(site: Site) -> None:
    session = site.matchline.reserve(_phone_number=CALLER)

    with site.matchline.hanging():
        site.callers.call(CALLER, session.number)

    assert reaches_the_queue_flagged(site)


def test_matchline_stops_while_a_caller_is_asked_for_the_code(site: Site) -> None:
    site.matchline.ask_for_number(_resource_group="SHARED", _provide_code="true")

    with ThreadPoolExecutor() as pool:
        call = pool.submit(site.callers.call, CALLER, SHARED)
        wait_until_asked(site)
        site.matchline.stop()
        call.result()

    assert reaches_the_queue_flagged(site)


def wait_until_asked(site: Site) -> None:
    deadline = time.monotonic() + PATIENCE
    while 'outcome="collect"' not in site.matchline.metrics:
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)
