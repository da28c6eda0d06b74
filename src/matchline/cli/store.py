"""matchline store: back a store up, restore it, copy it into another, migrate it."""

import shlex
from pathlib import Path

import click

from matchline.cli.settings import DEFAULT_STORE, store_option
from matchline.store import backup, open_store
from matchline.store.copy import copy_store
from matchline.store.migrations import Phase, migrate

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


@click.group("store")
def command() -> None:
    """Back a store up, restore it, copy it into another, migrate it."""


@command.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@store_option
@click.option("--force", is_flag=True, help="Replace FILE when it exists.")
def back_up(file: Path, store_url: str | None, force: bool) -> None:
    """Copy a store to FILE, also while its server runs: one consistent moment of it, checked."""
    url = store_url or DEFAULT_STORE
    if url.startswith(_POSTGRES):
        command = shlex.join(("pg_dump", "--format=custom", f"--file={file}", url))
        raise ValueError(f"PostgreSQL has a backup of its own: {command}")
    backup.back_up(_sqlite_path(url), file, force=force)
    click.echo(f"{file} is a backup of {url}.")


@command.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@store_option
def restore(file: Path, store_url: str | None) -> None:
    """Put the backup FILE where a store is to be; nothing may be there yet."""
    url = store_url or DEFAULT_STORE
    if url.startswith(_POSTGRES):
        raise ValueError(f"PostgreSQL has a restore of its own: pg_restore --dbname={url} {file}")
    backup.restore(file, _sqlite_path(url))
    click.echo(f"{url} is restored from {file}.")


@command.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def copy(source: str, target: str) -> None:
    """Copy everything of the store FROM into the empty store TO, both named by URLs; no server may use them."""
    counts = copy_store(source, target)
    for table, count in counts.items():
        click.echo(f"{count:>10,} {table}")
    click.echo(f"{target} holds what {source} holds.")


@command.command("migrate")
@store_option
@click.option("--post", is_flag=True, help="The second phase: when no server of the version before is left.")
def bring_up_to_date(store_url: str | None, post: bool) -> None:
    """Bring the tables of a store of an older version up to date; without --post servers of that version go on."""
    url = store_url or DEFAULT_STORE
    open_store(url)  # a URL that is none, or whose driver is missing, is refused in a sentence
    ran = migrate(url, Phase.POST if post else Phase.PRE)
    for migration in ran:
        click.echo(f"{migration} is done.")
    if not ran:
        click.echo(f"{url}: there is nothing to be done.")


def _sqlite_path(url: str) -> Path:
    path = url.removeprefix(_SQLITE)
    if not path or path == url:
        raise ValueError(f"{url} is no store in a file: name one as {_SQLITE}PATH")
    return Path(path)
