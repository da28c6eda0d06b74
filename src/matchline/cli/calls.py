"""matchline calls: the call log."""

import json

import click
import httpx

from matchline.cli.connection import ADMIN, answer, remember_target, run, target_options
from matchline.kept.call_log import Outcome


@click.command("calls")
@target_options
@click.option("--number", help="Only calls to this number.")
@click.option("--caller", help="Only calls from this number, or from what is shown of it.")
@click.option("--verdict", type=click.Choice([*Outcome]), help="Only calls that were answered so.")
@click.option("--after", help="Older calls than these: the `next` of the page before.")
@click.option("--limit", type=int, help="At most so many calls.  [default: 100]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(
    context: click.Context, /, store_url: str | None, server_url: str | None, as_json: bool, **wanted: object
) -> None:
    """What calls were asked about, newest first, and what came of each."""
    remember_target(context, store_url, server_url)
    given = {name: str(value) for name, value in wanted.items() if value is not None}

    async def work(client: httpx.AsyncClient) -> None:
        page = answer(await client.get(f"{ADMIN}/calls", params=given))
        if as_json:
            click.echo(json.dumps(page, indent=2, ensure_ascii=False))
            return
        for entry in page["calls"]:
            click.echo(line(entry))
        if "next" in page:
            click.echo(f"Older calls: --after {page['next']}")

    run(context, work)


def line(entry: dict[str, str]) -> str:
    """Such as: 12 s ago: 100 asked by …23: no-match (other-phone)."""
    caller = entry.get("caller", "nobody known")
    told = [f"{entry['seconds_ago']} s ago: {entry['number']} asked by {caller}: {entry['verdict']}"]
    told += [f"({entry['reason']}{', late' * (entry['late'] == 'true')})"]
    told += [f"session {entry['session']}"] if "session" in entry else []
    told += [f"call {entry['call_id']}"] if "call_id" in entry else []
    return " ".join((*told, f"through {entry['service']}"))
