"""Watches every step that the store took: the store in memory takes it too, and the books must bear it out."""

from collections.abc import Iterator

from matchline.clock import ManualClock
from matchline.errors import Exhausted, StoreError, Unavailable
from matchline.model import Record, Session, Stored
from matchline.store import Store
from matchline.store.memory import MemoryStore
from matchline.verdict import Matched

from .books import MARKER, Books
from .gate import Outcome, Step
from .trace import Trace


class Witness:
    def __init__(self, trace: Trace, clock: ManualClock, *, compares: bool) -> None:
        self._trace = trace
        self._clock = clock
        self._oracle = MemoryStore()
        self._compares = compares
        self.books = Books(trace)
        self.may_fail = False  # while the store is being disturbed
        self.unseen = 0  # steps since the store was last looked over

    async def saw(self, step: Step, outcome: Outcome) -> None:
        self._trace.add(step.name, f"on {step.node} at {step.now}: {_told(outcome)}")
        self._trace.tally("step")
        for kind in _kinds(outcome):
            self._trace.tally(kind)
        if isinstance(outcome, Unavailable):
            self._trace.expect(self.may_fail, f"{step.name} failed without a reason: {outcome}")
            return
        if self._compares:
            await self._compare(step, outcome)
        self.books.enter(step, outcome, self._clock.now())
        self.unseen += not step.reads

    async def _compare(self, step: Step, outcome: Outcome) -> None:
        """The oracle's version of the configuration is its own: it grows with its own sweeps."""
        asked = step
        if step.name == "change":
            if isinstance(outcome, StoreError):
                return
            change, _, now = step.arguments
            asked = Step(step.node, "change", (change, (await self._oracle.stored()).version, now))
        expected = _comparable(await asked.outcome(self._oracle))
        if step.name not in ("sweep", "stored"):
            got = _comparable(outcome)
            self._trace.expect(
                got == expected,
                f"a {step.name} is answered otherwise than by the oracle\n  {got}\n  {expected}",
            )

    async def look_over(self, store: Store) -> None:
        """What always holds, read from the store itself."""
        self.unseen = 0
        now = self._clock.now()
        for life in self.books.lives.values():
            await self._look_at_session(store, life.id)
        stored = await store.stored()
        for group in sorted({number.group for number in stored.numbers}):
            await self._look_at_pool(store, stored, group)
        held = [life for life in self.books.live(now) if life.held(now)]
        for place, one in enumerate(held):
            for other in held[:place]:
                self._trace.expect(not one.stay.bars(other.stay), f"{one.id} and {other.id} hold one slot")

    async def _look_at_session(self, store: Store, session_id: str) -> None:
        now, life = self._clock.now(), self.books.lives[session_id]
        got = await Step(0, "session", (session_id, now)).outcome(store)
        if not life.is_live(now):
            self._trace.expect(isinstance(got, StoreError), f"{session_id} is over and lives: {got}")
            return
        known = isinstance(got, Session)
        self._trace.expect(known, f"the acknowledged session {session_id} is gone")
        if isinstance(got, Session):
            seen = got.ends_at, got.matched, got.held
            wanted = life.ends_at, life.matched, life.held(now)
            self._trace.expect(
                seen == wanted, f"the session {session_id} is not as it should be\n  {seen}\n  {wanted}"
            )
        await self._look_at_data(store, life.data_id, life.marker)

    async def _look_at_data(self, store: Store, data_id: str, marker: str) -> None:
        got = await Step(0, "record", (data_id, None, self._clock.now())).outcome(store)
        mine = isinstance(got, Record) and got.values[MARKER].body == marker.encode()
        self._trace.expect(mine, f"the data of {marker} are {got}")

    async def _look_at_pool(self, store: Store, stored: Stored, group: str) -> None:
        now = self._clock.now()
        pool = await store.pool(group, now)
        texts = {number.text for number in stored.numbers if number.group == group and not number.draining}
        stays = [stay for life in self.books.lives.values() for stay in life.stays if stay.number in texts]
        held = {stay.number for stay in stays if not stay.shared and stay.is_held(now)}
        guarded = {stay.number for stay in stays if now < stay.guarded_until}
        adds_up = pool.free + pool.reserved + pool.cooling == pool.total == len(texts)
        self._trace.expect(adds_up, f"{group} does not add up to {len(texts)}\n  {pool}")
        self._trace.expect(
            pool.reserved == len(held), f"{group} counts what is held wrongly\n  {pool}\n  {sorted(held)}"
        )
        self._trace.expect(
            pool.free <= len(texts - guarded), f"{group} calls free what rests\n  {pool}\n  {sorted(guarded)}"
        )


def _comparable(outcome: Outcome) -> object:
    """What two stores must answer alike."""
    if isinstance(outcome, Exhausted):
        return Exhausted, outcome.free_at
    if isinstance(outcome, Stored):
        return outcome.sections, outcome.numbers
    return type(outcome) if isinstance(outcome, StoreError) else outcome


def _kinds(outcome: Outcome) -> Iterator[str]:
    """What should happen in every simulation."""
    if isinstance(outcome, Exhausted):
        yield "exhausted"
    if isinstance(outcome, Matched):
        yield "matched again" if outcome.repeated else "matched"
        if any(found.late for found in outcome.matches):
            yield "matched late"


def _told(outcome: Outcome) -> str:
    return f"version {outcome.version}" if isinstance(outcome, Stored) else repr(outcome)
