"""Where the store's clock is the authority, this node's follows it; it is not ready while the two do not agree."""

import asyncio
import logging

from matchline.clock import LARGEST_DIFFERENCE, FollowingClock, Reading
from matchline.engine.node import Node
from matchline.errors import Unavailable
from matchline.store import Store

INTERVAL_SECONDS = 1.0
LOOKS = 3  # at the authority's clock for one reading; the quickest answer tells most

# Two readings a second apart, each between two looks: clocks drift by less than a thousandth of this meanwhile.
LARGEST_JUMP = LARGEST_DIFFERENCE  # ms; of the uncertainty too

# Good readings in a row until a node is trusted again: health checks that ask every second notice the fault.
TRUSTED_AFTER = 3

log = logging.getLogger(__name__)


class Timekeeper:
    """Keeps one clock in step with its authority."""

    def __init__(self, store: Store, clock: FollowingClock, node: Node) -> None:
        self._store = store
        self._clock = clock
        self._node = node
        self._good = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Follow the authority, and judge it. A store that does not answer is the sweeper's to report."""
        try:
            reading = await read_clock(self._store)
        except Unavailable:
            return
        assert reading, "an authority stays one"
        fault = self._fault(reading)
        if fault is None:
            self._good += 1
            if self._good >= TRUSTED_AFTER:
                self._node.clock_fault = None
        else:
            log.warning("not ready for now: %s", fault)
            self._node.clock_fault = fault
            self._good = 0
        if reading.uncertainty <= LARGEST_JUMP:
            self._clock.offset = reading.offset

    def _fault(self, reading: Reading) -> str | None:
        if reading.uncertainty > LARGEST_JUMP:
            return f"the store's clock was read with an uncertainty of {reading.uncertainty:.0f} ms"
        jump = reading.offset - self._clock.offset
        if abs(jump) > LARGEST_JUMP:
            return f"the store's clock jumped by {jump:+.0f} ms against this machine's"
        return None


async def read_clock(store: Store) -> Reading | None:
    """The best of a few readings; None where the machine's clock is the authority. Raises Unavailable."""
    best = await store.time()
    for _ in range(LOOKS - 1 if best else 0):
        reading = await store.time()
        if reading and best and reading.uncertainty < best.uncertainty:
            best = reading
    return best
