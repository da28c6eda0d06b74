"""The API's description tells the truth: Schemathesis asks a real server what the description allows, and more."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from ..acceptance.command import Server

EXAMPLES = 15  # of each operation, besides the boundary values of each parameter


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    server = Server(tmp_path_factory.mktemp("described"))
    try:
        server.start("--store", "memory://", "--port", "0")
        config = schemathesis.Config.from_dict({"generation": {"deterministic": True, "max-examples": EXAMPLES}})
        yield schemathesis.openapi.from_url(f"{server.client.base_url}/openapi.json", config=config)
        assert "Traceback" not in server.output
    finally:
        server.close()


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_does_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate()
