"""matchline keys: create, list and revoke API keys, through the server when one is running."""

from typing import Any
from urllib.parse import quote

import click
import httpx

from matchline.cli.connection import ADMIN, Targeted, answer, remember_target, run, target_options
from matchline.principal import Scope

KEYS = f"{ADMIN}/keys"


@click.group("keys", cls=Targeted)
@target_options
@click.pass_context
def command(context: click.Context, store_url: str | None, server_url: str | None) -> None:
    """Create, list and revoke API keys."""
    remember_target(context, store_url, server_url)


@command.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([str(scope) for scope in Scope]),
    multiple=True,
    required=True,
    help="app: begin sessions and touch its own; ivr: match and read data; admin: everything. Repeatable.",
)
@click.option("--service", "services", multiple=True, help="A service that it may ask; any, unless given.")
@click.option("--group", "groups", multiple=True, help="A resource group that it may use; any, unless given.")
@click.pass_context
def create(
    context: click.Context,
    name: str,
    scopes: tuple[str, ...],
    services: tuple[str, ...],
    groups: tuple[str, ...],
) -> None:
    """Create a key. Its secret is shown this once; from now on requests need credentials."""
    wanted = {
        "name": name,
        "scopes": scopes,
        **({"services": services} if services else {}),
        **({"groups": groups} if groups else {}),
    }

    async def work(client: httpx.AsyncClient) -> None:
        key = answer(await client.post(KEYS, json=wanted))
        click.echo(_line(key), err=True)
        click.echo(key["key"])

    run(context, work)


@command.command("list")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """The keys, without their secrets."""

    async def work(client: httpx.AsyncClient) -> None:
        keys = answer(await client.get(KEYS))["keys"]
        for key in keys:
            click.echo(_line(key))
        if not keys:
            click.echo("There are no keys.", err=True)

    run(context, work)


@command.command("revoke")
@click.argument("key_id", metavar="ID")
@click.pass_context
def revoke(context: click.Context, key_id: str) -> None:
    """Revoke a key: within a second no node accepts it."""

    async def work(client: httpx.AsyncClient) -> None:
        answer(await client.delete(f"{KEYS}/{quote(key_id, safe='')}"))
        click.echo(f"{key_id} is revoked.")

    run(context, work)


def _line(key: dict[str, Any]) -> str:
    limits = [f"{name} {', '.join(key[name])}" for name in ("services", "groups") if name in key]
    used = f"last used {key['used_at']}" if "used_at" in key else "never used"
    return f"{key['id']}  {'; '.join((', '.join(key['scopes']), *limits))}  {used}  {key['name']}"
