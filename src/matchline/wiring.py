"""Puts the parts together: settings → store → engine → services → application. Only the commands import it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.resources import files

import httpx
from starlette.types import ASGIApp

from matchline.chance import Chance, SystemChance
from matchline.clock import Clock, SystemClock
from matchline.engine import Engine
from matchline.engine.document import Document, PlacedFault, read
from matchline.engine.service import Service
from matchline.http.admin_api import AdminApi
from matchline.http.app import router
from matchline.http.cors import Cors
from matchline.http.health import Health
from matchline.http.openapi import Groups, openapi
from matchline.http.page import ApiPage
from matchline.http.service_api import ServiceApi
from matchline.http.storage_api import StorageApi
from matchline.options import Option, Schema
from matchline.services import builtin_services
from matchline.store import open_store

SERVICES: Mapping[str, Service] = builtin_services()
DECLARED: Mapping[str, Mapping[str, Option]] = {name: service.declared for name, service in SERVICES.items()}


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
    store_url: str, clock: Clock | None = None, chance: Chance | None = None
) -> AsyncIterator[Engine]:
    """An engine over the store at a URL, with the store's configuration in force.

    Raises Unavailable when the store cannot be opened, InvalidConfiguration when what it holds is not valid.
    """
    store = open_store(store_url)
    await store.open()
    try:
        engine = Engine(store, clock or SystemClock(), chance or SystemChance(), DECLARED)
        await engine.keeper.load()
        yield engine
    finally:
        await store.close()


@asynccontextmanager
async def sweeping(engine: Engine) -> AsyncIterator[None]:
    """Sweep in the background."""
    task = asyncio.create_task(engine.sweeper.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def api_groups(engine: Engine) -> Groups:
    return {
        "Services": ServiceApi(engine, SERVICES).operations(),
        "Storage": StorageApi(engine).operations(),
        "Administration": AdminApi(engine, DECLARED).operations(),
        "Health": Health(engine).operations(),
    }


def application(engine: Engine) -> ASGIApp:
    """Everything that is served."""
    groups = api_groups(engine)

    def description() -> Schema:
        described = {**groups, "Description": page.operations()}
        return openapi(described, engine.keeper.current, SERVICES)

    page = ApiPage(description)
    operations = [operation for group in groups.values() for operation in group]
    return Cors(router([*operations, *page.operations(), *page.unlisted()]), engine.keeper)


def in_process_client(engine: Engine) -> httpx.AsyncClient:
    """A client of the application without a server or a socket."""
    transport = httpx.ASGITransport(application(engine))
    return httpx.AsyncClient(transport=transport, base_url="http://matchline.local")
