"""The store's contract: what is kept, and the atomic steps in which it changes.

Each method is one atomic step that is durable before it returns, with `now` as an argument; model objects
go in and come out; `NotFound`, `Conflict`, `Exhausted` and `Unavailable` are all that is raised. The contract
tests in `testing` run on every store; none may override or skip one. `migrations.migrate` brings an older store up
to date.
"""

import asyncio
from abc import ABC, abstractmethod

from matchline.clock import Instant, Reading
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
from matchline.verdict import Query, Verdict

SWEEP_LIMIT = 1000  # rows of each kind that one sweep removes, so that it holds up no one for long

# Data of a session that a match deleted stays readable for the same call asked again (rule 12).
DELETED_DATA_MEMORY = 60_000  # ms


class Store(ABC):
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

    # Configuration

    @abstractmethod
    async def stored(self) -> Stored:
        """The configuration."""

    @abstractmethod
    async def change(self, change: Change, version: int, now: Instant) -> Stored:
        """Change the configuration that has this version. Raises Conflict when it has another by now."""

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
    async def match(self, query: Query, now: Instant) -> Verdict:
        """Decide whose call it is, settle what matched, and remember it for the same call (rules 7 to 12)."""

    @abstractmethod
    async def pool(self, group: str, now: Instant) -> Pool:
        """The numbers of an exclusive group that are not draining, by what they do now."""

    # Records

    @abstractmethod
    async def put_record(
        self, record_id: str, owner: str | None, values: Values, ttl: int, now: Instant
    ) -> None:
        """Create or overwrite. Raises NotFound when the live record has another owner."""

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
