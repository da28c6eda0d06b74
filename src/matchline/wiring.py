"""Puts the parts together: settings → store → engine → services → application. Only the commands import it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files

import httpx

from matchline.adapters import Adapter, known_adapters
from matchline.adapters.lines import Lines
from matchline.chance import Chance, SystemChance
from matchline.charts.performing import AT_ONCE as EFFECTS_AT_ONCE
from matchline.charts.service import run_charts
from matchline.clock import Clock, FollowingClock, SystemClock
from matchline.engine import Engine
from matchline.engine.declared import ADAPTER_PREFIX
from matchline.engine.document import Document, PlacedFault, read
from matchline.engine.service import Service
from matchline.engine.timekeeper import read_clock
from matchline.http.admin_api import AdminApi
from matchline.http.app import Application
from matchline.http.browse_api import BrowseApi
from matchline.http.callback_api import CallbackApi
from matchline.http.chart_api import ChartApi
from matchline.http.event_stream import EventStream
from matchline.http.health import Health
from matchline.http.inquiry_api import InquiryApi
from matchline.http.keys_api import KeysApi
from matchline.http.monitoring import Monitoring
from matchline.http.openapi import Groups, openapi
from matchline.http.operation import Operation
from matchline.http.orchestration_api import OrchestrationApi
from matchline.http.page import ApiPage
from matchline.http.sdk import Sdk
from matchline.http.seen import Seen
from matchline.http.service_api import ServiceApi
from matchline.http.session_events import SessionEvents
from matchline.http.storage_api import StorageApi
from matchline.observing.masking import place_of
from matchline.observing.metrics import Metrics
from matchline.observing.tracing import Tracer
from matchline.options import Option, Schema
from matchline.principal import Principal
from matchline.services import builtin_services
from matchline.store import Store, open_store
from matchline.ui.house import House
from matchline.ui.visitor import PATH as UI_PATH
from matchline.webhook import Courier, signature_header

SERVICES: Mapping[str, Service] = builtin_services()
ADAPTERS: Mapping[str, Adapter] = known_adapters()
DECLARED: Mapping[str, Mapping[str, Option]] = {
    **{name: service.declared for name, service in SERVICES.items()},
    **{ADAPTER_PREFIX + name: adapter.declared for name, adapter in ADAPTERS.items()},
}


def read_document(text: str) -> tuple[Document, tuple[PlacedFault, ...]]:
    """A configuration file's text, read and checked."""
    return read(text, DECLARED)


def sample_document() -> Document:
    """The configuration of a server that is started without one."""
    document, faults = read_document(files("matchline").joinpath("sample.toml").read_text())
    assert not faults, "the sample is in order"
    return document


@asynccontextmanager
async def open_engine(
    store_url: str,
    clock: Clock | None = None,
    chance: Chance | None = None,
    metrics: Metrics | None = None,
    tracer: Tracer | None = None,
) -> AsyncIterator[Engine]:
    """An engine over the store at a URL, with the store's configuration in force.

    Raises Unavailable when the store cannot be opened, InvalidConfiguration when what it holds is not valid.
    """
    store = open_store(store_url)
    await store.open()
    try:
        clock = clock or await _clock_of(store)
        engine = Engine(store, clock, chance or SystemChance(), DECLARED, metrics, tracer)
        engine.node.store = place_of(store_url)
        await engine.keeper.load()
        yield engine
    finally:
        await store.close()


async def _clock_of(store: Store) -> Clock:
    reading = await read_clock(store)
    return FollowingClock(reading.offset) if reading else SystemClock()


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[None]:
    """In the background: sweep, and keep in step with other nodes."""
    work = [engine.sweeper.run(), engine.follower.run(), engine.keys.run(), engine.historian.run()]
    work += [engine.notes.run(), engine.attendance.run(), _deliver(engine), engine.lookout.run()]
    work.append(_run_charts(engine))
    work += [adapter.run(engine) for adapter in ADAPTERS.values() if adapter.run]
    if engine.timekeeper:
        work.append(engine.timekeeper.run())
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _deliver(engine: Engine) -> None:
    async with httpx.AsyncClient(follow_redirects=False) as client:
        await Courier(engine, client).run()


async def _run_charts(engine: Engine) -> None:
    """None of what charts have done at once waits for another's connection."""
    limits = httpx.Limits(max_connections=EFFECTS_AT_ONCE)
    async with httpx.AsyncClient(follow_redirects=False, limits=limits) as client:
        await run_charts(engine, SERVICES, client, signature_header)


def api_groups(engine: Engine) -> Groups:
    services = ServiceApi(engine, SERVICES)
    return {
        "Callbacks": CallbackApi(engine, services).operations(),  # before what any name would fit
        "Services": (*SessionEvents(engine).operations(), *services.operations()),
        "Charts": (*ChartApi(engine).operations(), *OrchestrationApi(engine, SERVICES).operations()),
        "Storage": StorageApi(engine).operations(),
        "Administration": AdminApi(engine, DECLARED).operations(),
        "API keys": KeysApi(engine).operations(),
        "Telephony": Lines(engine, ADAPTERS).operations(),
        "Sessions": BrowseApi(engine).operations(),
        "Inquiries": InquiryApi(engine).operations(),
        "Health": Health(engine).operations(),
        "Monitoring": Monitoring(engine).operations(),
    }


def application(engine: Engine, let_in: Principal | None = None) -> Seen:
    """Everything that is served. `let_in`: who asks without credentials where the way in proves enough."""
    groups = api_groups(engine)

    def description() -> Schema:
        described = {**groups, "Description": page.operations()}
        return openapi(described, engine.keeper.current, SERVICES)

    page = ApiPage(description)
    # Streams come without an end, so that no tool should try them, and before what any name would fit.
    operations = [*SessionEvents(engine).endless(), *EventStream(engine).operations(), *Sdk().operations()]
    operations += [operation for group in groups.values() for operation in group]
    return layered(engine, [*operations, *page.operations(), *page.unlisted()], let_in)


def layered(engine: Engine, operations: Sequence[Operation], let_in: Principal | None = None) -> Seen:
    """Operations behind all that a request passes on its way to them."""
    app = Application(engine, operations, let_in)
    app.set_apart(UI_PATH, House(engine, SERVICES, app.api, let_in).respond)
    return Seen(app.respond, engine)


def in_process_client(engine: Engine, let_in: Principal | None = None) -> httpx.AsyncClient:
    """A client of the application without a server or a socket."""
    transport = httpx.ASGITransport(application(engine, let_in))
    return httpx.AsyncClient(transport=transport, base_url="http://matchline.local")
