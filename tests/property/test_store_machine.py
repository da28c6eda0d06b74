"""The durable stores and their plain model in memory answer alike, whatever happens in whatever order.

Few numbers, few short codes that clash, few phones and short times: so that random steps meet. Only one of the
two stores is swept at a time, because a sweep must change no answer.
"""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from matchline.errors import Exhausted, StoreError
from matchline.foretold import Foretold
from matchline.kept.audit import AuditEntry
from matchline.model import (
    Change,
    Claim,
    CodeWish,
    Granted,
    Idempotency,
    NewSession,
    Session,
    Strategy,
    Terms,
    Value,
    Wish,
)
from matchline.store import DELETED_DATA_MEMORY, Store
from matchline.store.memory import MemoryStore
from matchline.store.sqlite import SqliteStore
from matchline.verdict import (
    NO_BUDGETS,
    Asked,
    GuessBudget,
    GuessBudgets,
    Matched,
    MatchPolicy,
    Query,
    RequireCode,
    Verdict,
)

GROUPS = ("left", "right")
NUMBERS = {"left": ("100", "101"), "right": ("200", "201")}
CODES = ("1", "2", "11", "12", "21", "22", "121", "122")
PHONES = (None, "anna", "ben")

groups = st.sampled_from(GROUPS)
texts = st.sampled_from([text for group in GROUPS for text in NUMBERS[group]])
latest = st.integers(0, 5)  # which of the latest sessions
strategies = st.sampled_from((*Strategy, Strategy.RANDOM, Strategy.ROUND_ROBIN))
phones = st.sampled_from(PHONES)
call_ids = st.sampled_from((None, None, None, "call", "other call"))
some_code = st.none() | st.sampled_from(CODES)
durations = st.sampled_from((0, 3, 8, 30))
values = st.dictionaries(st.sampled_from(("", "a", "b")), st.builds(Value, st.sampled_from((b"", b"\0x"))))
owners = st.sampled_from((None, "owner"))

terms = st.builds(
    lambda timeout, grace, rest, after_match: Terms(timeout, grace, grace + rest, after_match),
    st.sampled_from((5, 20, 50, 500)),
    durations,
    durations,
    durations,
)
code_wishes = st.builds(
    lambda length, order, most, leads: CodeWish(
        tuple(code for code in order if len(code) == length), most, frozenset(leads)
    ),
    st.sampled_from((1, 2, 2, 3)),
    st.permutations(CODES),
    st.sampled_from((1, 5, 100, 100)),
    st.sampled_from(("12", "1")),
)
policies = st.builds(
    MatchPolicy,
    st.sampled_from(RequireCode),
    newest_of_equals=st.booleans(),
    code_overrides_phone=st.booleans(),
    multiple=st.booleans(),
    max_matches=st.integers(1, 3),
)
Flags = tuple[MatchPolicy, bool, bool, bool, int, int, int]
flags: st.SearchStrategy[Flags] = st.tuples(
    policies,
    st.booleans(),  # with values
    st.booleans(),  # delete
    st.booleans(),  # keep several
    st.sampled_from((0, 30)),  # time to live after the match
    st.sampled_from((0, 10, 100_000)),  # memory of the call
    st.sampled_from((0, 10)),  # repeat window
)
Call = tuple[set[str], str | None, str | None, str | None, Flags, GuessBudgets]
some_budgets = st.sampled_from(
    (
        NO_BUDGETS,
        NO_BUDGETS,
        GuessBudgets(GuessBudget(1, 20)),
        GuessBudgets(GuessBudget(2, 10), GuessBudget(3, 5)),
    )
)
idempotencies = st.none() | st.builds(Idempotency, st.sampled_from("kl"), st.sampled_from("de"))


Step = TypeVar("Step", bound=Callable[..., None])
STEPS: list[str] = []  # each as often as its weight
GIVEN: dict[str, dict[str, st.SearchStrategy[Any]]] = {}


