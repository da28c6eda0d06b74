"""What is asked about calls, people and the progress of sessions, on its way through the gate."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from matchline.clock import Instant
from matchline.foretold import Foretold
from matchline.kept.call_log import CallPage, CallsWanted
from matchline.kept.person import Forgotten, Person
from matchline.kept.progress import Progress
from matchline.store import SWEEP_LIMIT, Store
from matchline.verdict import Query


class InquiringStore(Store):
    @abstractmethod
    async def _step(self, name: str, *arguments: object) -> Any: ...

    async def foretell(self, query: Query, now: Instant) -> Foretold:
        foretold: Foretold = await self._step("foretell", query, now)
        return foretold

    async def progress(self, session_ids: Sequence[str], now: Instant) -> Mapping[str, Progress]:
        found: Mapping[str, Progress] = await self._step("progress", session_ids, now)
        return found

    async def calls(self, wanted: CallsWanted) -> CallPage:
        page: CallPage = await self._step("calls", wanted)
        return page

    async def trim_calls(self, before: Instant, limit: int = SWEEP_LIMIT) -> int:
        trimmed: int = await self._step("trim_calls", before, limit)
        return trimmed

    async def forget(self, person: Person, now: Instant) -> Forgotten:
        forgotten: Forgotten = await self._step("forget", person, now)
        return forgotten

    async def rehearse_forget(self, person: Person, now: Instant) -> Forgotten:
        rehearsed: Forgotten = await self._step("rehearse_forget", person, now)
        return rehearsed
