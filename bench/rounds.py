"""Rounds: servers that run side by side are asked in turn, so that what disturbs the machine disturbs all of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from bench.crowd import Run
from bench.figures import percent

_SATURATED = 0.95  # of its core: from here on a table is about the client

Server = TypeVar("Server")


def turns(rounds: int, servers: Sequence[Server]) -> Iterator[tuple[int, Server]]:
    """Every server in every round, another one first each time. Round 0 warms up and is not to be counted."""
    for place in range(rounds + 1):
        first = place % len(servers)
        for server in (*servers[first:], *servers[:first]):
            yield place, server
        print(f"  round {place} of {rounds} done" if place else "  warm", flush=True)


def most_client_share(runs: Iterable[Run]) -> str:
    """How busy the client was at most."""
    share = max(run.client_share for run in runs)
    return f"{percent(share)} at most" + (": SATURATED" if share > _SATURATED else "")
