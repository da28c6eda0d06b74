"""The plugin of pytest. It is loaded in every run where Matchline is installed, so it imports nothing until asked."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from matchline.testing.server import Call, TestServer


@pytest.fixture
def matchline_configuration() -> str | None:
    """The text of a configuration file; tests that need another than the sample override this fixture."""
    return None


@pytest.fixture
def matchline_server(matchline_configuration: str | None) -> "Iterator[TestServer]":
    """A Matchline on a free port, with a clock that stands still until `advance` moves it."""
    from matchline.testing.server import TestServer

    with TestServer(matchline_configuration) as server:
        yield server


@pytest.fixture
def matchline_call(matchline_server: "TestServer") -> "Callable[..., Call]":
    """A call comes in: `matchline_call(to, from_, digits)`."""
    return matchline_server.call
