"""Fresh seeds keep every promise, and a seed tells the same story each time."""

import os
import secrets
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.postgres import PostgresServer

from .cluster import postgres_site
from .run import run_fresh_seeds, run_seed

ROOT = Path(__file__).parents[2]

# Seconds of fresh seeds, shared out between the kinds of worlds.
IN_ORDER, OVERTAKING, ON_POSTGRES = 14, 8, 4

SHORT = 300  # events; on PostgreSQL to look everything over takes ten times as long

WELL_MIXED = 12  # a seed in which every kind of step and fault happens


@pytest.mark.parametrize(("overtaking", "seconds"), [(False, IN_ORDER), (True, OVERTAKING)])
def test_fresh_seeds_keep_every_promise(overtaking: bool, seconds: float) -> None:
    run_fresh_seeds(secrets.randbits(32), seconds, overtaking=overtaking)


@pytest.mark.parametrize("overtaking", [False, True])
def test_fresh_seeds_keep_every_promise_on_postgres(postgres: PostgresServer, overtaking: bool) -> None:
    place = partial(postgres_site, postgres)
    run_fresh_seeds(secrets.randbits(32), ON_POSTGRES, SHORT, overtaking=overtaking, place=place)


def test_the_same_seed_leaves_the_same_trace() -> None:
    here = run_seed(WELL_MIXED, steps=800).trace.digest
    again = run_seed(WELL_MIXED, steps=800).trace.digest
    assert here == again
    assert here != run_seed(WELL_MIXED + 1, steps=800).trace.digest


def test_the_same_seed_leaves_the_same_trace_in_another_process() -> None:
    """Whatever that process makes of the order of sets."""
    here = run_seed(WELL_MIXED, steps=300).trace.digest
    other = subprocess.run(
        [sys.executable, "-m", "tests.simulation", str(WELL_MIXED), "--steps", "300"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert here[:16] in other.stdout


def test_everything_happens() -> None:
    """A simulation in which nothing goes wrong and nothing is matched would prove little."""
    counts = run_seed(WELL_MIXED).trace.counts
    wanted = {
        *("claim", "reclaim", "renew", "end", "match", "change", "sweep", "record", "merge_record", "pool"),
        *("matched", "matched late", "matched again", "exhausted"),
        *("fault: fails before the store", "fault: loses its answer", "fault: interrupted", "fault: crash"),
    }
    assert not {kind for kind in wanted if not counts[kind]}, counts
