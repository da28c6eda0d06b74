"""What an administrator may ask about calls and people: the call log, why a call matches, and to be forgotten."""

from matchline import phone
from matchline.clock import Clock, Instant
from matchline.engine import audit, explain
from matchline.engine.configure import Keeper
from matchline.engine.explain import Explanation
from matchline.engine.handling import Call, call_of, handling_of
from matchline.engine.match import Matching
from matchline.engine.service import MATCHING, ConfiguredService
from matchline.errors import UnknownService
from matchline.foretold import Foretold
from matchline.kept.call_log import CallEntry, CallPage, CallsWanted, Outcome
from matchline.kept.person import Forgotten, person
from matchline.observing.masking import masked_phone
from matchline.store import Store
from matchline.verdict import NoneMatches

_HISTORY = 10  # entries of the call log that an explanation tells


class Inquiries:
    def __init__(self, store: Store, clock: Clock, keeper: Keeper, matching: Matching) -> None:
        self._store = store
        self._clock = clock
        self._keeper = keeper
        self._matching = matching

    def now(self) -> Instant:
        return self._clock.now()

    async def calls(
        self,
        number: str | None,
        caller: str | None,
        outcome: Outcome | None,
        before: int | None,
        limit: int,
    ) -> CallPage:
        """A page of the call log; numbers are read as those of calls are."""
        wanted = CallsWanted(
            None if number is None else self._called(number),
            None if caller is None else self._callers(caller),
            outcome,
            before,
            limit,
        )
        return await self._store.calls(wanted)

    async def explain(self, service: str, parameters: dict[str, str]) -> Explanation:
        """Why this call would match or not. Raises UnknownService, BadParameter."""
        configured = self._service(service)
        options = configured.resolve(parameters, {})
        call, now = call_of(options), self._clock.now()
        query = self._matching.query(call, handling_of(service, options))
        foretold = await self._store.foretell(query, now) if query.numbers else Foretold(NoneMatches(), ())
        return Explanation(
            now,
            explain.readings(self._keeper.current, call, query),
            foretold.verdict,
            explain.reason(foretold, query, now),
            explain.weighed(foretold, query, now),
            await self._history(call),
        )

    async def forget(self, phone_text: str, *, dry_run: bool) -> Forgotten:
        """Remove what is known of whoever has this number; what that was."""
        meant, now = person(phone_text, self._keeper.current.regions), self._clock.now()
        if dry_run:
            return await self._store.rehearse_forget(meant, now)
        await self._store.add_audit_entry(audit.forgetting(phone_text), now)
        forgotten = await self._store.forget(meant, now)
        await self._store.add_audit_entry(audit.forgotten(phone_text, forgotten), self._clock.now())
        return forgotten

    def _service(self, name: str) -> ConfiguredService:
        configured = self._keeper.current.services.get(name)
        if configured is None or configured.builtin != MATCHING:
            raise UnknownService(name)
        return configured

    async def _history(self, call: Call) -> tuple[CallEntry, ...]:
        wanted = CallsWanted(self._called(call.access_number), limit=_HISTORY)
        return (await self._store.calls(wanted)).entries

    def _called(self, number: str) -> frozenset[str]:
        found = self._keeper.current.directory.find(number)
        return frozenset(each.text for each in found) or frozenset({number})

    def _callers(self, caller: str) -> frozenset[str]:
        """As it reads in any region, whole and masked."""
        whole = {phone.normalise(caller, region) for region in self._keeper.current.regions}
        return frozenset(whole | {masked_phone(each) for each in whole} | {caller})

    def _regions(self) -> frozenset[str | None]:
        current = self._keeper.current
        return frozenset({current.server.default_region, *(each.region for each in current.groups.values())})
