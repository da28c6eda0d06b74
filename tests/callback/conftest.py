"""What the tests of a module share: one server in process, so that its worker starts once."""

import pytest


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"
