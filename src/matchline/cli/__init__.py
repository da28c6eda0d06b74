"""The command `matchline`: one file per command, discovered by its `command`."""

from importlib import import_module
from pkgutil import iter_modules

import click

from matchline import __version__
from matchline.cli.settings import user
from matchline.errors import Fault, Unavailable
from matchline.observing.context import act_as


@click.group(context_settings={"auto_envvar_prefix": "MATCHLINE", "help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="matchline")
def cli() -> None:
    """Matchline: which app session does this phone call belong to?"""


def _discover() -> None:
    for found in iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "command"):
            cli.add_command(module.command)


def main() -> None:
    """Run the command; what a user can mend is one sentence on stderr and exit status 1."""
    _discover()
    act_as(user())
    try:
        cli()
    except Unavailable as error:
        raise SystemExit(f"matchline: {error}") from None
    except Fault as fault:
        raise SystemExit(f"matchline: {fault.message}") from None
    except ValueError as error:
        raise SystemExit(f"matchline: {error}") from None