def step(*, weight: int = 1, **given: st.SearchStrategy[Any]) -> Callable[[Step], Step]:
    """A step of the machine and what it is given.

    Not a `rule` each: of many rules hypothesis tries only a few in one example, and these steps matter together.
    """

    def enlist(method: Step) -> Step:
        STEPS.extend([method.__name__] * weight)
        GIVEN[method.__name__] = given
        return method

    return enlist


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = MemoryStore()
        self.durable = self.new_store()
        self.runner.run(self.durable.open())
        self.now = 1000
        self.strategy = {"left": Strategy.CLUSTER, "right": Strategy.RANDOM}
        self.ids: list[str] = []  # of all sessions that ever were
        self.granted: dict[str, Granted] = {}  # by session, the latest
        self.phones: dict[str, str | None] = {}  # by session, the latest
        self.exclusive: dict[str, bool] = {}  # whether a session's current reservation is
        self.last_call: Call | None = None
        self.unmatched: set[str] = set()  # sessions whose current reservation was not matched

    def new_store(self) -> Store:
        return SqliteStore(Path(self.folder.name) / "store.db")

    def teardown(self) -> None:
        self.runner.run(self.durable.close())
        self.runner.close()
        self.folder.cleanup()

    @rule(data=st.data())
    def take_a_step(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(STEPS), label="step")
        given = {key: data.draw(strategy, label=key) for key, strategy in GIVEN[name].items()}
        getattr(self, name)(**given)

    # Steps on both stores

    def answer(self, store: Store, step: str, *arguments: object) -> object:
        """What the store answers now, or with what it refuses."""

        async def ask() -> object:
            try:
                return await getattr(store, step)(*arguments, self.now)
            except Exhausted as refusal:
                return Exhausted, refusal.free_at
            except StoreError as refusal:
                return type(refusal)

        return self.runner.run(ask())

    def both(self, step: str, *arguments: object) -> object:
        return self.alike(*(self.answer(store, step, *arguments) for store in (self.memory, self.durable)))

    def alike(self, expected: object, got: object) -> object:
        assert got == expected, f"\n  memory: {expected}\n  durable: {got}"
        return expected

    def session(self, who: int) -> str:
        """One of the latest sessions; nobody when there was none."""
        return self.ids[-1 - who % len(self.ids)] if self.ids else "nobody"

    # Configuration

    @initialize()
    def add_all_numbers(self) -> None:
        self.change(Change(added=tuple((group, text) for group in GROUPS for text in NUMBERS[group])))

    def change(self, change: Change) -> None:
        self.alike(*(self.runner.run(self.changed(store, change)) for store in (self.memory, self.durable)))

    async def changed(self, store: Store, change: Change) -> object:
        """The version is each store's own: it grows when a sweep removes a drained number."""
        version = (await store.stored()).version
        stored = await store.change(change, version, self.now)
        assert stored.version > version
        return stored.sections, stored.numbers

    @step(text=texts)
    def remove_a_number(self, text: str) -> None:
        ids = self.numbers()
        self.change(Change(removed=(ids[text],) if text in ids else ()))

    @step(group=groups)
    def add_its_numbers(self, group: str) -> None:
        self.change(Change(added=tuple((group, text) for text in NUMBERS[group])))

    @step(text=st.sampled_from((None, "", "x")), removed=st.booleans())
    def set_an_option(self, text: str | None, removed: bool) -> None:
        self.change(Change((("server", "realm", text),), ("server",) if removed else ()))

    @step()
    def change_what_was_changed(self) -> None:
        self.both("change", Change(removed=(1,)), 0)

    @step(group=groups, strategy=strategies)
    def switch_the_strategy(self, group: str, strategy: Strategy) -> None:
        self.strategy[group] = strategy

    # Time

    @step(weight=4, milliseconds=st.sampled_from((1, 2, 3, 4, 5) * 4 + (DELETED_DATA_MEMORY,)))
    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds

    @step(weight=2, who=latest, early=st.sampled_from((0, 1)))
    def wait_for_a_boundary(self, who: int, early: int) -> None:
        """Until a reservation or a session ends, or just before."""
        session = self.answer(self.memory, "session", self.session(who))
        if isinstance(session, Session):
            until = session.held.expires_at if session.held else session.ends_at
            self.now = max(self.now, until - early)

    # Sessions

    def wish(self, group: str, phone: str | None, code: CodeWish | None, on: Terms, pick: int) -> Wish:
        return Wish(group, self.strategy[group], on, phone, code, pick)

    def note(self, granted: object, phone: str | None) -> None:
        if isinstance(granted, Granted):
            self.granted[granted.session_id] = granted
            self.phones[granted.session_id] = phone
            self.exclusive[granted.session_id] = self.strategy[granted.group].exclusive
            self.unmatched.add(granted.session_id)

    @step(
        weight=4,
        group=groups,
        phone=phones,
        code=st.none() | code_wishes,
        on=terms,
        pick=st.integers(0, 3),
        ttl=st.sampled_from((1, 60, 1000)),
        data=values,
        same_as=idempotencies,
        with_pool=st.booleans(),
        times=st.integers(1, 3),
    )
    def claim(
        self,
        *,
        group: str,
        phone: str | None,
        code: CodeWish | None,
        on: Terms,
        pick: int,
        ttl: int,
        data: dict[str, Value],
        same_as: Idempotency | None,
        with_pool: bool,
        times: int,
    ) -> None:
        wish = self.wish(group, phone, code, on, pick)
        for _ in range(times):
            name = f"s{len(self.ids)}"
            new = NewSession(name, "service", f"data of {name}", phone, ttl)
            granted = self.both("claim", Claim(new, data, wish, same_as, with_pool))
            if isinstance(granted, Granted) and granted.session_id == name:
                self.ids.append(name)
                self.note(granted, phone)

    @step(
        weight=2,
        who=latest,
        group=groups,
        phone=phones,
        code=st.none() | code_wishes,
        on=terms,
        text=st.sampled_from((None, "", "0123")),
    )
    def reclaim(
        self,
        *,
        who: int,
        group: str,
        phone: str | None,
        code: CodeWish | None,
        on: Terms,
        text: str | None,
    ) -> None:
        name, wish = self.session(who), self.wish(group, phone, code, on, 1)
        self.note(self.both("reclaim", name, wish, text), phone)

    @step(who=latest)
    def renew(self, who: int) -> None:
        name = self.session(who)
        self.both("renew", name)

    @step(who=latest)
    def end(self, who: int) -> None:
        name = self.session(who)
        self.both("end", name)

    @step(who=latest)
    def give_back_by_hand(self, who: int) -> None:
        entry = AuditEntry("somebody", "release", {}, {})
        self.both("release", self.session(who), entry)

    # Calls

    def numbers(self) -> dict[str, int]:
        return {number.text: number.id for number in self.runner.run(self.durable.stored()).numbers}

    @step(
        weight=2,
        called=st.sets(texts, min_size=1, max_size=2),
        phone=phones,
        code=some_code,
        call_id=call_ids,
        flags=flags,
        budgets=some_budgets,
    )
    def call_a_number(
        self,
        *,
        called: set[str],
        phone: str | None,
        code: str | None,
        call_id: str | None,
        flags: Flags,
        budgets: GuessBudgets,
    ) -> None:
        """Someone who may know nothing."""
        self.call(called, phone, code, call_id, flags, budgets)

    @step(
        weight=6,
        who=latest,
        shows=st.booleans(),
        keys=st.booleans(),
        call_id=call_ids,
        flags=flags,
        budgets=some_budgets,
    )
    def call_for_a_session(
        self, *, who: int, shows: bool, keys: bool, call_id: str | None, flags: Flags, budgets: GuessBudgets
    ) -> None:
        """Someone who was given a number, perhaps some time ago."""
        granted = self.granted.get(self.session(who))
        if granted:
            phone = self.phones[granted.session_id] if shows else None
            self.call({granted.number}, phone, granted.code if keys else None, call_id, flags, budgets)

    @step(weight=3)
    def call_again(self) -> None:
        """The same call, as an IVR repeats it."""
        if self.last_call:
            self.call(*self.last_call)

    def call(
        self,
        called: set[str],
        phone: str | None,
        code: str | None,
        call_id: str | None,
        flags: Flags,
        budgets: GuessBudgets,
    ) -> None:
        self.last_call = called, phone, code, call_id, flags, budgets
        asked = tuple(Asked(number, phone) for text, number in self.numbers().items() if text in called)
        query = Query(asked, code, call_id, *flags, budgets=budgets)
        foretold = self.answer(self.durable, "foretell", query)
        verdict = self.both("match", query)
        assert isinstance(verdict, Verdict)
        assert isinstance(foretold, Foretold)
        assert outline(foretold.verdict) == outline(verdict), f"foretold: {foretold.verdict}"
        self.check_matched_once(query, verdict)

    def check_matched_once(self, query: Query, verdict: Verdict) -> None:
        if isinstance(verdict, Matched) and not verdict.repeated:
            if query.keep_multiple and len(verdict.matches) > 1:
                return
            for match in verdict.matches:
                assert match.session_id in self.unmatched, "a reservation is matched once"
                self.unmatched.remove(match.session_id)

    # Records

    def record(self, whose: int) -> str:
        """Some record, or a latest session's."""
        return f"data of {self.session(whose)}" if whose else "record"

    @step(whose=latest, owner=owners, content=values, ttl=st.sampled_from((5, 50)))
    def put_record(self, whose: int, owner: str | None, content: dict[str, Value], ttl: int) -> None:
        record = self.record(whose)
        self.both("put_record", record, owner, content, ttl)

    @step(whose=latest, content=values, ttl=st.sampled_from((None, 5, 50)), most=st.integers(1, 3))
    def merge_record(self, whose: int, content: dict[str, Value], ttl: int | None, most: int) -> None:
        self.both("merge_record", self.record(whose), content, ttl, most)

    @step(whose=latest, owner=owners, key=st.sampled_from((None, "", "a", "b")))
    def delete_a_record_or_value(self, whose: int, owner: str | None, key: str | None) -> None:
        record = self.record(whose)
        if key is None:
            self.both("delete_record", record, owner)
        else:
            self.both("value", record, key)
            self.both("delete_value", record, key)

    # Sweeps

    @step(of_memory=st.booleans(), limit=st.sampled_from((1, 1000)))
    def sweep(self, of_memory: bool, limit: int) -> None:
        store: Store = self.memory if of_memory else self.durable
        self.runner.run(store.sweep(self.now, limit))

    @step()
    def sweep_everything(self) -> None:
        for store in (self.memory, self.durable):
            while self.runner.run(store.sweep(self.now)).total:
                pass
        self.both("sweep")

    @step(weight=2)
    def look_at_the_numbers(self) -> None:
        """Those that are swept away in one of the two aside."""
        ids = range(1, 2 + sum(map(len, NUMBERS.values())))
        uses: list[Any] = [self.answer(store, "number_uses", ids) for store in (self.memory, self.durable)]
        common = uses[0].keys() & uses[1].keys()
        self.alike(*({number_id: found[number_id] for number_id in common} for found in uses))

    # What always holds

    @invariant()
    def pools_add_up(self) -> None:
        for group in GROUPS:
            pool: Any = self.both("pool", group)
            assert pool.free + pool.reserved + pool.cooling == pool.total
            assert min(pool.free, pool.reserved, pool.cooling) >= 0

    @invariant()
    def no_one_holds_what_another_holds(self) -> None:
        holders: dict[str, list[tuple[str, str | None]]] = {}
        for name in self.ids:
            session = self.both("session", name)
            if isinstance(session, Session) and session.held:
                holders.setdefault(session.held.number, []).append((name, session.held.code))
        for sharing in holders.values():
            assert len(sharing) == 1 or not any(self.exclusive[name] for name, _ in sharing)
            codes = [code for _, code in sharing if code]
            assert not any(
                a.startswith(b) for i, a in enumerate(codes) for j, b in enumerate(codes) if i != j
            )

    @invariant()
    def data_are_alike(self) -> None:
        for record in ("record", *(f"data of {name}" for name in self.ids[-4:])):
            for owner in (None, "owner"):
                self.both("record", record, owner)


def outline(verdict: Verdict) -> object:
    """A verdict without the data, and without how long was waited: an explanation tells neither."""
    if not isinstance(verdict, Matched):
        return verdict
    return verdict.repeated, [(match.session_id, match.data_id, match.late) for match in verdict.matches]


StoreMachine.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestStoreMachine = StoreMachine.TestCase
