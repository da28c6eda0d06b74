"""Stored sets of user data: the engine's side of the Storage API."""

from matchline.chance import Chance
from matchline.clock import SECOND, Clock
from matchline.engine.configure import Keeper
from matchline.errors import Conflict, NotFound, TooLarge, UnknownKey, UnknownRecord
from matchline.model import Record, Value, Values
from matchline.store import Store

DEFAULT_TTL = 30  # seconds, as documented for the Storage API


class Records:
    def __init__(self, store: Store, clock: Clock, chance: Chance, keeper: Keeper) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper

    async def create(self, values: Values, ttl: str) -> str:
        """Store a new record; its id. `ttl` as in the address, in seconds."""
        now = self._clock.now()
        record_id = self._chance.new_id(now)
        await self._store.put_record(record_id, None, values, self._ttl(ttl), now)
        return record_id

    async def put_custom(self, custom_id: str, owner: str, values: Values, ttl: str) -> None:
        """Create or overwrite under the client's own id. Raises UnknownRecord when it is another's."""
        try:
            await self._store.put_record(custom_id, owner, values, self._ttl(ttl), self._clock.now())
        except NotFound:
            raise UnknownRecord from None

    async def merge(self, record_id: str, values: Values, ttl: str | None = None) -> None:
        """Set these keys; a ttl starts the record's time again."""
        milliseconds = None if ttl is None else self._ttl(ttl)
        limit = self._keeper.current.server.limits.fields
        try:
            await self._store.merge_record(record_id, values, milliseconds, limit, self._clock.now())
        except NotFound:
            raise UnknownRecord from None
        except Conflict:
            raise TooLarge(f"The stored data would have more than {limit} keys.") from None

    async def get(self, record_id: str, owner: str | None = None) -> Record:
        try:
            return await self._store.record(record_id, owner, self._clock.now())
        except NotFound:
            raise UnknownRecord from None

    async def value(self, record_id: str, key: str) -> Value:
        try:
            value = await self._store.value(record_id, key, self._clock.now())
        except NotFound:
            raise UnknownRecord from None
        if value is None:
            raise UnknownKey(key)
        return value

    async def delete_value(self, record_id: str, key: str) -> None:
        try:
            await self._store.delete_value(record_id, key, self._clock.now())
        except NotFound:
            raise UnknownKey(key) from None

    async def delete(self, record_id: str, owner: str | None = None) -> None:
        try:
            await self._store.delete_record(record_id, owner, self._clock.now())
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
