"""The sweeper: removes what is over, a little at a time. No answer depends on it (rule 15)."""

import asyncio
import logging

from matchline.clock import SECOND, Clock
from matchline.engine.configure import Keeper
from matchline.engine.node import Node
from matchline.errors import Unavailable
from matchline.store import SWEEP_LIMIT, Store

INTERVAL_SECONDS = 1.0

_DAY = 86_400 * SECOND

log = logging.getLogger(__name__)


class Sweeper:
    def __init__(self, store: Store, clock: Clock, keeper: Keeper, node: Node) -> None:
        self._store = store
        self._clock = clock
        self._keeper = keeper
        self._node = node

    async def run(self) -> None:
        """Sweep until cancelled, and keep the node's opinion of its store fresh on the way."""
        while True:
            try:
                await self.sweep()
                await self._store.check()  # a sweep that finds nothing writes nothing, also on a full disk
                self._node.store_answers = True
            except Unavailable as error:
                if self._node.store_answers:
                    log.error("the store does not answer: %s", error)  # noqa: TRY400 - the sentence is enough
                self._node.store_answers = False
            except Exception:  # the next may not fail; without sweeps the store would grow for ever
                log.exception("a sweep failed")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def sweep(self) -> None:
        """Everything that is over now."""
        await self._trim_call_log()
        while True:
            swept = await self._store.sweep(self._clock.now())
            if swept.numbers:
                await self._keeper.load()
            if swept.total < SWEEP_LIMIT:
                return
            await asyncio.sleep(0)

    async def _trim_call_log(self) -> None:
        """The option holds for what is kept already: it is looked at now."""
        before = self._clock.now() - self._keeper.current.server.call_log_days * _DAY
        while await self._store.trim_calls(before, SWEEP_LIMIT) == SWEEP_LIMIT:
            pass
