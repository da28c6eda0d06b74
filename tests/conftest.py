"""What tests of several folders share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import PostgresServer, postgres_server
from tests.privacy.hearing import HEARING, Eavesdropper

# On a busy machine one example may take long without a fault.
settings.register_profile("matchline", deadline=None)
settings.load_profile("matchline")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Eavesdropper(HEARING))


@pytest.fixture(scope="session", name="postgres")
def _postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server
