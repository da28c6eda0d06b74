"""The store in memory keeps the contract."""

from collections.abc import AsyncIterator

import pytest

from matchline.store import Store
from matchline.store.memory import MemoryStore
from matchline.store.testing import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[Store]:
        store = MemoryStore()
        await store.open()
        yield store
        await store.close()
