"""matchline serve: run the server until it is told to stop."""

import asyncio
import gc
import resource
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import uvloop

from matchline.cli.check import document_at
from matchline.cli.connection import for_commands
from matchline.cli.logs import configure_logs
from matchline.cli.network import Given, Standing, listen, network_options, take_stand, url
from matchline.cli.protocol import Connections
from matchline.cli.seeing import Seeing, Watched, metrics_served, seeing_options, shared_counters
from matchline.cli.server import DrainingServer
from matchline.cli.settings import DEFAULTS, config_option, store_option, without_password
from matchline.cli.workers import Post, Supervisor, WorkerServer
from matchline.engine import Engine
from matchline.engine.configure import differences
from matchline.engine.declared import LOG_LEVELS
from matchline.engine.document import Document
from matchline.http.proxy import Proxied
from matchline.observing.metrics import Metrics
from matchline.observing.tracing import configured_tracer
from matchline.store import serves_many
from matchline.wire import BASE_PATH
from matchline.wiring import application, open_engine, running, sample_document

COLLECTOR_THRESHOLDS = (100_000, 20, 50)  # objects, then collections; requests leave few cycles behind
MOST_WORKERS = 256  # more than any machine has cores for


Serving = TypeVar("Serving", bound=DrainingServer)


@dataclass(frozen=True, slots=True)
class ServeSettings:
    store_url: str
    stand: Standing
    seeing: Seeing
    log_level: str
    drain_seconds: float
    workers: int
    config_path: Path | None
    apply: bool


@click.command("serve")
@config_option
@store_option
@network_options
@seeing_options
@click.option(
    "--log-level",
    envvar="MATCHLINE_LOG_LEVEL",
    type=click.Choice(LOG_LEVELS),
    help=f"[default: {DEFAULTS['log_level']}]",
)
@click.option(
    "--drain-seconds",
    envvar="MATCHLINE_DRAIN_SECONDS",
    type=click.FloatRange(0, 3600),
    default=1.0,
    show_default=True,
    help="How long to say OFFLINE before stopping, so that load balancers notice.",
)
@click.option(
    "--workers",
    envvar="MATCHLINE_WORKERS",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    show_default=True,
    help="How many processes serve; more than one needs a PostgreSQL store.",
)
@click.option("--apply", is_flag=True, help="Apply the configuration file where the store differs from it.")
def command(
    config_path: Path | None,
    store_url: str | None,
    network: Given,
    seeing: Seeing,
    log_level: str | None,
    drain_seconds: float,
    workers: int,
    apply: bool,
) -> None:
    """Run the server. SIGTERM lets running requests finish, then stops it."""
    if apply and config_path is None:
        raise click.UsageError("--apply needs the file: name it with --config")
    document = _document(config_path)
    own = {**DEFAULTS, **document.process}
    settings = ServeSettings(
        store_url or own["store"],
        network.standing(own),
        seeing,
        log_level or own["log_level"],
        drain_seconds,
        workers,
        config_path,
        apply,
    )
    configure_logs(settings.log_level, seeing.log_format)
    if settings.workers == 1:
        uvloop.run(_serve(settings, document))
    else:
        _serve_together(settings, document)


def _document(config_path: Path | None) -> Document:
    return sample_document() if config_path is None else document_at(config_path)


async def _serve(settings: ServeSettings, document: Document) -> None:
    async with open_engine(settings.store_url, tracer=configured_tracer()) as engine:
        await _configure(engine, settings, document)
        listening = listen(settings.stand)
        address = url(settings.stand, listening[0])
        engine.store.announce(for_commands(address, engine.keys.local))
        server = _server(DrainingServer, engine, settings)
        hints = _hints(address, _any_number(engine))
        async with metrics_served(engine, settings.seeing.listening(settings.stand.host)):
            await _answer(engine, server, listening, lambda: _tell_ready(settings, listening, hints))
    click.echo(STOPPED)


def _serve_together(settings: ServeSettings, document: Document) -> None:
    """Raises ValueError when the store serves one process only."""
    if not serves_many(settings.store_url):
        raise ValueError(
            f"one process has the store {settings.store_url}: for {settings.workers} workers put it into "
            "PostgreSQL, and name that with --store postgresql://…"
        )
    number = uvloop.run(_configured(settings, document))
    listening = listen(settings.stand)
    hints = _hints(url(settings.stand, listening[0]), number)
    scraped = settings.seeing.listening(settings.stand.host)
    with shared_counters() as folder:
        supervisor = Supervisor(
            settings.workers,
            lambda post: uvloop.run(_work(settings, listening, Watched(scraped, folder), post)),
            lambda: _tell_ready(settings, listening, hints),
            reloads=settings.stand.certificate is not None,
        )
        status = supervisor.run(settings.drain_seconds)
    if status:
        raise SystemExit(status)
    click.echo(STOPPED)


