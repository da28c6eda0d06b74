"""One simulated world: what happens next is drawn from its seed, and looked over after each step."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import quote

from matchline.chance import SeededChance
from matchline.clock import SECOND, ManualClock
from matchline.errors import Unavailable
from matchline.store import Store
from matchline.wiring import read_document

from .caller import Caller
from .gate import Fate, Gate, Parked
from .loop import SteppedLoop
from .network import NODES, Network, Request
from .site import Site
from .town import CONFIGURATION, GROUPS, NUMBERS, SETTINGS
from .trace import Trace
from .witness import Witness

CALLERS = 8
MOST_ERRANDS = 12  # under way at once

CROWDED_CODES = 12  # so few that they clash at every turn
LARGEST_CODE_SPACE = 10**5  # of the code lengths that callers ask for

LONGEST_BATCH = 4
LATEST_INTERRUPT = 11  # as a power of two; a batch of steps has 30 to 2000 moments

# Longer than any time that is configured, the memory of calls included.
LONG_AFTER = 100_000  # seconds
MOST_SWEEPS = 5  # until nothing is left


# How likely what is.
FATES = {Fate.PASS: 85, Fate.FAIL: 7, Fate.LOSE: 8}
BATCHED = 0.3  # of the writes are committed with others
INTERRUPTED = 0.05  # of the commits
TO_AN_END = 0.5  # of the waits
SOONEST = 3  # ends to choose from
JUMPS = (1, 999, 999, SECOND, SECOND, 3 * SECOND, 17 * SECOND, 61 * SECOND)
SETTING = 0.5  # of the changes set an option


class CrowdedChance(SeededChance):
    """Draws codes of which most are taken."""

    def below(self, limit: int) -> int:
        return super().below(min(limit, CROWDED_CODES) if limit <= LARGEST_CODE_SPACE else limit)


class World:
    def __init__(self, seed: int, site: Site, *, overtaking: bool = False) -> None:
        self._random = Random(seed)
        self._site = site
        self._overtaking = overtaking
        self._loop = SteppedLoop()
        self.trace = Trace()
        self._clock = ManualClock()
        self._witness = Witness(self.trace, self._clock, compares=not overtaking)
        self._network = Network(self._loop, self._random, self.trace, self._clock, CrowdedChance(seed))
        self._callers = [
            Caller(f"c{place}", f"+1 415 555 02{place:02}", self._random, self._network, self.trace)
            for place in range(CALLERS)
        ]
        self._errands: set[asyncio.Task[None]] = set()
        self.store: Store
        self._gate: Gate

    def run(self, steps: int) -> None:
        """Some steps with faults, then none until everything is over. Raises Violation."""
        events = {
            self._let_through: 30,
            self._work: 30,
            self._send_caller: 20,
            self._wait: 3,
            self._sweep: 1.5,
            self._poll: 1.5,
            self._configure: 1,
            self._crash: 0.4,
        }
        try:
            self._begin()
            for _ in range(steps):
                (event,) = self._random.choices(list(events), list(events.values()))
                event()
                self._settle()
            self._end()
            self._loop.run_alone(self._site.close())
        except BaseException:
            self._site.abandon()
            raise
        finally:
            self._loop.abandon()

    def _settle(self) -> None:
        self._loop.run_until_idle()
        self._witness.may_fail = False
        if self._witness.unseen:
            self._loop.run_alone(self._witness.look_over(self.store))
        if self.trace.violation:
            raise self.trace.violation

    # The beginning and the end

    def _begin(self) -> None:
        self._open()
        document, faults = read_document(CONFIGURATION)
        assert not faults
        self._gate.wide_open = True
        self._loop.run_alone(self._network.engines[0].keeper.apply(document))
        self._load_everywhere()

    def _open(self) -> None:
        stores = self._loop.run_alone(self._site.open(NODES))
        self.store = stores[0]
        self._gate = Gate(stores, self._witness.saw)
        self._network.connect(self._gate)

    def _load_everywhere(self) -> None:
        self._gate.wide_open = True
        for engine in self._network.engines:
            self._loop.run_alone(engine.keeper.load())
        self._gate.wide_open = False

    def _end(self) -> None:
        """No more faults: whoever waits is answered, and in time everything is over."""
        self.trace.add("no more faults")
        while self._gate.parked or self._loop.jobs:
            while self._gate.parked:
                self._gate.parked.pop(0).fate.set_result(Fate.PASS)
            self._loop.run_until_idle()
            if self._loop.jobs:
                self._loop.jobs.pop(0).run()
            self._settle()
        self.trace.expect(not self._errands, f"{len(self._errands)} callers are never answered")
        self._gate.wide_open = True
        self._clock.advance(LONG_AFTER)
        sweeper = self._network.engines[0].sweeper
        for _ in range(MOST_SWEEPS):
            self._loop.run_alone(sweeper.sweep())
        self._settle()
        left = {table: count for table, count in self._site.rows().items() if count}
        self.trace.expect(not left, f"at the end there are left {left}")
        self._loop.run_alone(self._everything_is_free())
        self._settle()

    async def _everything_is_free(self) -> None:
        for group in GROUPS:
            pool = await self.store.pool(group, self._clock.now())
            self.trace.expect(pool.free == pool.total, f"at the end {group} is {pool}")

    # What may happen

    def _send_caller(self) -> None:
        if len(self._errands) < MOST_ERRANDS:
            self._start(self._random.choice(self._callers).act(self._witness.books))

    def _start(self, errand: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._errands.discard(task)
        if not task.cancelled() and task.exception():
            self.trace.violate(f"an errand failed: {task.exception()!r}")

    def _let_through(self) -> None:
        """One step, or several that are committed together."""
        if not self._gate.parked:
            return
        passable = self._passable()
        chosen = [self._random.choice(passable)]
        if not chosen[0].step.reads and self._random.random() < BATCHED:
            others = [each for each in passable if not each.step.reads and each not in chosen]
            chosen += self._random.sample(others, min(len(others), LONGEST_BATCH - 1))
        for parked in chosen:
            self._gate.parked.remove(parked)
            self._seal(parked)

    def _passable(self) -> list[Parked]:
        """In one process a step never overtakes one that was given an earlier instant."""
        parked = self._gate.parked
        if self._overtaking:
            return parked
        earliest = min((each.step.now for each in parked if each.step.now is not None), default=None)
        return [each for each in parked if each.step.now in (None, earliest)]

    def _seal(self, parked: Parked) -> None:
        (fate,) = self._random.choices(list(FATES), list(FATES.values()))
        if fate is not Fate.PASS:
            self.trace.add(f"fault: {fate}", parked.step.name)
        parked.fate.set_result(fate)

    def _work(self) -> None:
        """Let a thread do what it was handed: a commit as a rule."""
        if not self._loop.jobs:
            return
        if self._random.random() < INTERRUPTED:
            self.trace.add("fault: interrupted")
            self._interrupt(for_good=False)
        anyone = self._overtaking or self._site.queues_writes
        self._loop.jobs.pop(self._random.randrange(len(self._loop.jobs)) if anyone else 0).run()
        self._site.stop_interrupting()

    def _wait(self) -> None:
        """A moment, or until just before or exactly when something ends."""
        now = self._clock.now()
        ends = sorted({end for end in self._witness.books.instants() if end > now})
        if ends and self._random.random() < TO_AN_END:
            until = self._random.choice(ends[:SOONEST]) - self._random.choice((0, 0, 1))
        else:
            until = now + self._random.choice(JUMPS)
        self._clock.advance((until - now) / SECOND)
        self.trace.add("wait", f"until {self._clock.now()}")

    def _sweep(self) -> None:
        self._network.start(_tolerant(self._random.choice(self._network.engines).sweeper.sweep()))

    def _poll(self) -> None:
        """A node looks for changes of the configuration."""
        self._network.start(_tolerant(self._random.choice(self._network.engines).keeper.load()))

    def _configure(self) -> None:
        """An operator sets an option, or drains or adds a number."""
        if self._random.random() < SETTING:
            section, option, texts = self._random.choice(SETTINGS)
            text = self._random.choice(texts)
            request = Request("PATCH", f"/admin/options/{section}", json={option: text})
        else:
            numbers = f"/admin/resources/{self._random.choice(GROUPS)}/numbers"
            number = self._random.choice(NUMBERS)
            drain = Request("DELETE", f"{numbers}/{quote(number)}")
            request = self._random.choice((drain, Request("POST", numbers, json={"numbers": [number]})))
        self._start(self._ask(request))

    async def _ask(self, request: Request) -> None:
        await self._network.send(request)

    def _interrupt(self, *, for_good: bool) -> None:
        self._witness.may_fail = True
        self._site.interrupt_after(round(2 ** self._random.uniform(0, LATEST_INTERRUPT)), for_good=for_good)

    def _crash(self) -> None:
        """All nodes die, as they share one process: before, within or after a commit that nobody hears of."""
        self._gate.severed = True
        when = self._random.choice(("before", "within", "after")) if self._loop.jobs else "without"
        self.trace.add("fault: crash", f"{when} a commit")
        if when in ("within", "after"):
            if when == "within":
                self._interrupt(for_good=True)
            self._loop.jobs.pop(0).run()
            self._loop.run_until_idle()
        self._loop.jobs.clear()
        self._site.crash()
        self._open()
        self._load_everywhere()
        self._network.cut_off()


async def _tolerant(housekeeping: Coroutine[Any, Any, None]) -> None:
    """What a node does by itself is tried again later when the store fails."""
    with suppress(Unavailable):
        await housekeeping
