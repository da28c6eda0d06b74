"""Charts, on their way through the gate."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from matchline.clock import Instant
from matchline.kept.charting import Begun, ChartEvent, ChartState, ChartStep, ChartWork, Effect, NewChart
from matchline.store import Store


class ChartingStore(Store):
    """The simulated nodes have no services with charts: this is the contract's part, and unused."""

    @abstractmethod
    async def _step(self, name: str, *arguments: object) -> Any: ...

    async def begin_chart(self, new: NewChart, now: Instant) -> Begun:
        begun: Begun = await self._step("begin_chart", new, now)
        return begun

    async def queue_event(self, session_id: str, event: ChartEvent, most: int, now: Instant) -> None:
        await self._step("queue_event", session_id, event, most, now)

    async def chart_at(self, token: str) -> str:
        return str(await self._step("chart_at", token))

    async def chart_state(self, session_id: str) -> ChartState:
        state: ChartState = await self._step("chart_state", session_id)
        return state

    async def response(self, session_id: str, request_id: str) -> bytes | None:
        response: bytes | None = await self._step("response", session_id, request_id)
        return response

    async def claim_charts(
        self, owner: str, until: Instant, limit: int, now: Instant
    ) -> tuple[ChartWork, ...]:
        claimed: tuple[ChartWork, ...] = await self._step("claim_charts", owner, until, limit, now)
        return claimed

    async def keep_charts(self, owner: str, session_ids: Iterable[str], until: Instant) -> None:
        await self._step("keep_charts", owner, session_ids, until)

    async def advance_chart(self, step: ChartStep, now: Instant) -> bool:
        return bool(await self._step("advance_chart", step, now))

    async def claim_effects(self, until: Instant, limit: int, now: Instant) -> tuple[Effect, ...]:
        claimed: tuple[Effect, ...] = await self._step("claim_effects", until, limit, now)
        return claimed

    async def finish_effect(self, effect: Effect, outcome: ChartEvent | None, now: Instant) -> None:
        await self._step("finish_effect", effect, outcome, now)

    async def postpone_effect(self, effect: Effect, due_at: Instant) -> None:
        await self._step("postpone_effect", effect, due_at)

    async def free_charts(self) -> None:
        await self._step("free_charts")

    async def trim_charts(self, before: Instant, limit: int) -> int:
        return int(await self._step("trim_charts", before, limit))
