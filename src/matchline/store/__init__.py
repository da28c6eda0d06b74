"""The store's contract: what is kept, and the atomic steps in which it changes.

Each method is one atomic step that is durable before it returns, with `now` as an argument; model objects
go in and come out; `NotFound`, `Conflict`, `Exhausted` and `Unavailable` are all that is raised. The contract
tests in `testing` run on every store; none may override or skip one. `migrations.migrate` brings an older store up
to date.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence

from matchline.clock import Instant, Reading
from matchline.foretold import Foretold
from matchline.kept.audit import Audited, AuditEntry
from matchline.kept.call_log import CallPage, CallsWanted
from matchline.kept.events import Attempt, Event, Outbox, Pruned, Recording, Told
from matchline.kept.history import PoolSample
from matchline.kept.person import Forgotten, Person
from matchline.kept.progress import Progress
from matchline.model import (
    Change,
    Claim,
    Granted,
    Pool,
    Record,
    Session,
    Stored,
    Swept,
    Value,
    Values,
    Wish,
)
from matchline.principal import EVERYONE, Principal
from matchline.store.attendance import Attendance
from matchline.store.callbacks import CallbackStore
from matchline.store.charts import ChartStore
from matchline.store.overview import Overview
from matchline.verdict import Query, Verdict

PLACES_AT_ONCE = 500  # events that are given their places in one step, a few milliseconds

SWEEP_LIMIT = 1000  # rows of each kind that one sweep removes, so that it holds up no one for long

# Data of a session that a match deleted stays readable for the same call asked again (rule 12).
DELETED_DATA_MEMORY = 60_000  # ms


class Store(Overview, Attendance, ChartStore, CallbackStore):
    """The persistence layer."""

    @abstractmethod
    async def open(self) -> None:
        """Make ready, with the schema in place. Raises Unavailable with the reason."""

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    def announce(self, url: str) -> None:
        """Let other processes on this machine know where this store is served, if it is theirs to know."""

    @abstractmethod
    async def check(self) -> None:
        """Raises Unavailable unless a step could be made durable now."""

    def observe_commits(self, observe: Callable[[int, float], None]) -> None:
        """Tell of each commit how many steps it made durable, and the seconds that it took; in any thread.

        A store that commits each step by itself tells nothing: the steps are measured anyway.
        """

    # Configuration

    @abstractmethod
    async def stored(self) -> Stored:
        """The configuration."""

    @abstractmethod
    async def change(self, change: Change, version: int, now: Instant) -> Stored:
        """Change the configuration that has this version. Raises Conflict when it has another by now."""

    # API keys are part of the configuration; when each was last used is not.

    @abstractmethod
    async def key_uses(self) -> Mapping[str, Instant]:
        """When each key was last used, by its id; those never used are left out."""

    @abstractmethod
    async def note_key_uses(self, key_ids: Iterable[str], now: Instant) -> None:
        """These keys were used; of a key that is gone nothing is kept."""

    # Other nodes. A store that serves one process inherits these two.

    async def configuration_changed(self, version: int) -> None:  # noqa: ARG002 - there is no other
        """Wait until another node has given the configuration another version; for ever where there is none.

        It ends within a second of the change, and never raises: while the store does not answer it waits.
        """
        await asyncio.get_running_loop().create_future()

    async def time(self) -> Reading | None:
        """The clock that all nodes follow; None where this machine's is the authority (rule 20).

        Raises Unavailable.
        """
        return None

    # Sessions and reservations

    @abstractmethod
    async def claim(self, claim: Claim, now: Instant) -> Granted:
        """Begin a session with its data and a slot (rule 16).

        The same idempotency key with the same digest gets the first answer again while the session lives;
        with another digest it raises Conflict. Raises Exhausted.
        """

    @abstractmethod
    async def reclaim(self, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
        """A slot for an existing session: its own renewed when group and code length are the same and the
        number is not draining, otherwise another in exchange. Raises NotFound, Exhausted (nothing changed).
        """

    @abstractmethod
    async def renew(self, session_id: str, now: Instant) -> Granted:
        """Reservation, session and data start again with their original lengths.

        Raises NotFound; Conflict without a held reservation.
        """

    @abstractmethod
    async def end(self, session_id: str, now: Instant) -> None:
        """End a session, release its slot, delete its data (rule 19). Raises NotFound."""

    @abstractmethod
    async def session(self, session_id: str, now: Instant) -> Session:
        """Raises NotFound."""

    @abstractmethod
    async def progress(self, session_ids: Sequence[str], now: Instant) -> Mapping[str, Progress]:
        """How each of these sessions fares. One that a match has just deleted is matched, if its call was logged."""

    @abstractmethod
    async def match(self, query: Query, now: Instant) -> Verdict:
        """Decide whose call it is, settle what matched, and remember it for the same call (rules 7 to 12)."""

    @abstractmethod
    async def pool(self, group: str, now: Instant) -> Pool:
        """The numbers of an exclusive group that are not draining, by what they do now."""

    # Records

    @abstractmethod
    async def put_record(
        self,
        record_id: str,
        owner: str | None,
        values: Values,
        ttl: int,
        now: Instant,
        by: Principal = EVERYONE,
    ) -> None:
        """Create or overwrite. Raises NotFound when the live record has another owner, or another maker and
        the principal may change only what it made itself.
        """

    @abstractmethod
    async def merge_record(
        self, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
    ) -> None:
        """Set these keys; a ttl starts its time again. Raises NotFound, Conflict over max_fields keys."""

    @abstractmethod
    async def record(self, record_id: str, owner: str | None, now: Instant) -> Record:
        """Raises NotFound, also when the owner is another."""

    @abstractmethod
    async def value(self, record_id: str, key: str, now: Instant) -> Value | None:
        """One value of a record without an owner, None when it has no such key. Raises NotFound."""

    @abstractmethod
    async def delete_value(self, record_id: str, key: str, now: Instant) -> None:
        """Raises NotFound when there is no such record or key."""

    @abstractmethod
    async def delete_record(self, record_id: str, owner: str | None, now: Instant) -> None:
        """Raises NotFound, also when the owner is another."""

    # Audit trail and events

    @abstractmethod
    async def audit(self, before: int, limit: int) -> tuple[Audited, ...]:
        """The entries of changes whose places are below this, newest first."""

    @abstractmethod
    async def add_audit_entry(self, entry: AuditEntry, now: Instant) -> None:
        """Note what is no change of the configuration; the entry of such a change is written with it."""

    @abstractmethod
    def record_events(self, recording: Recording) -> None:
        """From now on each step notes what it settles, when it is to be recorded; nothing at first."""

    @abstractmethod
    async def add_events(self, events: Sequence[Event], now: Instant) -> None:
        """Note what settles nothing, as far as it is to be recorded."""

    @abstractmethod
    async def events(self, after: int, limit: int) -> tuple[Told, ...]:
        """The events after this place, in their order. What was read once keeps its place."""

    @abstractmethod
    async def due_events(self, limit: int, now: Instant) -> tuple[Told, ...]:
        """Events to be delivered now, of each session the first that is not delivered."""

    @abstractmethod
    async def note_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Remember how deliveries went."""

    @abstractmethod
    async def outbox(self) -> Outbox: ...

    @abstractmethod
    async def prune_events(self, now: Instant, limit: int = SWEEP_LIMIT) -> Pruned:
        """Remove events whose time to be kept is over, delivered or not."""

    @abstractmethod
    async def take_lease(self, name: str, owner: str, until: Instant, now: Instant) -> bool:
        """Whether the owner has what one node does at a time, until then: it had it, or nobody has it now."""

    # Inquiries about calls and people

    @abstractmethod
    async def foretell(self, query: Query, now: Instant) -> Foretold:
        """What `match` would answer, and the reservations that are still known. Changes nothing (rule 14)."""

    @abstractmethod
    async def calls(self, wanted: CallsWanted) -> CallPage:
        """A page of the call log, which `match` keeps where the query has a note (rule 23)."""

    @abstractmethod
    async def trim_calls(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        """Remove entries of the call log from before this instant; how many."""

    @abstractmethod
    async def forget(self, person: Person, now: Instant) -> Forgotten:
        """Remove what is known of a person: sessions with their data, what calls and requests left behind.

        It may take several steps, each of them atomic and short. When one is not stored it raises Unavailable, and
        what is left is removed by asking again.
        """

    @abstractmethod
    async def rehearse_forget(self, person: Person, now: Instant) -> Forgotten:
        """What `forget` would remove. Changes nothing."""

    # How resource groups fared

    @abstractmethod
    async def add_samples(self, samples: Sequence[PoolSample]) -> None:
        """Keep these, each joined with what is known of its group and minute."""

    @abstractmethod
    async def samples(self, group: str, since: Instant) -> tuple[PoolSample, ...]:
        """Of this group, oldest first."""

    @abstractmethod
    async def trim_samples(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        """Remove samples from before this instant; how many."""

    @abstractmethod
    async def open_on_shared(self, group: str) -> int:
        """The reservations of a shared group that are not settled; those that are over until a sweep comes by."""

    # Housekeeping

    @abstractmethod
    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        """Remove what is over. Nothing depends on when, or whether, this is called (rule 15)."""


_FOR_MANY = ("postgresql://", "postgres://")


def serves_many(url: str) -> bool:
    """Whether several processes may open the store at this URL at once."""
    return url.startswith(_FOR_MANY)


def open_store(url: str) -> Store:
    """The store at a URL: `memory://`, `sqlite:///PATH`, or any `postgresql://` that libpq understands.

    Raises ValueError with a sentence.
    """
    scheme, separator, rest = url.partition("://")
    if scheme == "memory" and separator and not rest:
        from matchline.store.memory import MemoryStore

        return MemoryStore()
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and rest != "/:memory:":
        from matchline.store.sqlite import SqliteStore

        return SqliteStore(rest[1:])
    if serves_many(url):
        try:
            from matchline.store.postgres import PostgresStore
        except ImportError as error:
            raise ValueError(
                f"{scheme}:// needs more: pip install 'matchline[postgres]' ({error})"
            ) from error

        return PostgresStore(url)
    raise ValueError(f"unknown store URL {url!r}: use memory://, sqlite:///PATH or postgresql://…")
