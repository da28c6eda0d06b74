"""What may be asked of every SQL store about calls and people: the call log, what would match, and to forget."""

from collections.abc import Mapping, Sequence

from matchline.clock import Instant
from matchline.foretold import Foretold
from matchline.kept.call_log import CallPage, CallsWanted
from matchline.kept.person import Forgotten, Person
from matchline.kept.progress import Progress
from matchline.store import SWEEP_LIMIT
from matchline.store.sql import call_log
from matchline.store.sql import foretell as foretelling
from matchline.store.sql import forget as forgetting
from matchline.store.sql import progress as following
from matchline.store.sql.attending import AttendedStore
from matchline.verdict import Query


class InquiryStore(AttendedStore):
    """Needs no more of a store than that it runs steps."""

    async def foretell(self, query: Query, now: Instant) -> Foretold:
        return await self.write(lambda db: foretelling.foretell(db, query, now))

    async def progress(self, session_ids: Sequence[str], now: Instant) -> Mapping[str, Progress]:
        return await self.read(lambda db: following.progress(db, session_ids, now))

    async def calls(self, wanted: CallsWanted) -> CallPage:
        return await self.read(lambda db: call_log.calls(db, wanted))

    async def trim_calls(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        return await self.write(lambda db: call_log.trim(db, before, limit))

    async def forget(self, person: Person, now: Instant) -> Forgotten:
        return await forgetting.forget(self, person, now)

    async def rehearse_forget(self, person: Person, now: Instant) -> Forgotten:
        return await forgetting.rehearse(self, person, now)
