"""matchline resources: the resource groups and their numbers, through the server when one is running."""

from urllib.parse import quote

import click
import httpx

from matchline.cli.connection import ADMIN, Targeted, answer, remember_target, run, target_options

GROUPS = f"{ADMIN}/resources"


@click.group("resources", cls=Targeted)
@target_options
@click.pass_context
def command(context: click.Context, store_url: str | None, server_url: str | None) -> None:
    """List resource groups, add numbers to them, drain numbers."""
    remember_target(context, store_url, server_url)


@command.command("list")
@click.pass_context
def list_groups(context: click.Context) -> None:
    """The groups, and what their numbers do now."""

    async def work(client: httpx.AsyncClient) -> None:
        for group in answer(await client.get(GROUPS))["groups"]:
            click.echo(_line(group))

    run(context, work)


@command.command("show")
@click.argument("group")
@click.pass_context
def show(context: click.Context, group: str) -> None:
    """One group with its numbers."""

    async def work(client: httpx.AsyncClient) -> None:
        described = answer(await client.get(f"{GROUPS}/{quote(group, safe='')}"))
        click.echo(_line(described))
        for number in described["numbers"]:
            click.echo(f"  {number['number']}{' (draining)' if number['draining'] == 'true' else ''}")

    run(context, work)


@command.command("add")
@click.argument("group")
@click.argument("numbers", nargs=-1, required=True)
@click.pass_context
def add(context: click.Context, group: str, numbers: tuple[str, ...]) -> None:
    """Add NUMBERS to GROUP; one that drains is taken back."""

    async def work(client: httpx.AsyncClient) -> None:
        address = f"{GROUPS}/{quote(group, safe='')}/numbers"
        click.echo(_line(answer(await client.post(address, json={"numbers": numbers}))))

    run(context, work)


@command.command("remove")
@click.argument("group")
@click.argument("numbers", nargs=-1, required=True)
@click.pass_context
def remove(context: click.Context, group: str, numbers: tuple[str, ...]) -> None:
    """Drain NUMBERS of GROUP: no new reservations, gone when the last has ended."""

    async def work(client: httpx.AsyncClient) -> None:
        for number in numbers:
            address = f"{GROUPS}/{quote(group, safe='')}/numbers/{quote(number, safe='')}"
            click.echo(_line(answer(await client.delete(address))))

    run(context, work)


def _line(group: dict[str, str]) -> str:
    counts = ", ".join(f"{group[name]} {name}" for name in ("free", "reserved", "cooling") if name in group)
    return (
        f"{group['group']} ({group['strategy']}): {group['total']} numbers{f': {counts}' if counts else ''}"
    )
