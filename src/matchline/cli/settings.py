"""The settings of a process: command line over environment over the configuration file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

DEFAULT_STORE = "sqlite:///var/matchline.db"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080

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
        help=f"sqlite:///PATH or memory://  [default: {DEFAULT_STORE}]",
    )(function)
