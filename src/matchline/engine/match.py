"""Matching: which session does this call belong to?"""

from msgspec import Struct

from matchline import codes, phone
from matchline.clock import SECOND, Clock
from matchline.engine.configure import Keeper
from matchline.store import Store
from matchline.verdict import Asked, MatchPolicy, NoneMatches, Query, Verdict


class Call(Struct, frozen=True):
    """A call as an IVR or an adapter reports it, in its own words."""

    access_number: str
    phone: str | None = None
    digits: str | None = None
    call_id: str | None = None


class Handling(Struct, frozen=True):
    """How a match service handles its calls; times in seconds."""

    policy: MatchPolicy
    with_values: bool
    delete: bool
    keep_multiple: bool
    ttl_after_match: int
    call_memory: int
    repeat_window: int


class Matching:
    def __init__(self, store: Store, clock: Clock, keeper: Keeper) -> None:
        self._store = store
        self._clock = clock
        self._keeper = keeper

    async def match(self, call: Call, handling: Handling) -> Verdict:
        """The verdict; what matched is settled and durable."""
        directory = self._keeper.current.directory
        asked = tuple(
            Asked(number.id, phone.caller(call.phone, directory.region(number)))
            for number in directory.find(call.access_number)
        )
        if not asked:
            return NoneMatches()
        query = Query(
            asked,
            codes.keyed(call.digits or ""),
            call.call_id,
            handling.policy,
            handling.with_values,
            handling.delete,
            handling.keep_multiple,
            handling.ttl_after_match * SECOND,
            handling.call_memory * SECOND,
            handling.repeat_window * SECOND,
        )
        return await self._store.match(query, self._clock.now())
