"""What the contract tests say in a word each: a store, a clock that stands still, two groups of numbers.

Sessions are named by the tests; the data of a session is named like it. Durations are in seconds here.
"""

from collections.abc import Awaitable, Sequence
from typing import TypedDict, Unpack

from matchline.clock import SECOND, Instant, ManualClock
from matchline.errors import NotFound
from matchline.model import (
    Change,
    Claim,
    CodeWish,
    Granted,
    Idempotency,
    NewSession,
    Session,
    Strategy,
    Swept,
    Terms,
    Value,
    Values,
    Wish,
)
from matchline.store import Store
from matchline.verdict import Asked, CallNote, Matched, MatchPolicy, Query, Verdict

OWN = "own"  # an exclusive group of the numbers 100 and 101
SHARED = "shared"  # a shared group of the number 200

# The durations of a reservation unless a test says otherwise.
TIMEOUT = 30
TTL = 60


class TermsGiven(TypedDict, total=False):
    """Seconds."""

    timeout: int
    late_grace: int
    cooldown: int
    cooldown_after_match: int


class Wanted(TermsGiven, total=False):
    """What a session asks for besides its group."""

    strategy: Strategy
    phone: str | None
    code: str | Sequence[str] | None  # candidates in order
    most_in_use: int
    leads: str  # the first digits that count; all of them unless given
    pick: int


class Flags(TypedDict, total=False):
    """What is to be done with what matches. Seconds."""

    with_values: bool
    delete: bool
    keep_multiple: bool
    ttl_after_match: int
    call_memory: int
    repeat_window: int


class Asking(Flags, total=False):
    """A call."""

    phone: str | None
    code: str | None
    call_id: str | None
    policy: MatchPolicy
    noted: str | None  # the caller as the call log keeps it; not given: the call log is off


def wish(group: str, **wanted: Unpack[Wanted]) -> Wish:
    """A slot of that group, with the strategy that the group has at first."""
    code = wanted.get("code")
    candidates = (code,) if isinstance(code, str) else tuple(code or ())
    most_in_use = wanted.get("most_in_use", 10 ** len(candidates[0]) // 2 if candidates else 0)
    terms = Terms(
        wanted.get("timeout", TIMEOUT) * SECOND,
        wanted.get("late_grace", 0) * SECOND,
        wanted.get("cooldown", 0) * SECOND,
        wanted.get("cooldown_after_match", 0) * SECOND,
    )
    return Wish(
        group,
        wanted.get("strategy", Strategy.CLUSTER if group == OWN else Strategy.RANDOM),
        terms,
        wanted.get("phone"),
        CodeWish(candidates, most_in_use, frozenset(wanted.get("leads", "0123456789")))
        if candidates
        else None,
        wanted.get("pick", 0),
    )


class Stage:
    """A store under test and the time that it is told."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = ManualClock()

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def open(self) -> None:
        await self.change(added=((OWN, "100"), (OWN, "101"), (SHARED, "200")))

    async def change(
        self,
        *,
        added: tuple[tuple[str, str], ...] = (),
        removed: tuple[str, ...] = (),
        options: tuple[tuple[str, str, str | None], ...] = (),
        removed_sections: tuple[str, ...] = (),
    ) -> None:
        """Change the configuration that is there; numbers are removed by their text."""
        stored = await self.store.stored()
        ids = tuple(number.id for number in stored.numbers if number.text in removed)
        change = Change(options, removed_sections, added, ids)
        await self.store.change(change, stored.version, self.now)

    async def ids(self, *texts: str) -> list[int]:
        """The ids of these numbers, in that order."""
        known = {number.text: number.id for number in (await self.store.stored()).numbers}
        return [known[text] for text in texts]

    async def claim(
        self,
        name: str,
        group: str = OWN,
        *,
        values: Values | None = None,
        ttl: int = TTL,
        same_as: Idempotency | None = None,
        with_pool: bool = False,
        **wanted: Unpack[Wanted],
    ) -> Granted:
        """A session of that name, with a slot of the group."""
        new = NewSession(name, "request-interaction", data_of(name), wanted.get("phone"), ttl * SECOND)
        data = text_values(name=name) if values is None else values
        return await self.store.claim(Claim(new, data, wish(group, **wanted), same_as, with_pool), self.now)

    async def reclaim(self, name: str, group: str = OWN, **wanted: Unpack[Wanted]) -> Granted:
        return await self.store.reclaim(name, wish(group, **wanted), wanted.get("phone"), self.now)

    async def renew(self, name: str) -> Granted:
        return await self.store.renew(name, self.now)

    async def end(self, name: str) -> None:
        await self.store.end(name, self.now)

    async def session(self, name: str) -> Session:
        return await self.store.session(name, self.now)

    async def sweep(self) -> Swept:
        return await self.store.sweep(self.now)

    async def session_is_gone(self, name: str) -> bool:
        return await is_gone(self.session(name))

    async def record_is_gone(self, record_id: str) -> bool:
        return await is_gone(self.store.record(record_id, None, self.now))

    async def call(self, number: str, **asking: Unpack[Asking]) -> Verdict:
        """A call to that number; its id is remembered for a minute unless the flags say otherwise."""
        return await self.store.match(await self.query(number, **asking), self.now)

    async def query(self, number: str, **asking: Unpack[Asking]) -> Query:
        ids = await self.ids(*number.split())
        note = CallNote(number, asking["noted"], "match") if "noted" in asking else None
        return Query(
            tuple(Asked(number_id, asking.get("phone")) for number_id in ids),
            asking.get("code"),
            asking.get("call_id"),
            asking.get("policy", MatchPolicy()),
            asking.get("with_values", False),
            asking.get("delete", False),
            asking.get("keep_multiple", False),
            asking.get("ttl_after_match", 0) * SECOND,
            asking.get("call_memory", 60) * SECOND,
            asking.get("repeat_window", 0) * SECOND,
            note,
        )


def data_of(name: str) -> str:
    """The id of a session's data."""
    return f"data of {name}"


def text_values(**texts: str) -> dict[str, Value]:
    return {key: Value.text(text) for key, text in texts.items()}


def whose(verdict: Verdict) -> list[str]:
    """The sessions that a call was matched to, best first; none when it was not."""
    return [match.session_id for match in verdict.matches] if isinstance(verdict, Matched) else []


def data_in(verdict: Verdict) -> list[Values | None]:
    assert isinstance(verdict, Matched)
    return [match.values for match in verdict.matches]


async def is_gone(step: Awaitable[object]) -> bool:
    """Whether the store says that there is no such thing."""
    try:
        await step
    except NotFound:
        return True
    return False
