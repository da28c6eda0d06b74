"""The historian: looks at every resource group once a minute, and notes what happened to it since.

One node looks at the levels, whoever has the lease; every node adds what it counted itself.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator

from matchline.chance import Chance
from matchline.clock import SECOND, Clock, Instant
from matchline.engine.configure import Keeper
from matchline.engine.policy import Group
from matchline.errors import Unavailable, UnknownResourceGroup
from matchline.kept.history import MINUTE, PoolSample, minute_of
from matchline.observing import metrics as m
from matchline.observing.metrics import Metrics
from matchline.store import SWEEP_LIMIT, Store

KEEP = 48 * 60 * MINUTE  # today and yesterday, to be compared

_LEASE_NAME = "history"
_LEASE = 3 * MINUTE // 2  # whoever looked last looks again, unless it is gone

_Counts = Counter[str]  # by group

log = logging.getLogger(__name__)


class Historian:
    def __init__(self, store: Store, clock: Clock, chance: Chance, keeper: Keeper, metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._keeper = keeper
        self._metrics = metrics
        self._owner = chance.new_id(clock.now())
        self._told: tuple[_Counts, _Counts] = (
            Counter(),
            Counter(),
        )  # reserved and exhausted, as noted so far

    async def samples(self, group: str, since: Instant) -> tuple[PoolSample, ...]:
        """How a group fared from this instant on, at most `KEEP` ago; a minute that nobody looked at is left out.

        Raises UnknownResourceGroup.
        """
        if group not in self._keeper.current.groups:
            raise UnknownResourceGroup(group)
        return await self._store.samples(group, since)

    async def run(self) -> None:
        """Note each minute that is over, until cancelled."""
        while True:
            await asyncio.sleep((MINUTE - self._clock.now() % MINUTE) / SECOND)
            try:
                await self.note()
            except Unavailable as error:
                log.warning("how the resource groups fare is not noted now: %s", error)

    async def note(self) -> None:
        """Note the minute that has just ended. Raises Unavailable; what was counted is noted the next time then."""
        now = self._clock.now()
        at = minute_of(now - MINUTE // 2)  # a clock may wake a little early or late
        counted = self._counted()
        samples = list(self._happened(at, counted))
        if await self._store.take_lease(_LEASE_NAME, self._owner, now + _LEASE, now):
            samples += [await self._look(group, at, now) for group in self._keeper.current.groups.values()]
            while await self._store.trim_samples(now - KEEP) == SWEEP_LIMIT:
                pass
        if samples:
            await self._store.add_samples(samples)
        self._told = counted

    def _counted(self) -> tuple[_Counts, _Counts]:
        """Reservations made and requests refused, since this process began."""
        made = self._metrics.counted(m.RESERVATIONS)
        reserved = Counter({group: count for (group, kind), count in made.items() if kind == "reserved"})
        exhausted = Counter({group: count for (group,), count in self._metrics.counted(m.EXHAUSTED).items()})
        return reserved, exhausted

    def _happened(self, at: Instant, counted: tuple[_Counts, _Counts]) -> Iterator[PoolSample]:
        reserved, exhausted = (now - before for now, before in zip(counted, self._told, strict=True))
        for group in sorted({*reserved, *exhausted}):
            yield PoolSample(at, group, reserved=reserved[group], exhausted=exhausted[group])

    async def _look(self, group: Group, at: Instant, now: Instant) -> PoolSample:
        if not group.strategy.exclusive:
            return PoolSample(at, group.name, held=await self._store.open_on_shared(group.name))
        pool = await self._store.pool(group.name, now)
        return PoolSample(at, group.name, pool.free, pool.reserved, pool.cooling)
