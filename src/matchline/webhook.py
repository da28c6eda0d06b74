"""Delivers events: each is posted as JSON, signed, until it is accepted or given up; in order for each session.

One node does it at a time, and what is delivered stands in the store: another goes on where one stopped. An event
may come twice, never is one left out.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress

import httpx

from matchline.clock import SECOND, Instant
from matchline.engine import Engine
from matchline.engine.outgoing import EventPolicy
from matchline.errors import Unavailable
from matchline.kept.events import Attempt, Told
from matchline.observing import metrics as m
from matchline.store import SWEEP_LIMIT
from matchline.wire import event_json

SIGNATURE = "Matchline-Signature"
EVENT_ID = "Matchline-Event"

IDLE_SECONDS = 0.25  # between looks for events
AT_ONCE = 16  # deliveries under way
ANSWER_SECONDS = 10.0  # a receiver may take
LEASE = 4 * SECOND  # another node goes on so long after the one that delivered is gone
_RENEW_SECONDS = 1.0
_LEASE_NAME = "events"

FIRST_BACK_OFF = SECOND
LONGEST_BACK_OFF = 300 * SECOND
_MOST_DOUBLINGS = 10

PRUNE_SECONDS = 10.0

log = logging.getLogger(__name__)


def signature(secret: str, now: Instant, body: bytes) -> str:
    """`t=SECONDS,v1=HEX`: HMAC-SHA256 with the secret over the seconds, a dot and the body."""
    seconds = str(now // SECOND)
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def signature_header(secret: str, now: Instant, body: bytes) -> Mapping[str, str]:
    return {SIGNATURE: signature(secret, now, body)}


class Courier:
    def __init__(self, engine: Engine, client: httpx.AsyncClient) -> None:
        self._engine = engine
        self._client = client
        self._owner = engine.chance.new_id(engine.clock.now())
        self._failures = 0  # rounds in a row in which nothing was delivered

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver_for_ever())
            group.create_task(self._prune_for_ever())

    async def _deliver_for_ever(self) -> None:
        while True:
            delivered = 0
            try:
                delivered = await self.round()
            except Unavailable as error:
                log.warning("events are not delivered now: %s", error)
            except Exception:  # the next may not fail; without it nothing would be delivered any more
                log.exception("a round of deliveries failed")
            if not delivered:
                await asyncio.sleep(max(IDLE_SECONDS, self._pause() / SECOND))

    async def _prune_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PRUNE_SECONDS)
            try:
                await self.prune()
            except Unavailable as error:
                log.warning("events that are over are not removed now: %s", error)

    async def round(self) -> int:
        """Try what is due, as many as are under way at once; how many were delivered."""
        policy = self._engine.keeper.current.events
        if policy.url is None:
            return 0
        now = self._engine.clock.now()
        due = await self._engine.store.due_events(AT_ONCE, now)
        if not due or not await self._engine.store.take_lease(_LEASE_NAME, self._owner, now + LEASE, now):
            return 0
        keeping = asyncio.create_task(self._keep_lease())
        try:
            due = await self._engine.store.due_events(AT_ONCE, now)  # as whoever had the lease left them
            accepted = await asyncio.gather(*(self._deliver(policy, told) for told in due))
            await self._note(due, accepted)
        finally:
            keeping.cancel()
        delivered = sum(accepted)
        self._failures = 0 if delivered or not due else self._failures + 1
        return delivered

    async def _keep_lease(self) -> None:
        """While a receiver takes its time."""
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            now = self._engine.clock.now()
            with suppress(Unavailable):
                await self._engine.store.take_lease(_LEASE_NAME, self._owner, now + LEASE, now)

    async def prune(self) -> None:
        """Remove what is over."""
        while True:
            pruned = await self._engine.store.prune_events(self._engine.clock.now())
            if pruned.dead:
                self._engine.metrics.add(m.WEBHOOKS, "dead", by=pruned.dead)
                log.error("%d events were given up: they could not be delivered in time", pruned.dead)
            if pruned.events < SWEEP_LIMIT:
                return

    async def _deliver(self, policy: EventPolicy, told: Told) -> bool:
        assert policy.url
        body = event_json(told)
        headers = {
            "content-type": "application/json",
            EVENT_ID: str(told.place),
            **signature_header(policy.secret, self._engine.clock.now(), body),
        }
        with self._span():
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await self._client.post(policy.url, content=body, headers=headers)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
                why = f"{type(error).__name__}"
            else:
                if answer.is_success:
                    return True
                why = f"status {answer.status_code}"
        log.warning("event %d was not accepted, attempt %d: %s", told.place, told.attempts + 1, why)
        return False

    def _span(self) -> AbstractContextManager[object]:
        tracer = self._engine.tracer
        return tracer.start_as_current_span("webhook") if tracer else nullcontext()

    async def _note(self, due: Sequence[Told], accepted: Sequence[bool]) -> None:
        now = self._engine.clock.now()
        attempts = []
        for told, was_accepted in zip(due, accepted, strict=True):
            self._engine.metrics.add(m.WEBHOOKS, "sent" if was_accepted else "failed")
            due_at = None if was_accepted else now + self._back_off(told.attempts)
            attempts.append(Attempt(told.place, due_at))
        await self._engine.store.note_attempts(attempts)

    def _pause(self) -> int:
        """A receiver to which nothing gets through is asked less often. Milliseconds."""
        return self._back_off(self._failures - 1) if self._failures else 0

    def _back_off(self, attempts: int) -> int:
        """Twice as long each time, and of that between a half and the whole: many do not come back at once."""
        longest = min(FIRST_BACK_OFF << min(attempts, _MOST_DOUBLINGS), LONGEST_BACK_OFF)
        return longest // 2 + self._engine.chance.below(longest // 2 + 1)
