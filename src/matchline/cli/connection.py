"""How administrative commands reach a store: through its running server, or directly when none has it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import click
import httpx

from matchline.cli.settings import DEFAULT_STORE, Command, store_option, user
from matchline.principal import COMMANDS
from matchline.store import serves_many
from matchline.store.lock import StoreLock
from matchline.wire import BASE_PATH, USER
from matchline.wiring import in_process_client, open_engine

ADMIN = f"{BASE_PATH}/admin"

_TARGET = ("--store", "--server", "--key")
_KEY = "matchline.key"  # among what click passes on from a group to its commands


@asynccontextmanager
async def connect(
    store_url: str, server_url: str | None, key: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the administration API that belongs to this store.

    Raises Unavailable when another process has the store but does not say where it listens.
    """
    url = server_url or _owner(store_url)
    if url:
        # A proxy of the environment is for servers elsewhere; the store's owner is on this machine.
        proxied = server_url is not None
        headers = {USER: user()} | ({"authorization": f"Bearer {key}"} if key else {})
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=proxied) as client:
            yield client
    else:
        async with open_engine(store_url) as engine, in_process_client(engine, COMMANDS) as client:
            client.headers[USER] = user()
            yield client


def _owner(store_url: str) -> str | None:
    """Where the one process is that has the store; None when it can be opened beside others."""
    if serves_many(store_url):
        return None
    path = Path(store_url.removeprefix("sqlite:///"))
    if not store_url.startswith("sqlite:///") or not path.exists():
        raise ValueError(
            f"there is no store at {store_url}: name one with --store, or a server with --server"
        )
    return StoreLock(path).owner_url()


def for_commands(url: str, password: str) -> str:
    """A server's address as it is told to the commands of those who may read its store's files: with credentials."""
    return str(httpx.URL(url).copy_with(password=password))


def answer(response: httpx.Response) -> Any:
    """The answer's body. Raises ValueError with the server's sentence."""
    if response.is_success:
        return response.json()
    try:
        message = str(response.json()["message"])
    except (ValueError, KeyError):
        message = f"{response.request.url.path} answered {response.status_code}"
    raise ValueError(message)


def target_options(function: Command) -> Command:
    """Which store a group of commands is about: named by its URL, or by its server's."""
    server = click.option("--server", "server_url", envvar="MATCHLINE_SERVER", help="A running server's URL.")
    key = click.option(
        "--key",
        envvar="MATCHLINE_KEY",
        expose_value=False,
        callback=_remember_key,
        help="An API key of an administrator, where the server needs credentials.",
    )
    return key(server(store_option(function)))


class Targeted(click.Group):
    """A group of commands about one store, which may be named behind the command too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _target_first(args))


def _target_first(arguments: list[str]) -> list[str]:
    target, others = [], []
    rest = iter(arguments)
    for each in rest:
        name, equals, _ = each.partition("=")
        if each == "--":
            others += [each, *rest]
        elif name in _TARGET:
            target += [each] if equals else [each, *islice(rest, 1)]
        else:
            others.append(each)
    return target + others


def _remember_key(context: click.Context, _parameter: click.Parameter, key: str | None) -> None:
    context.meta[_KEY] = key


def remember_target(context: click.Context, store_url: str | None, server_url: str | None) -> None:
    context.obj = (store_url or DEFAULT_STORE, server_url)


def run(context: click.Context, work: Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]) -> None:
    """Do a command's work with a client of the remembered target. Raises ValueError when it cannot be reached."""
    store_url, server_url = context.obj

    async def connected() -> None:
        async with connect(store_url, server_url, context.meta.get(_KEY)) as client:
            await work(client)

    try:
        asyncio.run(connected())
    except httpx.TransportError as error:
        raise ValueError(f"the server cannot be reached: {error}") from None
