"""The settings of a process: command line over environment over the configuration file."""

import getpass
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from matchline.engine.declared import PROCESS_OPTIONS

DEFAULTS = {name: option.default or "" for name, option in PROCESS_OPTIONS.items()}
DEFAULT_STORE = DEFAULTS["store"]

# In a database's URL: after the user's name, or as a parameter.
_PASSWORD = re.compile(r"(?<=:)[^:/@?]+(?=@)|(?<=[?&]password=)[^&]*")

Command = TypeVar("Command", bound=Callable[..., Any])


def user() -> str:
    """Who runs this command, and where: for the audit trail."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


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


def place_in(file: Path, line: int) -> str:
    """As compilers tell it. Line 0 is the whole file."""
    return f"{file}:{line}" if line else f"{file}"


def without_password(store_url: str) -> str:
    """A store's URL as it may be shown."""
    return _PASSWORD.sub("***", store_url)
