"""The tests that every store must pass, for the stores of this package and for anybody else's.

A new store is tested by a class that inherits them all and has a fixture `store` that gives an empty, open
one. None of them may be overridden or skipped. They need pytest and the plugin that comes with anyio::

    import pytest
    from matchline.store.testing import StoreContract

    class TestMyStore(StoreContract):
        @pytest.fixture
        async def store(self):
            store = MyStore()
            await store.open()
            yield store
            await store.close()

`pytest.register_assert_rewrite("matchline.store.testing")` in a conftest.py makes failures tell more. A store
that serves several processes should be tested from several connections at once besides.
"""

import pytest

from matchline.store import Store
from matchline.store.testing.attendance import LoginContract, NodeContract, VisitContract
from matchline.store.testing.audit import AuditContract
from matchline.store.testing.browse import BrowseContract, ByHandContract, NumberUseContract
from matchline.store.testing.callbacks import BookingContract, CallbackContract
from matchline.store.testing.calls import (
    CallIdContract,
    DeletingMatchContract,
    RepeatWindowContract,
)
from matchline.store.testing.charts import ChartContract, ChartLeaseContract, ChartLifeContract
from matchline.store.testing.codes import CodesContract
from matchline.store.testing.configuration import ConfigurationContract
from matchline.store.testing.crowds import CrowdContract
from matchline.store.testing.events import DeliveryContract, EventContract
from matchline.store.testing.guessing import GuessingContract
from matchline.store.testing.history import HistoryContract
from matchline.store.testing.inquiries import CallLogContract, ForetellContract, ForgetContract
from matchline.store.testing.keys import KeysContract, MakerContract
from matchline.store.testing.matching import (
    AmbiguityContract,
    AtomicMatchContract,
    ExclusiveMatchingContract,
    MultipleMatchingContract,
    SharedMatchingContract,
)
from matchline.store.testing.overtaken import OvertakenContract
from matchline.store.testing.progress import ProgressContract
from matchline.store.testing.quotas import QuotaContract
from matchline.store.testing.records import MergeContract, OwnerContract, RecordContract
from matchline.store.testing.reserving import (
    ClaimContract,
    IdempotencyContract,
    LifeContract,
    RestContract,
    TurnContract,
)
from matchline.store.testing.sessions import (
    ReclaimContract,
    RenewContract,
    SessionContract,
    StrategyContract,
)
from matchline.store.testing.stage import Stage
from matchline.store.testing.sweeping import SweepContract


@pytest.mark.anyio
class StoreContract(
    ConfigurationContract,
    ClaimContract,
    TurnContract,
    CodesContract,
    LifeContract,
    RestContract,
    IdempotencyContract,
    SessionContract,
    ProgressContract,
    RenewContract,
    ReclaimContract,
    OvertakenContract,
    StrategyContract,
    ExclusiveMatchingContract,
    SharedMatchingContract,
    AmbiguityContract,
    MultipleMatchingContract,
    AtomicMatchContract,
    GuessingContract,
    QuotaContract,
    KeysContract,
    MakerContract,
    CrowdContract,
    CallIdContract,
    RepeatWindowContract,
    DeletingMatchContract,
    RecordContract,
    MergeContract,
    OwnerContract,
    SweepContract,
    CallLogContract,
    ForetellContract,
    ForgetContract,
    AuditContract,
    VisitContract,
    LoginContract,
    NodeContract,
    BrowseContract,
    NumberUseContract,
    ByHandContract,
    HistoryContract,
    EventContract,
    DeliveryContract,
    ChartContract,
    ChartLeaseContract,
    ChartLifeContract,
    CallbackContract,
    BookingContract,
):
    """Everything that a store must do."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def stage(self, store: Store) -> Stage:
        stage = Stage(store)
        await stage.open()
        return stage


__all__ = ["Stage", "StoreContract"]
