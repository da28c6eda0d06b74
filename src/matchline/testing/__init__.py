"""For tests of programs that talk to Matchline: a server of their own, whose time they move, and a telephone.

As a plugin of pytest (`plugin.py`) it needs no import; this works with any other test runner, too::

    with TestServer() as server:
        …
        server.call("+1 800 555 0100", "+1 415 555 0123")

pytest imports this package in every run: nothing of the server is loaded before it is needed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matchline.testing.server import Call, TestServer

__all__ = ["Call", "TestServer"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module("matchline.testing.server"), name)
