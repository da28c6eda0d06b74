"""matchline forget: what is known of a person goes."""

import click
import httpx

from matchline.cli.connection import ADMIN, answer, remember_target, run, target_options

_LONGEST = 600.0  # seconds; a hundred thousand sessions take some, and there may be millions


@click.command("forget")
@target_options
@click.option("--phone", required=True, help="The person's telephone number.")
@click.option("--dry-run", is_flag=True, help="Tell what would be removed, and remove nothing.")
@click.pass_context
def command(
    context: click.Context, store_url: str | None, server_url: str | None, phone: str, dry_run: bool
) -> None:
    """Remove what is known of whoever has this number, and tell how much that was."""
    remember_target(context, store_url, server_url)

    async def work(client: httpx.AsyncClient) -> None:
        params = {"dry_run": str(dry_run).lower()}
        asked = client.post(f"{ADMIN}/forget", params=params, json={"phone": phone}, timeout=_LONGEST)
        forgotten = answer(await asked)
        for kind, count in forgotten.items():
            if count != "0":
                click.echo(f"{kind}: {count}")
        known = any(count != "0" for count in forgotten.values())
        click.echo(("Would be removed." if dry_run else "Removed.") if known else "Nothing is known.")

    run(context, work)
