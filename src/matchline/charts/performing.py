"""Carries out what charts asked for, once the step that asked is stored; what comes of it is their next event."""

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from matchline.charts.fetching import LONGEST_SECONDS, FetchError, Fetching
from matchline.charts.forwarding import Forwarding
from matchline.charts.functions import FUNCTIONS, Asked, Functions
from matchline.charts.notifying import Again
from matchline.clock import SECOND
from matchline.engine import Engine
from matchline.engine.charts import Incoming
from matchline.errors import Fault, NotFound, Unavailable
from matchline.kept.charting import ChartEvent, Effect, runs_elsewhere
from matchline.scxml.effects import Sent
from matchline.scxml.events import COMMUNICATION, error
from matchline.scxml.http_io import HttpRequest

AT_ONCE = (
    256  # under way in one process: most wait for others' servers, and what does not shall not wait for those
)
ENDINGS_AT_ONCE = (
    64  # of these, ends of charts that run elsewhere: thousands may be due at a server that hangs
)
LEASE = int((LONGEST_SECONDS + 10) * SECOND)  # another node tries it then, if this one has not come back

log = logging.getLogger(__name__)


class Performing:
    def __init__(
        self, engine: Engine, functions: Functions, fetching: Fetching, forwarding: Forwarding
    ) -> None:
        self._engine = engine
        self._functions = functions
        self._fetching = fetching
        self._forwarding = forwarding
        self._under_way: dict[asyncio.Task[None], Effect] = {}

    async def look(self) -> int:
        """Begin what is due; how many. Raises Unavailable."""
        room = AT_ONCE - len(self._under_way)
        if not room:
            return 0
        now = self._engine.clock.now()
        effects = await self._engine.store.claim_effects(now + LEASE, room, now)
        for effect in effects:
            self._begin(effect)
        return len(effects)

    def _begin(self, effect: Effect) -> None:
        """An end that is left here comes again when its lease is over."""
        if runs_elsewhere(effect.session_id) and self._endings >= ENDINGS_AT_ONCE:
            return
        task = asyncio.create_task(self._perform(effect))
        self._under_way[task] = effect
        task.add_done_callback(self._under_way.pop)

    @property
    def _endings(self) -> int:
        return sum(runs_elsewhere(each.session_id) for each in self._under_way.values())

    async def stop(self) -> None:
        """What is under way is tried again, here or elsewhere."""
        under_way = list(self._under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _perform(self, effect: Effect) -> None:
        store, clock = self._engine.store, self._engine.clock
        try:
            outcome = await self._outcome(effect)
            event = ChartEvent("", msgspec.json.encode(outcome)) if outcome else None
            await store.finish_effect(effect, event, clock.now())
            self._engine.charts.wake()
        except Again as again:
            await self._postpone(effect, again.pause)
        except Unavailable as unavailable:
            log.warning("what a chart asked for waits for the store: %s", unavailable)
        except Exception:
            log.exception("what a chart asked for failed, and is tried again")

    async def _postpone(self, effect: Effect, pause: int) -> None:
        try:
            await self._engine.store.postpone_effect(effect, self._engine.clock.now() + pause)
        except Unavailable as unavailable:
            log.warning("what a chart asked for waits for the store: %s", unavailable)

    async def _outcome(self, effect: Effect) -> Incoming | None:
        """None: the chart is told nothing. Raises Unavailable, Again."""
        if runs_elsewhere(effect.session_id):
            await self._forwarding.end(effect)
            return None
        wanted = msgspec.json.decode(effect.body, type=HttpRequest | Sent)
        if isinstance(wanted, HttpRequest):
            return await self._posted(wanted, effect)
        try:
            session = await self._engine.store.session(effect.session_id, self._engine.clock.now())
        except NotFound:
            return None
        return await self._done(Asked(effect, wanted, session))

    async def _posted(self, wanted: HttpRequest, effect: Effect) -> Incoming | None:
        try:
            await self._fetching.post(wanted, effect.key)
        except FetchError as failure:
            failed = error(COMMUNICATION, f"{wanted.url}: {failure}", wanted.sendid)
            members = {name: getattr(failed, name) for name in failed.__struct_fields__}
            return Incoming(**members, to=_to(effect, wanted.session))
        return None

    async def _done(self, asked: Asked) -> Incoming:
        named = FUNCTIONS[asked.sent.type]
        data: Mapping[str, object]
        try:
            name, data = named.done, await named.run(self._functions, asked)
        except (Fault, FetchError) as failure:
            name, data = named.failed, _failure(failure)
        if asked.sent.event.sendid is not None:
            data = {"requestid": asked.sent.event.sendid, **data}
        return Incoming(
            name,
            data=msgspec.json.encode(data).decode(),
            sendid=asked.sent.event.sendid,
            to=_to(asked.effect, asked.sent.session),
        )


def _to(effect: Effect, session: str) -> str:
    return "" if session == effect.session_id else session


def _failure(failure: Fault | FetchError) -> dict[str, object]:
    """In the words of this API and in those of Orchestration's."""
    if isinstance(failure, Fault):
        name = type(failure).__name__
        words = {"exception": name, "message": failure.message, "error": name, "description": failure.message}
        return {**failure.extra, **words}
    return {"message": str(failure), "error": str(failure), "description": str(failure)}