async def _configured(settings: ServeSettings, document: Document) -> str:
    """Configure the store before there are workers; a number to call."""
    async with open_engine(settings.store_url) as engine:
        await _configure(engine, settings, document)
        return _any_number(engine)


async def _work(
    settings: ServeSettings, listening: list[socket.socket], watched: Watched, post: Post
) -> None:
    metrics = Metrics(watched.folder)
    async with open_engine(settings.store_url, metrics=metrics, tracer=configured_tracer()) as engine:
        take_stand(engine, settings.stand)
        server = _server(WorkerServer, engine, settings)
        async with metrics_served(engine, watched.listening):
            await _answer(engine, server, listening, lambda: post.serve_under_orders(server))


def _server(kind: type[Serving], engine: Engine, settings: ServeSettings) -> Serving:
    seen = application(engine)
    connections = Connections(engine.keeper, engine.guard, seen.refuse)
    app = Proxied(seen, engine.guard)
    return kind(app, engine.node, settings.drain_seconds, connections, settings.stand.certificate)


async def _answer(
    engine: Engine, server: DrainingServer, listening: list[socket.socket], ready: Callable[[], None]
) -> None:
    """Serve until told to stop; `ready` is called when requests are answered."""
    _spare_the_collector()
    _allow_connections()
    async with running(engine):
        serving = asyncio.create_task(server.serve(sockets=listening))
        await server.listening.wait()
        ready()
        await serving


def _tell_ready(settings: ServeSettings, listening: list[socket.socket], hints: str) -> None:
    addresses = ", ".join(url(settings.stand, each) for each in listening)
    click.echo(f"Matchline is ready at {addresses} (store: {without_password(settings.store_url)})")
    if settings.config_path is None:
        click.echo(hints)


async def _configure(engine: Engine, settings: ServeSettings, document: Document) -> None:
    """The file seeds an empty store; later it is applied when told to, and its differences are named.

    Raises ValueError when the server would be open to the network by accident.
    """
    await _apply(engine, settings, document)
    take_stand(engine, settings.stand)


async def _apply(engine: Engine, settings: ServeSettings, document: Document) -> None:
    empty = not (engine.keeper.current.sections or engine.keeper.current.numbers)
    if empty or settings.apply:
        await engine.keeper.apply(document)
        return
    changes = differences(engine.keeper.current, document)
    if settings.config_path is None or not changes:
        return
    store = without_password(settings.store_url)
    click.echo(f"The store differs from {settings.config_path}; the store is in force:")
    for change in changes:
        click.echo(f"  {change}")
    click.echo(
        f"To apply the file: matchline options --store {store} apply {settings.config_path}"
        "  (or start with --apply)"
    )


def _spare_the_collector() -> None:
    """What was made at the start lives for ever and need not be looked at again (`docs/decisions/collector.md`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def _allow_connections() -> None:
    """Each takes a descriptor, and the soft limit of 1024 that processes begin with is meant for `select`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _any_number(engine: Engine) -> str:
    return next((each.text for each in engine.keeper.current.numbers), "")


def _hints(url: str, number: str) -> str:
    form: Mapping[str, str] = {"url": url, "service": f"{url}{BASE_PATH}/service", "number": number}
    return HINTS.format_map(form)


STOPPED = "Matchline has stopped."

HINTS = """
Try it, in another terminal:

  1. An app asks for a number to dial, and leaves data:
     curl --data-urlencode _phone_number=+12125550123 -d customer=Ada {service}/request-interaction

  2. The customer calls; the contact centre asks whose call it is, and gets the data
     (numbers take turns: after the first time, use the _access_number that line 1 answered):
     curl --data-urlencode '_access_number={number}' -d _return_user_data=true {service}/match-interaction

  3. The number went back to its group, so the same question finds no one:
     curl --data-urlencode '_access_number={number}' {service}/match-interaction

Or play the same in a browser, where everything can be seen and changed too: {url}/ui
The API for people is at /docs, for programs at /openapi.json. Stop with Ctrl-C.
"""
