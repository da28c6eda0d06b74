"""Events of what settles nothing: several at once are written in a step of their own, a moment later.

They are few as a rule; of a flood more than there is room for are dropped, and said to be.
"""

import asyncio
import logging
from collections import deque

from matchline.clock import Clock
from matchline.engine.configure import Keeper
from matchline.errors import Unavailable
from matchline.kept.events import Event, EventType
from matchline.store import Store
from matchline.verdict import Query

INTERVAL_SECONDS = 0.2
ROOM = 10_000  # events that wait to be written

log = logging.getLogger(__name__)


class Notes:
    def __init__(self, store: Store, clock: Clock, keeper: Keeper) -> None:
        self._store = store
        self._clock = clock
        self._keeper = keeper
        self._waiting: deque[Event] = deque()
        self._dropped = 0

    def add(self, event: Event) -> None:
        if event.type not in self._keeper.current.events.recording:
            return
        if len(self._waiting) < ROOM:
            self._waiting.append(event)
        else:
            self._dropped += 1

    def add_call(self, type_: EventType, query: Query, service: str) -> None:
        """Of a call that no session was given to: the first reading of its number is named."""
        if type_ not in self._keeper.current.events.recording:
            return
        number = self._keeper.current.directory.number(query.numbers[0].number_id)
        if number:
            self.add(Event(type_, service=service, group=number.group, number=number.text))

    async def write(self) -> None:
        """Raises Unavailable; what was to be written waits on then."""
        if self._dropped:
            log.warning("%d events were dropped: too many came at once", self._dropped)
            self._dropped = 0
        events = list(self._waiting)
        if events:
            await self._store.add_events(events, self._clock.now())
            for _ in events:
                self._waiting.popleft()

    async def run(self) -> None:
        """Until cancelled; what waits then is written at last."""
        try:
            while True:
                await asyncio.sleep(INTERVAL_SECONDS)
                await self._try_to_write()
        finally:
            await self._try_to_write()

    async def _try_to_write(self) -> None:
        try:
            await self.write()
        except Unavailable as error:
            log.warning("events are not written yet: %s", error)
