"""Stored sets of user data: the engine's side of the Storage API."""

from matchline.chance import Chance
from matchline.clock import SECOND, Clock
from matchline.engine.configure import Keeper
from matchline.errors import Conflict, NotFound, TooLarge, UnknownKey, UnknownRecord
from matchline.model import Record, Value, Values
from matchline.principal import Principal
from matchline.store import Store

DEFAULT_TTL = 30  # seconds, as documented for the Storage API


class Records:
    def __init__(self, store: Store, clock: Clock, chance: Chance, keeper: Keeper) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper

    async def create(self, values: Values, ttl: str, by: Principal) -> str:
        """Store a new record; its id. `ttl` as in the address, in seconds."""
        now = self._clock.now()
        record_id = self._chance.new_id(now)
        await self._store.put_record(record_id, None, values, self._ttl(ttl), now, by)
        return record_id

    async def put_custom(self, custom_id: str, owner: str, values: Values, ttl: str, by: Principal) -> None:
        """Create or overwrite under the client's own id. Raises UnknownRecord when it is another's."""
        try:
            await self._store.put_record(custom_id, owner, values, self._ttl(ttl), self._clock.now(), by)
        except NotFound:
            raise UnknownRecord from None

    async def merge(self, record_id: str, values: Values, by: Principal, ttl: str | None = None) -> None:
        """Set these keys; a ttl starts the record's time again."""
        await self._need_own(record_id, None, by)
        milliseconds = None if ttl is None else self._ttl(ttl)
        limit = self._keeper.current.server.limits.fields
        try:
            await self._store.merge_record(record_id, values, milliseconds, limit, self._clock.now())
        except NotFound:
            raise UnknownRecord from None
        except Conflict:
            raise TooLarge(f"The stored data would have more than {limit} keys.") from None

    async def get(self, record_id: str, by: Principal, owner: str | None = None) -> Record:
        """Raises UnknownRecord, also when it is not for the principal's eyes."""
        record = await self._record(record_id, owner)
        if not by.may_read(record.maker):
            raise UnknownRecord
        return record

    async def value(self, record_id: str, key: str, by: Principal) -> Value:
        if not by.may_read(None):
            await self._need_own(record_id, None, by)
        try:
            value = await self._store.value(record_id, key, self._clock.now())
        except NotFound:
            raise UnknownRecord from None
        if value is None:
            raise UnknownKey(key)
        return value

    async def delete_value(self, record_id: str, key: str, by: Principal) -> None:
        await self._need_own(record_id, None, by)
        try:
            await self._store.delete_value(record_id, key, self._clock.now())
        except NotFound:
            raise UnknownKey(key) from None

    async def delete(self, record_id: str, by: Principal, owner: str | None = None) -> None:
        await self._need_own(record_id, owner, by)
        try:
            await self._store.delete_record(record_id, owner, self._clock.now())
        except NotFound:
            raise UnknownRecord from None

    async def _need_own(self, record_id: str, owner: str | None, by: Principal) -> None:
        """Raises UnknownRecord when it is another's, for a principal whom that concerns."""
        if by.is_bound and not by.may_change((await self._record(record_id, owner)).maker):
            raise UnknownRecord

    async def _record(self, record_id: str, owner: str | None) -> Record:
        try:
            return await self._store.record(record_id, owner, self._clock.now())
        except NotFound:
            raise UnknownRecord from None

    def _ttl(self, text: str) -> int:
        """Milliseconds. What is no positive number counts as the default; `max_ttl` is the most."""
        try:
            seconds = float(text)
        except ValueError:
            seconds = DEFAULT_TTL
        if not seconds > 0:  # NaN too
            seconds = DEFAULT_TTL
        return max(1, round(min(seconds, self._keeper.current.server.max_ttl) * SECOND))
