"""matchline check: every fault of a configuration file at once, each with its place."""

from pathlib import Path

import click

from matchline.cli.settings import config_option
from matchline.wiring import read_document


@click.command("check")
@config_option
def command(config_path: Path | None) -> None:
    """Check a configuration file; exit 1 when anything is wrong with it."""
    if config_path is None:
        raise click.UsageError("name the file with --config")
    document, faults = read_document(config_path.read_text())
    for fault in faults:
        click.echo(f"{config_path}:{fault.line}: {fault.message}", err=True)
    if faults:
        raise SystemExit(1)
    numbers = sum(map(len, document.numbers.values()))
    click.echo(f"{config_path} is in order: {len(document.sections)} sections, {numbers} numbers.")
