"""Reserving: a session is given a slot of a resource group, keeps it for a time, and gives it back."""

from dataclasses import dataclass, replace

from msgspec import Struct

from matchline import codes, phone
from matchline.chance import Chance
from matchline.clock import SECOND, Clock, Instant, whole_seconds
from matchline.engine.configure import Keeper
from matchline.engine.policy import Group
from matchline.errors import (
    Conflict,
    Exhausted,
    Fault,
    IdempotencyConflict,
    NotAllowed,
    NotFound,
    NotReserved,
    NumbersExhausted,
    OverQuota,
    UnknownResourceGroup,
    UnknownSession,
    shown,
)
from matchline.faults.refusals import QuotaReached
from matchline.model import (
    Claim,
    CodeWish,
    Granted,
    Held,
    Idempotency,
    NewSession,
    Pool,
    Quota,
    Session,
    Strategy,
    Values,
    Wish,
)
from matchline.observing.masking import Private
from matchline.principal import Principal
from matchline.store import Store

# When nothing tells when a slot may be free (a group without numbers), a caller is asked to come back after
# the default time of a reservation.
RETRY_UNKNOWN = 30  # seconds

_PICKS = 1 << 32  # enough for an even choice among any number of numbers


@dataclass(frozen=True, slots=True, repr=False)
class Terms(Private):
    """What access information is asked for."""

    group: str
    phone_text: str | None  # the device's number as given
    code_length: int  # 0: no code
    timeout_seconds: int | None  # None: the group's
    quota: Quota | None = None


class Access(Private, Struct, frozen=True):
    """Access information as it is given out."""

    session_id: str
    data_id: str
    number: str
    code: str | None
    timeout_seconds: int
    tel_url: str | None
    group: Group
    pool: Pool | None


class Reservations:
    def __init__(self, store: Store, clock: Clock, chance: Chance, keeper: Keeper) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper

    async def reserve(
        self,
        service: str,
        asked: Terms,
        values: Values,
        by: Principal,
        *,
        ttl_seconds: int,
        idempotency: Idempotency | None = None,
        with_pool: bool = False,
    ) -> Access:
        """Begin a session of a service, with its data and access information.

        Raises UnknownResourceGroup, NotAllowed, QuotaReached, NumbersExhausted, IdempotencyConflict.
        """
        group = self._usable_group(asked.group, by)
        ttl = min(ttl_seconds, self._keeper.current.server.max_ttl) * SECOND
        now = self._clock.now()
        session_id, data_id = self._chance.new_id(now), self._chance.new_id(now)
        session = NewSession(session_id, service, data_id, asked.phone_text, ttl, by.maker)
        wish = self._wish(group, asked)
        wanted = Claim(session, values, wish, idempotency, with_pool and group.strategy.exclusive)
        try:
            return self._access(await self._store.claim(wanted, now), group)
        except Conflict:
            raise IdempotencyConflict from None
        except Exhausted as exhausted:
            raise _refusal(group, exhausted, now) from None

    async def request_access(self, session_id: str, asked: Terms, by: Principal) -> Access:
        """Access information for an existing session: its own renewed, or other in exchange.

        Raises UnknownSession, UnknownResourceGroup, NotAllowed, QuotaReached, NumbersExhausted.
        """
        group = self._usable_group(asked.group, by)
        session = await self.own_session(session_id, by)
        known = replace(asked, phone_text=asked.phone_text or session.phone_text)
        wish = self._wish(group, known)
        now = self._clock.now()
        try:
            return self._access(await self._store.reclaim(session_id, wish, asked.phone_text, now), group)
        except NotFound:
            raise UnknownSession from None
        except Exhausted as exhausted:
            raise _refusal(group, exhausted, now) from None

    async def renew(self, session_id: str) -> Access:
        """Reservation, session and data start again. Raises UnknownSession, NotReserved."""
        try:
            granted = await self._store.renew(session_id, self._clock.now())
        except NotFound:
            raise UnknownSession from None
        except Conflict:
            raise NotReserved from None
        return self._access(granted, self._group(granted.group))

    async def end(self, session_id: str, by: Principal) -> None:
        """Raises UnknownSession."""
        if by.is_bound:
            await self.own_session(session_id, by)
        try:
            await self._store.end(session_id, self._clock.now())
        except NotFound:
            raise UnknownSession from None

    async def session(self, session_id: str, by: Principal) -> Session:
        """To look at. Raises UnknownSession, also when it is not for the principal's eyes."""
        session = await self._session(session_id)
        if not (by.may_read(session.maker) and by.may_ask(session.service)):
            raise UnknownSession
        return session

    async def own_session(self, session_id: str, by: Principal) -> Session:
        """To be changed. Raises UnknownSession, also when it is another's."""
        session = await self._session(session_id)
        if not by.may_change(session.maker):
            raise UnknownSession
        return session

    def tel_url(self, held: Held) -> str | None:
        """A link that dials what is held; None for what cannot be dialled."""
        group = self._keeper.current.groups.get(held.group)
        return phone.tel_url(held.number, group.region if group else None, held.code)

    async def pool(self, group: str) -> Pool:
        """Raises UnknownResourceGroup."""
        return await self._store.pool(self._group(group).name, self._clock.now())

    def seconds_left(self, until: Instant) -> int:
        return max(0, whole_seconds(until - self._clock.now()))

    async def _session(self, session_id: str) -> Session:
        try:
            return await self._store.session(session_id, self._clock.now())
        except NotFound:
            raise UnknownSession from None

    def _usable_group(self, name: str, by: Principal) -> Group:
        if not by.may_use(name):
            raise NotAllowed(f"the resource group {shown(name)}")
        return self._group(name)

    def _group(self, name: str) -> Group:
        group = self._keeper.current.groups.get(name)
        if group is None:
            raise UnknownResourceGroup(name)
        return group

    def _wish(self, group: Group, asked: Terms) -> Wish:
        terms = group.terms
        if asked.timeout_seconds is not None:
            terms = replace(terms, timeout=asked.timeout_seconds * SECOND)
        return Wish(
            group.name,
            group.strategy,
            terms,
            phone.caller(asked.phone_text, group.region),
            self._code_wish(group, asked.code_length),
            self._chance.below(_PICKS) if group.strategy is Strategy.RANDOM else 0,
            asked.quota,
        )

    def _code_wish(self, group: Group, length: int) -> CodeWish | None:
        if not length:
            return None
        space = self._keeper.current.server.code_space
        count = 1 if group.strategy.exclusive else codes.CANDIDATES
        return CodeWish(space.draw(length, count, self._chance), space.size(length) // 2, space.leads)

    def _access(self, granted: Granted, group: Group) -> Access:
        return Access(
            granted.session_id,
            granted.data_id,
            granted.number,
            granted.code,
            granted.timeout // SECOND,
            phone.tel_url(granted.number, group.region, granted.code),
            group,
            granted.pool,
        )


def _refusal(group: Group, exhausted: Exhausted, now: Instant) -> Fault:
    known = exhausted.free_at is not None
    seconds = whole_seconds(exhausted.free_at - now) if exhausted.free_at is not None else 0
    if isinstance(exhausted, OverQuota):
        return QuotaReached(max(1, seconds))
    return NumbersExhausted(group.name, max(1, seconds) if known else RETRY_UNKNOWN)
