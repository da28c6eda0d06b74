"""Looks after the sessions whose apps listen: one look at all of this node's, however many there are.

Nothing is written for it, so that a match costs the same whether its app listens or not, and any node can tell.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from matchline.clock import Clock
from matchline.engine.node import Node
from matchline.errors import Unavailable
from matchline.kept.progress import Progress
from matchline.store import Store

LOOK_SECONDS = 0.5  # between looks
AT_ONCE = 250  # sessions of one step, so that it holds up no one for long


class Watcher:
    """What one listener sees of a session."""

    def __init__(self, progress: Progress) -> None:
        self._latest = progress
        self._woken = asyncio.Event()

    def see(self, progress: Progress) -> None:
        if progress != self._latest:
            self._latest = progress
            self._woken.set()

    def wake(self) -> None:
        self._woken.set()

    async def next(self, seconds: float) -> Progress:
        """How the session fares as soon as that has changed, or when this time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()
        return self._latest


class Lookout:
    def __init__(self, store: Store, clock: Clock, node: Node) -> None:
        self._store = store
        self._clock = clock
        self._node = node
        self._watchers: dict[str, set[Watcher]] = {}
        self._watched = asyncio.Event()

    async def progress(self, session_id: str) -> Progress:
        return (await self._store.progress([session_id], self._clock.now()))[session_id]

    @contextmanager
    def watching(self, session_id: str, progress: Progress) -> Iterator[Watcher]:
        """While this lasts the session is looked after; `progress` is how it fares as far as is known."""
        watcher = Watcher(progress)
        self._watchers.setdefault(session_id, set()).add(watcher)
        self._watched.set()
        try:
            yield watcher
        finally:
            others = self._watchers[session_id]
            others.remove(watcher)
            if not others:
                del self._watchers[session_id]

    async def look(self) -> None:
        """At all that are looked after. Raises Unavailable."""
        watched = list(self._watchers)
        for first in range(0, len(watched), AT_ONCE):
            session_ids = watched[first : first + AT_ONCE]
            found = await self._store.progress(session_ids, self._clock.now())
            for session_id, progress in found.items():
                for watcher in self._watchers.get(session_id, ()):
                    watcher.see(progress)
            await asyncio.sleep(0)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if not self._watchers:
                self._watched.clear()
                await self._watched.wait()
            with suppress(Unavailable):  # those who listen wait on; the sweeper says what is wrong
                await self.look()
            if self._node.draining:
                self._send_away()
            await asyncio.sleep(LOOK_SECONDS)

    def _send_away(self) -> None:
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.wake()
