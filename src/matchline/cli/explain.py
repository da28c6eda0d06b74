"""matchline explain: why a call would match or not (rule 14)."""

import json
from collections.abc import Iterator
from typing import Any

import click
import httpx

from matchline.cli.calls import line
from matchline.cli.connection import ADMIN, answer, remember_target, run, target_options


@click.command("explain")
@target_options
@click.option("--number", required=True, help="The number that was called.")
@click.option("--phone", default="", help="The caller's number.")
@click.option("--digits", default="", help="What the caller keyed in.")
@click.option("--call-id", default="", help="The call's own id.")
@click.option("--service", default="match-interaction", show_default=True, help="The service that is asked.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(
    context: click.Context, /, store_url: str | None, server_url: str | None, as_json: bool, **call: str
) -> None:
    """Why a call would match or not now. Nothing is released, and no call is counted."""
    remember_target(context, store_url, server_url)

    async def work(client: httpx.AsyncClient) -> None:
        explanation = answer(await client.post(f"{ADMIN}/explain", json=call))
        if as_json:
            click.echo(json.dumps(explanation, indent=2, ensure_ascii=False))
        else:
            click.echo("\n".join(told(explanation)))

    run(context, work)


def told(explanation: dict[str, Any]) -> Iterator[str]:
    """An explanation as lines to read."""
    yield f"{explanation['verdict']} ({explanation['reason']})"
    yield "How it was read:"
    for reading in explanation["readings"]:
        yield f"  {reading}"
    yield "Reservations on this number:" if explanation["reservations"] else "No reservation on this number."
    for reservation in explanation["reservations"]:
        yield from _reservation(reservation)
    yield "Calls to this number:" if explanation["history"] else "No call to this number is in the call log."
    for entry in explanation["history"]:
        yield f"  {line(entry)}"


def _reservation(reservation: dict[str, Any]) -> Iterator[str]:
    whose = f"session {reservation['session']}" if reservation["session"] else "a session that was forgotten"
    phone = f", made for {reservation['phone']}" if "phone" in reservation else ""
    yield f"  {whose}{phone}: {reservation['when']}"
    for each in reservation["criteria"]:
        yield f"    {each['criterion']}: {each['finding']} ({each['why']})"
    if "weight" in reservation:
        answered = ": this one is answered" if reservation["answered"] == "true" else ""
        yield f"    → {reservation['weight']}{answered}"
