"""What requests need of a store: its configuration, sessions, records and matches, as every SQL store has them."""

from collections.abc import Iterable, Mapping

from matchline.clock import Instant
from matchline.model import Change, Granted, Pool, Record, Session, Stored, Value, Values
from matchline.principal import EVERYONE, Principal
from matchline.store.sql import configuration, keys, match, records, reserve, sessions, slots
from matchline.store.sql.browsing import BrowseStore
from matchline.verdict import Query, Verdict


class ServingStore(BrowseStore):
    """Needs no more of a store than that it runs steps."""

    async def check(self) -> None:
        await self.write(lambda db: db.run("touch", {}))

    async def stored(self) -> Stored:
        return await self.read(configuration.stored)

    async def change(self, change: Change, version: int, now: Instant) -> Stored:
        return await self.write(lambda db: configuration.change(db, change, version, now))

    async def key_uses(self) -> Mapping[str, Instant]:
        return await self.read(keys.uses)

    async def note_key_uses(self, key_ids: Iterable[str], now: Instant) -> None:
        await self.write(lambda db: keys.note_uses(db, key_ids, now))

    async def renew(self, session_id: str, now: Instant) -> Granted:
        return await self.write(lambda db: reserve.renew(db, session_id, now))

    async def end(self, session_id: str, now: Instant) -> None:
        await self.write(lambda db: reserve.end(db, session_id, now))

    async def session(self, session_id: str, now: Instant) -> Session:
        return await self.read(lambda db: sessions.session(db, session_id, now))

    async def match(self, query: Query, now: Instant) -> Verdict:
        return await self.write(lambda db: match.match(db, query, now))

    async def pool(self, group: str, now: Instant) -> Pool:
        return await self.read(lambda db: slots.pool(db, group, now))

    async def put_record(
        self,
        record_id: str,
        owner: str | None,
        values: Values,
        ttl: int,
        now: Instant,
        by: Principal = EVERYONE,
    ) -> None:
        await self.write(lambda db: records.put(db, record_id, owner, values, ttl, now, by))

    async def merge_record(
        self, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
    ) -> None:
        await self.write(lambda db: records.merge(db, record_id, values, ttl, max_fields, now))

    async def record(self, record_id: str, owner: str | None, now: Instant) -> Record:
        return await self.read(lambda db: records.get(db, record_id, owner, now))

    async def value(self, record_id: str, key: str, now: Instant) -> Value | None:
        return await self.read(lambda db: records.get_value(db, record_id, key, now))

    async def delete_value(self, record_id: str, key: str, now: Instant) -> None:
        await self.write(lambda db: records.delete_value(db, record_id, key, now))

    async def delete_record(self, record_id: str, owner: str | None, now: Instant) -> None:
        await self.write(lambda db: records.delete(db, record_id, owner, now))
