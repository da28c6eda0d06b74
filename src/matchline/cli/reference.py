"""matchline reference: write the reference pages that follow from the declarations."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from matchline.engine.declared import GROUP_OPTIONS, SERVER_OPTIONS, STORAGE_OPTIONS
from matchline.engine.service import COMMON_OPTIONS
from matchline.errors import Fault
from matchline.options import Option
from matchline.wiring import SERVICES

_GENERATED = (
    "<!-- Written by `make docs` from the declarations in the code. Change those, not this page. -->\n"
)


@click.command("reference", hidden=True)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write the reference pages into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text)


def pages() -> Mapping[str, str]:
    """File name → text of every reference page."""
    return {
        "options.md": _GENERATED + "\n".join(_options()),
        "errors.md": _GENERATED + "\n".join(_errors()),
    }


def _options() -> Iterator[str]:
    yield "# Options\n"
    yield "Options live in sections of the configuration file and of the store. A change is in force at once, on"
    yield "every node. *Request* marks those that a request may give as a parameter; it wins over the configured"
    yield "value, which wins over the default. An option that is set to nothing counts as not set.\n"
    yield from _table("`[server]`", SERVER_OPTIONS.values())
    yield from _table("`[storage]`: files in user data and in the Storage API", STORAGE_OPTIONS.values())
    yield from _table("`[resources.<group>]`: a resource group", GROUP_OPTIONS.values())
    yield "In the file, `numbers` lists the group's access numbers, in any spelling.\n"
    yield from _table("`[service.<name>]`: every service", COMMON_OPTIONS.values())
    yield "Any other name that is a valid ECMAScript variable name without a leading `_` is a parameter of your"
    yield "own: a value of user data that a request may replace, and what `$name$` in other options refers to.\n"
    for service in SERVICES.values():
        yield from _table(f"`{service.name}`", service.options, service.summary)


def _table(title: str, options: Iterable[Option], summary: str = "") -> Iterator[str]:
    yield f"## {title}\n"
    if summary:
        yield f"{summary}\n"
    yield "| option | default | valid values | request | meaning |"
    yield "| --- | --- | --- | --- | --- |"
    for option in options:
        default = f"`{option.default}`" if option.default else "**mandatory**" if option.mandatory else "none"
        request = "yes" if option.request else ""
        yield f"| `{option.name}` | {default} | {option.kind.values} | {request} | {option.doc} |"
    yield ""


def _errors() -> Iterator[str]:
    yield "# Errors\n"
    yield "Every error answers JSON: `exception` is its stable name, `message` one sentence for the caller. With 503"
    yield "comes `Retry-After`, in seconds.\n"
    yield "| status | `exception` | meaning |"
    yield "| --- | --- | --- |"
    for fault in sorted(Fault.__subclasses__(), key=lambda each: (each.status, each.__name__)):
        yield f"| {fault.status} | `{fault.__name__}` | {(fault.__doc__ or '').strip()} |"
    yield ""
