"""Matching: which session does this call belong to?"""

from dataclasses import dataclass

from matchline import codes, phone
from matchline.clock import SECOND, Clock
from matchline.engine.configure import Keeper
from matchline.engine.handling import Call, Handling
from matchline.observing.masking import masked_phone
from matchline.principal import EVERYONE, Principal
from matchline.store import Store
from matchline.verdict import Asked, CallNote, NoneMatches, Query, Verdict


@dataclass(slots=True)
class Guesses:
    """Access codes that found nobody since this process began (rule 6), for its metrics."""

    wrong: int = 0  # were looked up
    slowed: int = 0  # were not, because the caller had guessed too often

    def count(self, verdict: NoneMatches) -> None:
        if verdict.slowed:
            self.slowed += 1
        else:
            self.wrong += 1


class Matching:
    def __init__(self, store: Store, clock: Clock, keeper: Keeper) -> None:
        self.guesses = Guesses()
        self._store = store
        self._clock = clock
        self._keeper = keeper

    async def match(self, call: Call, handling: Handling, by: Principal) -> Verdict:
        """The verdict; what matched is settled and durable. Numbers that are not the principal's have no sessions."""
        query = self.query(call, handling, by)
        if not query.numbers and query.note is None:
            return NoneMatches()
        verdict = await self._store.match(query, self._clock.now())
        if query.code is not None and query.numbers and isinstance(verdict, NoneMatches):
            self.guesses.count(verdict)
        return verdict

    def query(self, call: Call, handling: Handling, by: Principal = EVERYONE) -> Query:
        """The call as it is read now."""
        directory = self._keeper.current.directory
        asked = tuple(
            Asked(number.id, phone.caller(call.phone, directory.region(number)))
            for number in directory.find(call.access_number)
            if by.may_use(number.group)
        )
        return Query(
            asked,
            codes.keyed(call.digits or ""),
            call.call_id,
            handling.policy,
            handling.with_values,
            handling.delete,
            handling.keep_multiple,
            handling.ttl_after_match * SECOND,
            handling.call_memory * SECOND,
            handling.repeat_window * SECOND,
            note=self._note(call, asked, handling.service),
            budgets=self._keeper.current.server.guess_budgets,
        )

    def _note(self, call: Call, asked: tuple[Asked, ...], service: str) -> CallNote | None:
        """What the call log keeps of the call; None while it is off."""
        server = self._keeper.current.server
        if not server.call_log_days:
            return None
        found = self._keeper.current.directory.find(call.access_number)
        caller = asked[0].phone if asked else phone.caller(call.phone, server.default_region)
        if caller and not server.call_log_whole_callers:
            caller = masked_phone(caller)
        return CallNote(found[0].text if found else call.access_number[: phone.MAX_TEXT], caller, service)
