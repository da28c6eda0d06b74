"""`python -m tests.simulation [SEED]`: replay a seed, or try fresh ones until one fails or the time is up."""

import argparse
import logging
import secrets
import sys
from contextlib import ExitStack
from functools import partial

from .run import STEPS, Place, SeedFailed, run_fresh_seeds, run_seed, sqlite_site


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="the seed to replay")
    parser.add_argument("--steps", type=int, default=STEPS, help="of each seed (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="for fresh seeds (default: %(default)s)")
    parser.add_argument("--first", type=int, help="the first of the fresh seeds (default: a random one)")
    parser.add_argument("--overtaking", action="store_true", help="late steps are overtaken (no oracle)")
    parser.add_argument("--postgres", action="store_true", help="over PostgreSQL instead of SQLite")
    parser.add_argument("--trace", action="store_true", help="print all that happened")
    return parser.parse_args()


def main() -> int:
    asked = _arguments()
    logging.disable()
    try:
        with ExitStack() as stack:
            place: Place = sqlite_site
            if asked.postgres:
                from tests.postgres import postgres_server

                from .cluster import postgres_site

                place = partial(postgres_site, stack.enter_context(postgres_server()))
            return _run(asked, place)
    except SeedFailed as failure:
        print(failure)
        return 1


def _run(asked: argparse.Namespace, place: Place) -> int:
    how = {"overtaking": asked.overtaking, "place": place}
    if asked.seed is None:
        first = secrets.randbits(32) if asked.first is None else asked.first
        runs = run_fresh_seeds(first, asked.seconds, asked.steps, **how)
        print(f"{len(runs)} seeds from {first}, {sum(run.steps for run in runs)} steps of the store")
        return 0
    run = run_seed(asked.seed, asked.steps, **how)
    if asked.trace:
        print(*run.trace.lines, sep="\n")
    print(*(f"{count:6} {kind}" for kind, count in run.trace.counts.most_common()), sep="\n")
    print(f"seed {run.seed} keeps every promise; trace {run.trace.digest[:16]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
