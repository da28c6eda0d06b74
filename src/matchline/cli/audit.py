"""matchline audit: who changed what of the configuration."""

from typing import Any

import click
import httpx

from matchline.cli.connection import ADMIN, answer, remember_target, run, target_options


@click.command("audit")
@target_options
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many entries."
)
@click.option("--before", type=click.IntRange(1), help="Only entries older than this one.")
@click.pass_context
def command(
    context: click.Context, store_url: str | None, server_url: str | None, limit: int, before: int | None
) -> None:
    """Who changed what of the configuration, newest first. Secrets are not shown."""
    remember_target(context, store_url, server_url)
    asked = {"limit": limit, **({"before": before} if before else {})}

    async def work(client: httpx.AsyncClient) -> None:
        for entry in answer(await client.get(f"{ADMIN}/audit", params=asked))["entries"]:
            _show(entry)

    run(context, work)


def _show(entry: dict[str, Any]) -> None:
    click.echo(f"{entry['id']}  {entry['time']}  {entry['who']}: {entry['what']}")
    before, after = entry["before"], entry["after"]
    for name in dict.fromkeys((*before, *after)):
        click.echo(f"    {name}: {before.get(name, 'not set')} → {after.get(name, 'not set')}")
