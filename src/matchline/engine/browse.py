"""What people look at and do by hand: live sessions, one session's life, a reservation released, a session ended.

A step of the store looks at a bounded number of rows; here such steps follow each other until a page is full, with
room for others in between, and not for ever.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from matchline.chance import made_at
from matchline.clock import SECOND, Clock, Instant
from matchline.engine.configure import Keeper
from matchline.errors import Conflict, NotFound, NotReserved, UnknownSession
from matchline.kept.audit import AuditEntry
from matchline.kept.call_log import CallEntry, CallsWanted
from matchline.kept.events import Told
from matchline.kept.live import NumberUse, SessionPage, SessionsWanted, Standing
from matchline.kept.person import person
from matchline.model import Session, Values
from matchline.observing.context import actor
from matchline.observing.masking import Private, masked_phone
from matchline.store import Store

_MOST_STEPS = 24  # one after the other: of 120,000 live sessions all are looked at, in half a second
_MOST_STEPS_BACK = 5  # through the events and calls of everybody, for those of one session

_OUT_OF_STEP = 60_000  # ms by which what several nodes write may stand out of its order

_COUNT_AGE = 3 * SECOND

PAGE = 50  # sessions, unless it is said


class Filter(Private, Struct, frozen=True):
    """Which live sessions are wanted, in the words of whoever asks; '' and None: whatever it is."""

    number: str = ""  # an access number that is held
    group: str = ""  # a resource group of which one is held
    phone: str = ""  # that the session was begun for
    service: str = ""
    standing: Standing | None = None
    prefix: str = ""  # what the session's id begins with


class Counted(Struct, frozen=True):
    """Live sessions of each service; where it is not complete there are more."""

    services: Mapping[str, int]
    complete: bool

    @property
    def total(self) -> int:
        return sum(self.services.values())


class Life(Private, Struct, frozen=True):
    """What is known of one session. Where it is not complete, what happened long ago was not looked at."""

    session_id: str
    now: Instant
    made_at: Instant | None  # None: its id does not tell
    session: Session | None  # None: it has ended, or never was
    values: Values | None
    events: tuple[Told, ...]
    calls: tuple[CallEntry, ...]  # newest first
    complete: bool


class Browsing:
    def __init__(self, store: Store, clock: Clock, keeper: Keeper) -> None:
        self._store = store
        self._clock = clock
        self._keeper = keeper
        self._counted = Counted({}, complete=True)
        self._counted_at: Instant = 0

    def now(self) -> Instant:
        return self._clock.now()

    def shown_phone(self, phone_text: str) -> str:
        """A customer's number as it may be shown."""
        whole = self._keeper.current.server.call_log_whole_callers
        return phone_text if whole else masked_phone(phone_text)

    async def sessions(self, wanted: Filter, before: str | None = None, limit: int = PAGE) -> SessionPage:
        """A page of live sessions, the latest begun first."""
        found: list[Session] = []
        asked = self._wanted(wanted)
        for _ in range(_MOST_STEPS):
            asked = replace(asked, before=before, limit=limit - len(found))
            page = await self._store.browse(asked, self._clock.now())
            found += page.sessions
            before = page.next
            if before is None or len(found) == limit:
                break
            await asyncio.sleep(0)
        return SessionPage(tuple(found), before)

    async def count(self) -> Counted:
        """Live sessions by service."""
        services: Counter[str] = Counter()
        before = None
        for _ in range(_MOST_STEPS):
            counted = await self._store.count_sessions(before, self._clock.now())
            services.update(counted.services)
            before = counted.next
            if before is None:
                break
            await asyncio.sleep(0)
        return Counted(services, before is None)

    async def lately_counted(self) -> Counted:
        """Live sessions by service, as they were a few seconds ago: however many look, it is counted once."""
        if self._clock.now() - self._counted_at > _COUNT_AGE:
            self._counted, self._counted_at = await self.count(), self._clock.now()
        return self._counted

    async def number_uses(self, number_ids: Sequence[int]) -> Mapping[int, NumberUse]:
        """What each of these access numbers does now; those that are gone are left out."""
        found: dict[int, NumberUse] = {}
        left = list(number_ids)
        while left:
            uses = await self._store.number_uses(left, self._clock.now())
            if not uses:
                break
            found |= uses
            left = left[left.index(list(uses)[-1]) + 1 :]
            await asyncio.sleep(0)
        return found

    async def life(self, session_id: str) -> Life:
        """Raises UnknownSession when nothing tells that there ever was such a session."""
        _need_id(session_id)
        now = self._clock.now()
        session = await self._session(session_id, now)
        values = await self._values(session, now) if session else None
        begun = made_at(session_id)
        since = None if begun is None else begun - _OUT_OF_STEP
        events, all_events = await self._events(session_id, since)
        calls, all_calls = await self._calls(session_id, since)
        if not (session or events or calls):
            raise UnknownSession
        complete = all_events and all_calls
        return Life(session_id, now, begun, session, values, events, calls, complete)

    async def call(self, entry_id: int) -> CallEntry | None:
        """An entry of the call log, while it is kept."""
        entries = (await self._store.calls(CallsWanted(before=entry_id + 1, limit=1))).entries
        return entries[0] if entries and entries[0].id == entry_id else None

    async def release(self, session_id: str) -> None:
        """Give a reservation's slot back; the session stays. Raises UnknownSession, NotReserved."""
        _need_id(session_id)
        now = self._clock.now()
        try:
            held = (await self._store.session(session_id, now)).held
            if held is None:
                raise NotReserved
            told = {f"session {session_id}": f"{held.group} {held.number}"}
            await self._store.release(
                session_id, AuditEntry(actor(), "reservation released by hand", told), now
            )
        except NotFound:
            raise UnknownSession from None
        except Conflict:
            raise NotReserved from None

    async def end(self, session_id: str) -> None:
        """End a session, with its reservation and its data. Raises UnknownSession."""
        _need_id(session_id)
        now = self._clock.now()
        try:
            service = (await self._store.session(session_id, now)).service
            told = {f"session {session_id}": service}
            await self._store.end_by_hand(session_id, AuditEntry(actor(), "session ended by hand", told), now)
        except NotFound:
            raise UnknownSession from None

    def _wanted(self, wanted: Filter) -> SessionsWanted:
        current = self._keeper.current
        numbers = current.directory.find(wanted.number) if wanted.number else current.numbers
        among = [each.id for each in numbers if wanted.group in ("", each.group)]
        return SessionsWanted(
            frozenset(among) if wanted.number or wanted.group else None,
            person(wanted.phone, current.regions) if wanted.phone else None,
            wanted.service,
            wanted.standing,
            wanted.prefix,
        )

    async def _session(self, session_id: str, now: Instant) -> Session | None:
        try:
            return await self._store.session(session_id, now)
        except NotFound:
            return None

    async def _values(self, session: Session, now: Instant) -> Values | None:
        try:
            return (await self._store.record(session.data_id, None, now)).values
        except NotFound:
            return None

    async def _events(self, session_id: str, since: Instant | None) -> tuple[tuple[Told, ...], bool]:
        """In their order, and whether these are all."""
        found: tuple[Told, ...] = ()
        before = None
        for _ in range(_MOST_STEPS_BACK):
            page = await self._store.session_events(session_id, before)
            found = page.events + found
            before = page.next
            if before is None or (since is not None and page.oldest is not None and page.oldest < since):
                return found, True
            await asyncio.sleep(0)
        return found, False

    async def _calls(self, session_id: str, since: Instant | None) -> tuple[tuple[CallEntry, ...], bool]:
        """Newest first, and whether these are all."""
        found: list[CallEntry] = []
        before = None
        for _ in range(_MOST_STEPS_BACK):
            page = await self._store.calls(CallsWanted(before=before, session_id=session_id, since=since))
            found += page.entries
            before = page.next
            if before is None:
                return tuple(found), True
            await asyncio.sleep(0)
        return tuple(found), False


def _need_id(text: str) -> None:
    """Raises UnknownSession for what no store can look for."""
    if "\0" in text:
        raise UnknownSession
