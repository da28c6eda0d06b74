"""matchline reference: write the reference pages that follow from the declarations."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from matchline.adapters import LINE_OPTIONS
from matchline.chance import SystemChance
from matchline.clock import SystemClock
from matchline.engine import Engine
from matchline.engine.declared import EVENTS_OPTIONS, GROUP_OPTIONS, SERVER_OPTIONS, STORAGE_OPTIONS
from matchline.engine.service import COMMON_OPTIONS
from matchline.errors import Fault
from matchline.http.operation import Operation
from matchline.http.page import ApiPage
from matchline.observing.metrics import METRICS
from matchline.options import Option
from matchline.principal import ANYONE, Scope, Scopes
from matchline.store import open_store
from matchline.wire import BASE_PATH
from matchline.wiring import ADAPTERS, DECLARED, SERVICES, api_groups

ASK = f"{BASE_PATH}/service/{{name}}"

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
        "access.md": _GENERATED + "\n".join(_access()),
        "metrics.md": _GENERATED + "\n".join(_metrics()),
    }


def _options() -> Iterator[str]:
    yield "# Options\n"
    yield "Options live in sections of the configuration file and of the store. A change is in force at once, on"
    yield "every node. *Request* marks those that a request may give as a parameter; it wins over the configured"
    yield "value, which wins over the default. An option that is set to nothing counts as not set.\n"
    yield from _table("`[server]`", SERVER_OPTIONS.values())
    yield from _table("`[storage]`: files in user data and in the Storage API", STORAGE_OPTIONS.values())
    yield "## `[port_restrictions]`: which addresses are served on which ports\n"
    yield "Each name is a pattern of addresses in which `*` stands for anything, such as `/genesys/1/storage*`; its"
    yield "value a list of ports and ranges, such as `92-98,100`. The longest pattern that fits counts; an address"
    yield "that none fits is served on every port.\n"
    yield from _table("`[events]`: what other programs are told", EVENTS_OPTIONS.values())
    yield from _table("`[resources.<group>]`: a resource group", GROUP_OPTIONS.values())
    yield "In the file, `numbers` lists the group's access numbers, in any spelling.\n"
    yield from _table("`[service.<name>]`: every service", COMMON_OPTIONS.values())
    yield "Any other name that is a valid ECMAScript variable name without a leading `_` is a parameter of your"
    yield "own: a value of user data that a request may replace, and what `$name$` in other options refers to.\n"
    for service in SERVICES.values():
        yield from _table(f"`{service.name}`", service.options, service.summary)
    yield from _table("`[adapter.<name>]`: every line to a telephony platform", LINE_OPTIONS)
    for adapter in ADAPTERS.values():
        yield from _table(f'`_type = "{adapter.name}"`', adapter.options, adapter.summary)


def _metrics() -> Iterator[str]:
    yield "# Metrics\n"
    yield "What `/metrics` tells, in Prometheus' text format. No label holds anything of a customer. What is not"
    yield "said to be of the whole installation is of the process that was asked; the workers of one `serve` are"
    yield "added up.\n"
    yield "| name | kind | labels | meaning |"
    yield "| --- | --- | --- | --- |"
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        yield f"| `{metric.name}` | {metric.kind} | {labels} | {metric.doc} |"
    yield ""


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


def _access() -> Iterator[str]:
    yield "# Who may ask for what\n"
    yield "Once any credentials are configured. What keys with the scope `app` may touch is what they made; what the"
    yield "passwords of a part open is that part. [Authentication](../security/access.md) says it in words.\n"
    yield "| operation | no credentials | `app` | `ivr` | `admin` |"
    yield "| --- | --- | --- | --- | --- |"
    for operation in _operations():
        path = operation.path.replace(":path}", "}")
        if operation.method == "POST" and path == ASK:
            for service in SERVICES.values():
                yield _scopes_row(f"`POST {path}`, bound to `{service.name}`", service.scopes)
        yield _scopes_row(f"`{operation.method} {path}`", operation.scopes)
    yield ""


def _operations() -> Iterator[Operation]:
    engine = Engine(open_store("memory://"), SystemClock(), SystemChance(), DECLARED)
    for group in api_groups(engine).values():
        yield from group
    yield from ApiPage(dict).operations()


def _scopes_row(what: str, scopes: Scopes) -> str:
    allowed = (scopes is ANYONE, *(scopes is ANYONE or scope in scopes for scope in Scope))
    return f"| {what} | {' | '.join('yes' if each else 'no' for each in allowed)} |"
