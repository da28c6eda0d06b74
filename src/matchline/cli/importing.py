"""matchline import: take over the configuration of another product."""

from pathlib import Path

import click

from matchline.cli.connection import remember_target, run, target_options
from matchline.cli.options import apply_text
from matchline.cli.settings import place_in
from matchline.gms.export import read
from matchline.gms.mapping import map_export
from matchline.gms.writing import toml_text
from matchline.options import Region
from matchline.wiring import DECLARED


@click.group("import")
def command() -> None:
    """Take over the configuration of another product."""


@command.command("gms")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--region", metavar="REGION", help="Where national numbers are read, such as US.")
@click.option("--apply", is_flag=True, help="Apply the configuration to the store instead of printing it.")
@target_options
@click.pass_context
def gms(
    context: click.Context,
    file: Path,
    region: str | None,
    apply: bool,
    store_url: str | None,
    server_url: str | None,
) -> None:
    """Turn an options export of Genesys Mobile Services (INI form) into a configuration file.

    The configuration goes to standard output; what of FILE is not in it, and why, to standard error.
    """
    known_region = _region(region) if region else None
    document, remarks = map_export(read(file.read_bytes()), DECLARED, known_region)
    for remark in remarks:
        click.echo(f"{place_in(file, remark.line)}: {remark}", err=True)
    text = toml_text(document)
    if apply:
        remember_target(context, store_url, server_url)
        run(context, lambda client: apply_text(client, text.encode()))
    else:
        click.echo(text, nl=False)


def _region(text: str) -> str:
    try:
        return Region().parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--region") from None
