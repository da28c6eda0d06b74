"""Two nodes, shared by the tests of one file; each test leaves their numbers free."""

from collections.abc import Iterator

import pytest

from tests.postgres import PostgresServer

from .cluster import Node, nodes


@pytest.fixture(scope="module", name="store_url")
def _store_url(postgres: PostgresServer) -> str:
    return postgres.empty()


@pytest.fixture(scope="module")
def pair(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with nodes(tmp_path_factory.mktemp("pair"), store_url, 2) as pair:
        yield pair
