"""Finds charts for which there is something to do, and takes them as far as there is.

Each chart is one node's at a time: it has a lease of the store's, which is kept up while it is under way and ends by
itself when the node is gone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from matchline.charts import stepping
from matchline.charts.forwarding import Forwarding
from matchline.charts.performing import Performing
from matchline.charts.workers import Workers
from matchline.clock import SECOND
from matchline.engine import Engine
from matchline.engine.service import ORS
from matchline.errors import Unavailable
from matchline.kept.charting import ChartStep, ChartWork, Queued, runs_elsewhere
from matchline.scxml.faults import Stopped
from matchline.store import SWEEP_LIMIT

AT_ONCE = 64  # charts under way in one process; the rest waits in the store
ELSEWHERE_AT_ONCE = (
    256  # besides, of those that run elsewhere: nearly all wait for their server, which may hang
)

LEASE = 4 * SECOND  # another node goes on so long after the one that had a chart is gone
_KEEP_SECONDS = 1.0

LOOK_SECONDS = 0.1  # between looks for what other nodes and the clock bring
_SELDOM_SECONDS = 5.0  # while no service has charts: there may be some of services that were removed

_TRIM_SECONDS = 10.0
ANSWERS_KEPT = 600 * SECOND  # for requests that are repeated

log = logging.getLogger(__name__)


class Running:
    def __init__(
        self, engine: Engine, workers: Workers, performing: Performing, forwarding: Forwarding
    ) -> None:
        self._engine = engine
        self._workers = workers
        self._performing = performing
        self._forwarding = forwarding
        self._owner = engine.chance.new_id(engine.clock.now())
        self._mine: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        engine.charts.wake = self._woken.set

    async def run(self) -> None:
        """Until cancelled."""
        if self._engine.timekeeper is None:  # nobody else has this store
            await self._repeatedly(self._freed, LOOK_SECONDS, once=True)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_for_ever())
                group.create_task(self._repeatedly(self._keep, _KEEP_SECONDS))
                group.create_task(self._repeatedly(self._trim, _TRIM_SECONDS))
        finally:
            await self._stop()

    async def _stop(self) -> None:
        """What is under way is left to whoever has the store next."""
        mine = list(self._mine.values())
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await self._performing.stop()

    async def look(self) -> int:
        """Begin what is due; how much. Raises Unavailable."""
        room, now = AT_ONCE - (len(self._mine) - self._elsewhere), self._engine.clock.now()
        claimed = await self._engine.store.claim_charts(self._owner, now + LEASE, room, now) if room else ()
        for work in claimed:
            self._take(work)
        return len(claimed) + await self._performing.look()

    def _take(self, work: ChartWork) -> None:
        """What is left comes again when its lease is over."""
        full = runs_elsewhere(work.session_id) and self._elsewhere >= ELSEWHERE_AT_ONCE
        if work.session_id not in self._mine and not full:
            self._mine[work.session_id] = asyncio.create_task(self._guarded(work))

    @property
    def _elsewhere(self) -> int:
        return sum(map(runs_elsewhere, self._mine))

    async def _look_for_ever(self) -> None:
        while True:
            self._woken.clear()
            found = 0
            try:
                found = await self.look()
            except Unavailable as error:
                log.warning("charts are not looked for now: %s", error)
            except Exception:  # the next may not fail; without it no chart would go on
                log.exception("a look for charts failed")
            if not found:
                await self._rest()

    async def _rest(self) -> None:
        services = self._engine.keeper.current.services.values()
        some = any(each.builtin == ORS for each in services)
        try:
            async with asyncio.timeout(LOOK_SECONDS if some or self._mine else _SELDOM_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _guarded(self, work: ChartWork) -> None:
        try:
            if runs_elsewhere(work.session_id):
                await self._forwarding.forward(work)
            else:
                await self._drive(work)
        except Unavailable as error:
            log.warning("a chart waits for the store: %s", error)
        except Exception:
            log.exception("a chart's step failed, and is tried again")
        finally:
            self._mine.pop(work.session_id, None)
            self._woken.set()

    async def _drive(self, work: ChartWork) -> None:
        """Take a chart as far as there is something to do, each event in a step of its own."""
        queued = list(work.queued)
        more = True
        while more:
            event = queued.pop(0) if queued and work.snapshot is not None else None
            step = await self._step(work, event, more=bool(queued))
            if not await self._engine.store.advance_chart(step, self._engine.clock.now()):
                return  # another node has it
            self._tell(work, step)
            more = step.more
            work = replace(work, version=work.version + 1, snapshot=step.snapshot)

    async def _step(self, work: ChartWork, event: Queued | None, *, more: bool) -> ChartStep:
        clock, policy = self._engine.clock, self._engine.keeper.current.server.charts
        try:
            reply = await self._workers.ask(lambda: stepping.asked(work, event, policy, clock.now()))
        except Stopped as limit:
            return stepping.halted(work, event, str(limit))
        if reply.snapshot is None:
            why = reply.stopped or f"its document is refused: {reply.faults[0]}"
            return stepping.halted(work, event, why)
        return stepping.made(work, event, reply, lambda: self._engine.chance.new_id(clock.now()), more=more)

    def _tell(self, work: ChartWork, step: ChartStep) -> None:
        if step.stopped:
            log.warning("a chart of %s was stopped: %s", work.service, step.stopped)
        for response in step.responses:
            self._engine.charts.answered(response.request_id)

    async def _freed(self) -> None:
        await self._engine.store.free_charts()

    async def _keep(self) -> None:
        until = self._engine.clock.now() + LEASE
        if self._mine:
            await self._engine.store.keep_charts(self._owner, list(self._mine), until)

    async def _trim(self) -> None:
        before = self._engine.clock.now() - ANSWERS_KEPT
        while await self._engine.store.trim_charts(before, SWEEP_LIMIT) >= SWEEP_LIMIT:
            pass

    async def _repeatedly(
        self, act: Callable[[], Awaitable[None]], pause: float, *, once: bool = False
    ) -> None:
        """Until cancelled, or until it succeeded once."""
        while True:
            try:
                await act()
                if once:
                    return
            except Unavailable as error:
                log.warning("the store of charts does not answer: %s", error)
            await asyncio.sleep(pause)
