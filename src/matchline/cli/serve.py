"""matchline serve: run the server until it is told to stop."""

import asyncio
import gc
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import uvloop

from matchline.cli.server import DrainingServer
from matchline.cli.settings import DEFAULTS, config_option, store_option
from matchline.engine import Engine
from matchline.engine.configure import differences
from matchline.engine.declared import LOG_LEVELS
from matchline.engine.document import Document
from matchline.wire import BASE_PATH
from matchline.wiring import application, open_engine, read_document, sample_document, sweeping

COLLECTOR_THRESHOLDS = (100_000, 20, 50)  # objects, then collections; requests leave few cycles behind
BACKLOG = 2048  # connections that wait to be accepted


@dataclass(frozen=True, slots=True)
class ServeSettings:
    store_url: str
    host: str
    port: int
    log_level: str
    drain_seconds: float
    config_path: Path | None
    apply: bool


@click.command("serve")
@config_option
@store_option
@click.option(
    "--host", envvar="MATCHLINE_HOST", help=f"The address to listen on.  [default: {DEFAULTS['host']}]"
)
@click.option(
    "--port",
    envvar="MATCHLINE_PORT",
    type=click.IntRange(0, 65535),
    help=f"The port; 0 picks a free one.  [default: {DEFAULTS['port']}]",
)
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
@click.option("--apply", is_flag=True, help="Apply the configuration file where the store differs from it.")
def command(
    config_path: Path | None,
    store_url: str | None,
    host: str | None,
    port: int | None,
    log_level: str | None,
    drain_seconds: float,
    apply: bool,
) -> None:
    """Run the server. SIGTERM lets running requests finish, then stops it."""
    if apply and config_path is None:
        raise click.UsageError("--apply needs the file: name it with --config")
    document = _document(config_path)
    own = {**DEFAULTS, **document.process}
    settings = ServeSettings(
        store_url or own["store"],
        host or own["host"],
        int(own["port"]) if port is None else port,
        log_level or own["log_level"],
        drain_seconds,
        config_path,
        apply,
    )
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("uvicorn").setLevel("WARNING")
    uvloop.run(_serve(settings, document))


def _document(config_path: Path | None) -> Document:
    if config_path is None:
        return sample_document()
    document, faults = read_document(config_path.read_text())
    for fault in faults:
        click.echo(f"{config_path}:{fault.line}: {fault.message}", err=True)
    if faults:
        raise SystemExit(1)
    return document


async def _serve(settings: ServeSettings, document: Document) -> None:
    async with open_engine(settings.store_url) as engine:
        await _configure(engine, settings, document)
        _spare_the_collector()
        listening = _listen(settings.host, settings.port)
        url = _url(listening)
        engine.store.announce(url)
        server = DrainingServer(application(engine), engine.node, settings.drain_seconds)
        async with sweeping(engine):
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            await server.listening.wait()
            click.echo(f"Matchline is ready at {url} (store: {settings.store_url})")
            if settings.config_path is None:
                click.echo(_hints(url, engine))
            await serving
    click.echo("Matchline has stopped.")


async def _configure(engine: Engine, settings: ServeSettings, document: Document) -> None:
    """The file seeds an empty store; later it is applied when told to, and its differences are named."""
    empty = not (engine.keeper.current.sections or engine.keeper.current.numbers)
    if empty or settings.apply:
        await engine.keeper.apply(document)
        return
    changes = differences(engine.keeper.current, document)
    if settings.config_path is None or not changes:
        return
    click.echo(f"The store differs from {settings.config_path}; the store is in force:")
    for change in changes:
        click.echo(f"  {change}")
    click.echo(
        f"To apply the file: matchline options --store {settings.store_url} apply {settings.config_path}"
        "  (or start with --apply)"
    )


def _spare_the_collector() -> None:
    """What was made at the start lives for ever and need not be looked at again (`docs/decisions/collector.md`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def _listen(host: str, port: int) -> socket.socket:
    """Raises ValueError when the address cannot be had."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG
        )
    except OSError as error:
        raise ValueError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _hints(url: str, engine: Engine) -> str:
    number = next((each.text for each in engine.keeper.current.numbers), "")
    form: Mapping[str, str] = {"service": f"{url}{BASE_PATH}/service", "number": number}
    return HINTS.format_map(form)


HINTS = """
Try it, in another terminal:

  1. An app asks for a number to dial, and leaves data:
     curl --data-urlencode _phone_number=+14155550123 -d customer=Ada {service}/request-interaction

  2. The customer calls; the contact centre asks whose call it is, and gets the data
     (numbers take turns: after the first time, use the _access_number that line 1 answered):
     curl --data-urlencode '_access_number={number}' -d _return_user_data=true {service}/match-interaction

  3. The number went back to its group, so the same question finds no one:
     curl --data-urlencode '_access_number={number}' {service}/match-interaction

The API for people is at /docs, for programs at /openapi.json. Stop with Ctrl-C.
"""
