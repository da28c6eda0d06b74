"""This node tells the others that it is there, and says OFFLINE when somebody switched it off."""

import asyncio
import logging
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from matchline import __version__
from matchline.chance import Chance
from matchline.clock import Clock, SystemClock, steady
from matchline.engine.configure import Keeper
from matchline.engine.node import Node
from matchline.errors import NotFound, Unavailable, UnknownNode
from matchline.kept.attendance import NodeReport, NodeSeen
from matchline.kept.audit import AuditEntry
from matchline.observing import metrics as m
from matchline.observing.context import actor
from matchline.observing.metrics import Metrics
from matchline.store import Store

INTERVAL_SECONDS = 2.0  # until a switch is obeyed on another node

log = logging.getLogger(__name__)


class Attendance:
    def __init__(
        self, store: Store, clock: Clock, chance: Chance, keeper: Keeper, node: Node, metrics: Metrics
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._machine = SystemClock()
        self._keeper = keeper
        self._node = node
        self._metrics = metrics
        self._started_at = clock.now()
        self._load = _Load(steady(), 0.0, 0)

    @cached_property
    def id(self) -> str:
        return self._chance.new_id(self._started_at)

    async def run(self) -> None:
        """Until cancelled; then the node leaves."""
        try:
            while True:
                with suppress(Unavailable):  # the sweeper tells of that
                    await self.report()
                await asyncio.sleep(INTERVAL_SECONDS)
        finally:
            with suppress(Unavailable):
                await self._store.leave_node(self.id)

    async def report(self) -> None:
        """Raises Unavailable."""
        self._obey(off=await self._store.report_node(self._told(), self._clock.now()))

    async def nodes(self) -> tuple[NodeSeen, ...]:
        """Those that are there, this one as it is now."""
        await self.report()
        return await self._store.nodes(self._clock.now())

    async def switch(self, node_id: str, *, off: bool) -> None:
        """Let a node say OFFLINE, or no longer. Raises UnknownNode."""
        if "\0" in node_id:  # not every store can look for it
            raise UnknownNode
        before, after = ("OFFLINE", "ONLINE") if not off else ("ONLINE", "OFFLINE")
        place = f"node {node_id}"
        entry = AuditEntry(actor(), "node switched", {place: before}, {place: after})
        try:
            await self._store.switch_node(node_id, off, entry, self._clock.now())
        except NotFound:
            raise UnknownNode from None
        if node_id == self.id:
            self._obey(off=off)

    def _obey(self, *, off: bool) -> None:
        if off != self._node.switched_off:
            log.warning("this node was switched %s", "OFFLINE" if off else "ONLINE again")
        self._node.switched_off = off

    def _told(self) -> NodeReport:
        load = _Load(steady(), _processor_seconds(), int(self._metrics.total(m.REQUESTS)))
        seconds = max(load.at - self._load.at, 0.001)
        report = NodeReport(
            self.id,
            f"{platform.node()}:{os.getpid()}",
            __version__,
            self._started_at,
            self._keeper.current.version,
            ahead=self._machine.now() - self._clock.now(),
            busy=round(100 * (load.processor - self._load.processor) / seconds),
            requests=round((load.requests - self._load.requests) / seconds),
            online=self._node.online,
            fault=self._node.clock_fault or "",
        )
        if seconds >= INTERVAL_SECONDS / 2:  # of less time there is little to tell
            self._load = load
        return report


@dataclass(frozen=True, slots=True)
class _Load:
    """What was spent and answered since the start, at some moment."""

    at: float  # by `steady`
    processor: float  # seconds
    requests: int


def _processor_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system
