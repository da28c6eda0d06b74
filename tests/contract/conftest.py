"""Failures of the contract tests are told in full, although they stand outside the test folder."""

from collections.abc import AsyncIterator

import pytest

pytest.register_assert_rewrite("matchline.store.testing")  # before anything imports it

from tests.postgres import PostgresServer  # noqa: E402
from tests.proxy import Proxy, proxy_before  # noqa: E402

from matchline.store.postgres import PostgresStore  # noqa: E402
from matchline.store.testing import Stage  # noqa: E402


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """Of an empty database."""
    return postgres.empty()


class ProxiedStage(Stage):
    """A stage whose store reaches its database through a proxy."""

    def __init__(self, store: PostgresStore, proxy: Proxy) -> None:
        super().__init__(store)
        self.proxy = proxy


@pytest.fixture
async def proxied(postgres: PostgresServer, postgres_url: str) -> AsyncIterator[ProxiedStage]:
    async with proxy_before(postgres.socket) as (proxy, port):
        folder = postgres.socket.parent
        store = PostgresStore(postgres_url.replace(f"host={folder}", f"host=127.0.0.1&port={port}"))
        await store.open()
        stage = ProxiedStage(store, proxy)
        await stage.open()
        yield stage
        await store.close()
