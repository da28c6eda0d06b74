"""The settings of a process: command line over environment over the configuration file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from matchline.engine.declared import PROCESS_OPTIONS

DEFAULTS = {name: option.default or "" for name, option in PROCESS_OPTIONS.items()}
DEFAULT_STORE = DEFAULTS["store"]

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(function: Command) -> Command:
    return click.option(
        "--config",
        "config_path",
        envvar="MATCHLINE_CONFIG",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The configuration file (TOML).",
    )(function)


def store_option(function: Command) -> Command:
    return click.option(
        "--store",
        "store_url",
        envvar="MATCHLINE_STORE",
        metavar="URL",
        help=f"sqlite:///PATH, postgresql://… or memory://  [default: {DEFAULT_STORE}]",
    )(function)
