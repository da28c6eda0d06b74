"""The way between an engine and its store: every step waits here until the simulation decides its fate."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matchline.clock import Instant
from matchline.errors import StoreError, Unavailable
from matchline.model import Change, Claim, Granted, Pool, Record, Session, Stored, Swept, Value, Values, Wish
from matchline.principal import EVERYONE, Principal
from matchline.store import SWEEP_LIMIT, Store
from matchline.verdict import Query, Verdict

from .attending import AttendingStore
from .browsing import BrowsingStore
from .calling_back import CallingBackStore
from .charting import ChartingStore
from .inquiring import InquiringStore
from .outbox import GatedOutbox

READS = frozenset({"stored", "key_uses", "session", "pool", "record", "value"})

# Where `now` is not the last argument.
NOW_AT = {"sweep": 0, "put_record": 4, "count_sessions": 1}

# These are given no `now`.
TIMELESS = frozenset(
    {"calls", "trim_calls", "session_events", "add_samples", "samples", "trim_samples", "open_on_shared"}
)

Outcome = object  # what a step answered, or the StoreError that it raised


class Fate(StrEnum):
    PASS = "passes"
    FAIL = "fails before the store"
    LOSE = "loses its answer"


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a store's method."""

    node: int
    name: str
    arguments: tuple[Any, ...]

    @property
    def reads(self) -> bool:
        return self.name in READS

    @property
    def now(self) -> Instant | None:
        """The instant that it was given, if it was given one."""
        if not self.arguments or self.name in TIMELESS:
            return None
        return int(self.arguments[NOW_AT.get(self.name, -1)])

    async def outcome(self, store: Store) -> Outcome:
        try:
            answer: object = await getattr(store, self.name)(*self.arguments)
        except StoreError as error:
            return error
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class Parked:
    step: Step
    fate: "asyncio.Future[Fate]"


class Gate:
    """Where steps are parked. One for each life of the store's process."""

    def __init__(self, stores: Sequence[Store], witness: Callable[[Step, Outcome], Awaitable[None]]) -> None:
        self._stores = stores  # of the nodes
        self._witness = witness
        self.parked: list[Parked] = []
        self.wide_open = False  # nothing is parked and nothing fails
        self.severed = False  # no answer reaches an engine any more

    async def run(self, step: Step) -> Any:
        fate = Fate.PASS if self.wide_open else await self._park(step)
        if fate is Fate.FAIL:
            raise Unavailable("the simulation lets it fail")
        outcome = await step.outcome(self._stores[step.node])
        await self._witness(step, outcome)
        if self.severed:
            await asyncio.get_running_loop().create_future()
        if fate is Fate.LOSE:
            raise Unavailable("the simulation loses the answer")
        if isinstance(outcome, StoreError):
            raise outcome
        return outcome

    async def _park(self, step: Step) -> Fate:
        parked = Parked(step, asyncio.get_running_loop().create_future())
        self.parked.append(parked)
        return await parked.fate


class FaultyStore(
    AttendingStore, ChartingStore, CallingBackStore, InquiringStore, BrowsingStore, GatedOutbox
):
    """A node's store: the real one behind the gate."""

    def __init__(self, gate: Gate, node: int) -> None:
        self._gate = gate
        self._node = node

    async def _step(self, name: str, *arguments: object) -> Any:
        return await self._gate.run(Step(self._node, name, arguments))

    async def open(self) -> None:
        """The simulation opens the real one."""

    async def close(self) -> None:
        """The simulation closes the real one."""

    def announce(self, url: str) -> None:
        """Nobody else looks for it."""

    async def check(self) -> None:
        await self._step("check")

    async def stored(self) -> Stored:
        stored: Stored = await self._step("stored")
        return stored

    async def change(self, change: Change, version: int, now: Instant) -> Stored:
        stored: Stored = await self._step("change", change, version, now)
        return stored

    async def key_uses(self) -> Mapping[str, Instant]:
        uses: Mapping[str, Instant] = await self._step("key_uses")
        return uses

    async def note_key_uses(self, key_ids: Iterable[str], now: Instant) -> None:
        await self._step("note_key_uses", key_ids, now)

    async def claim(self, claim: Claim, now: Instant) -> Granted:
        granted: Granted = await self._step("claim", claim, now)
        return granted

    async def reclaim(self, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
        granted: Granted = await self._step("reclaim", session_id, wish, phone_text, now)
        return granted

    async def renew(self, session_id: str, now: Instant) -> Granted:
        granted: Granted = await self._step("renew", session_id, now)
        return granted

    async def end(self, session_id: str, now: Instant) -> None:
        await self._step("end", session_id, now)

    async def session(self, session_id: str, now: Instant) -> Session:
        session: Session = await self._step("session", session_id, now)
        return session

    async def match(self, query: Query, now: Instant) -> Verdict:
        verdict: Verdict = await self._step("match", query, now)
        return verdict

    async def pool(self, group: str, now: Instant) -> Pool:
        pool: Pool = await self._step("pool", group, now)
        return pool

    async def put_record(
        self,
        record_id: str,
        owner: str | None,
        values: Values,
        ttl: int,
        now: Instant,
        by: Principal = EVERYONE,
    ) -> None:
        await self._step("put_record", record_id, owner, values, ttl, now, by)

    async def merge_record(
        self, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
    ) -> None:
        await self._step("merge_record", record_id, values, ttl, max_fields, now)

    async def record(self, record_id: str, owner: str | None, now: Instant) -> Record:
        record: Record = await self._step("record", record_id, owner, now)
        return record

    async def value(self, record_id: str, key: str, now: Instant) -> Value | None:
        value: Value | None = await self._step("value", record_id, key, now)
        return value

    async def delete_value(self, record_id: str, key: str, now: Instant) -> None:
        await self._step("delete_value", record_id, key, now)

    async def delete_record(self, record_id: str, owner: str | None, now: Instant) -> None:
        await self._step("delete_record", record_id, owner, now)

    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        swept: Swept = await self._step("sweep", now, limit)
        return swept
