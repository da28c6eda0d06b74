"""Puts the parts together that run charts."""

from collections.abc import Mapping

import httpx

from matchline.charts.fetching import Fetching
from matchline.charts.forwarding import Forwarding
from matchline.charts.functions import Functions
from matchline.charts.notifying import Notifying, Sign
from matchline.charts.orchestration import NO_CONNECTIONS_KEPT, OrchestrationClient
from matchline.charts.performing import Performing
from matchline.charts.running import Running
from matchline.charts.workers import Workers
from matchline.engine import Engine
from matchline.engine.service import Service


async def run_charts(
    engine: Engine, builtins: Mapping[str, Service], client: httpx.AsyncClient, sign: Sign
) -> None:
    """Until cancelled. How many workers there are is read once; all else is in force at once."""
    fetching = Fetching(engine, client)
    functions = Functions(engine, builtins, fetching, Notifying(engine, client, sign))
    engine.charts.documents.fetch = fetching.document
    policy = engine.keeper.current.server.charts
    workers = Workers(policy.workers, policy.limits)
    try:
        async with httpx.AsyncClient(limits=NO_CONNECTIONS_KEPT) as outside:
            engine.orchestration.client = OrchestrationClient(engine, outside)
            forwarding = Forwarding(engine)
            performing = Performing(engine, functions, fetching, forwarding)
            await Running(engine, workers, performing, forwarding).run()
    finally:
        await workers.close()
