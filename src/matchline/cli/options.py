"""matchline options: list, read and change the options of a store, through its server when one is running."""

from pathlib import Path

import click
import httpx

from matchline.cli.connection import ADMIN, Targeted, answer, remember_target, run, target_options
from matchline.wire import TOML


@click.group("options", cls=Targeted)
@target_options
@click.pass_context
def command(context: click.Context, store_url: str | None, server_url: str | None) -> None:
    """List, read and change options. A change is in force at once."""
    remember_target(context, store_url, server_url)


def _show(section: str, options: dict[str, str]) -> None:
    click.echo(f"[{section}]")
    for name, text in options.items():
        click.echo(f'{name} = "{text}"')


@command.command("list")
@click.pass_context
def list_sections(context: click.Context) -> None:
    """All sections and their options."""

    async def work(client: httpx.AsyncClient) -> None:
        for section, options in answer(await client.get(f"{ADMIN}/options"))["sections"].items():
            _show(section, options)
            click.echo()

    run(context, work)


@command.command("get")
@click.argument("section")
@click.argument("name", required=False)
@click.pass_context
def get(context: click.Context, section: str, name: str | None) -> None:
    """One section, or one option of it."""

    async def work(client: httpx.AsyncClient) -> None:
        options = answer(await client.get(f"{ADMIN}/options/{section}"))
        if name is None:
            _show(section, options)
        elif name in options:
            click.echo(options[name])
        else:
            raise ValueError(f"[{section}] {name} is not set")

    run(context, work)


@command.command("set")
@click.argument("section")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.pass_context
def set_options(context: click.Context, section: str, assignments: tuple[str, ...]) -> None:
    """Set options of a section, all in one step."""
    pairs = [assignment.partition("=") for assignment in assignments]
    if not all(equals for _, equals, _ in pairs):
        raise click.UsageError("say NAME=VALUE")
    wanted = {name: text for name, _, text in pairs}

    async def work(client: httpx.AsyncClient) -> None:
        _show(section, answer(await client.patch(f"{ADMIN}/options/{section}", json=wanted)))

    run(context, work)


@command.command("unset")
@click.argument("section")
@click.argument("names", nargs=-1)
@click.pass_context
def unset(context: click.Context, section: str, names: tuple[str, ...]) -> None:
    """Remove options of a section; without names the whole section."""

    async def work(client: httpx.AsyncClient) -> None:
        address = f"{ADMIN}/options/{section}"
        if names:
            _show(section, answer(await client.patch(address, json=dict.fromkeys(names))))
        else:
            answer(await client.delete(address))
            click.echo(f"[{section}] is removed.")

    run(context, work)


@command.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would be changed, and change nothing.")
@click.pass_context
def apply(context: click.Context, file: Path, dry_run: bool) -> None:
    """Make every section that FILE names as FILE says; other sections stay as they are."""
    run(context, lambda client: apply_text(client, file.read_bytes(), dry_run=dry_run))


async def apply_text(client: httpx.AsyncClient, text: bytes, *, dry_run: bool = False) -> None:
    """Apply a configuration file's text, and tell what it changed."""
    response = await client.post(
        f"{ADMIN}/options",
        params={"dry_run": str(dry_run).lower()},
        content=text,
        headers={"content-type": TOML},
    )
    changes = answer(response)["changes"]
    for change in changes:
        click.echo(change)
    click.echo("Nothing differs." if not changes else f"{len(changes)} changes{' (dry run)' * dry_run}.")
