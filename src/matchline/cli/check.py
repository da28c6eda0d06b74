"""matchline check: every fault of a configuration file at once, each with its place."""

from pathlib import Path

import click

from matchline.cli.settings import config_option, place_in
from matchline.engine.document import Document
from matchline.wiring import read_document


@click.command("check")
@config_option
def command(config_path: Path | None) -> None:
    """Check a configuration file; exit 1 when anything is wrong with it."""
    if config_path is None:
        raise click.UsageError("name the file with --config")
    document = document_at(config_path)
    numbers = sum(map(len, document.numbers.values()))
    click.echo(f"{config_path} is in order: {len(document.sections)} sections, {numbers} numbers.")


def document_at(config_path: Path) -> Document:
    """What a configuration file says; every fault of it is told, and ends the process."""
    try:
        text = config_path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{place_in(config_path, line)}: is not valid UTF-8") from None
    document, faults = read_document(text)
    for fault in faults:
        click.echo(f"{place_in(config_path, fault.line)}: {fault.message}", err=True)
    if faults:
        raise SystemExit(1)
    return document
