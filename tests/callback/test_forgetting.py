"""Who is forgotten is called back by no one."""

from pathlib import Path

import pytest

from tests.callback.office import office
from tests.http.api import CALLER, STRANGER, body

pytestmark = pytest.mark.anyio

TUESDAY = "2026-11-24T09:30:00Z"


@pytest.mark.parametrize("store", ["memory://", "sqlite"])
async def test_a_forgotten_customers_callbacks_are_gone(tmp_path: Path, store: str) -> None:
    url = store if store == "memory://" else f"sqlite:///{tmp_path / 'store.db'}"
    async with office(tmp_path, url) as api:
        await api.booked(TUESDAY)
        await api.booked()
        other = await api.booked(TUESDAY, _customer_number=STRANGER)

        removed = body(await api.post("/admin/forget", json={"phone": CALLER}))

        assert (removed["sessions"], removed["records"]) == ("2", "2")
        assert await api.found(_customer_number=CALLER) == []
        assert [each["_id"] for each in await api.found(_customer_number=STRANGER)] == [other["_id"]]
