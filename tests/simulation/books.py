"""The simulation's own books: what must be true after the steps that the store took, in their order."""

from collections.abc import Iterator

from matchline.clock import LARGEST_DIFFERENCE, Instant
from matchline.model import Claim, Granted, Number, Stored, Value, Values, Wish
from matchline.verdict import Match, Matched, Query

from .gate import Outcome, Step
from .stay import Life, Stay
from .trace import Trace

MARKER = "marker"  # the key of each session's data that tells whose they are


class Books:
    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.lives: dict[str, Life] = {}
        self.numbers: dict[int, Number] = {}
        self._version = 0  # of the configuration, as it was seen last

    def enter(self, step: Step, outcome: Outcome, clock: Instant) -> None:
        """Enter a step that the store took; `clock` is the time by now, a delayed step was given an earlier."""
        match step.name, outcome:
            case "stored", Stored():
                self._configured(outcome)
            case "change", Stored():
                known = step.arguments[1] >= self._version
                self._trace.expect(known, "the configuration was changed by who did not know it")
                self._configured(outcome)
            case "claim", Granted():
                claim, now = step.arguments
                self._claimed(claim, now, outcome, clock)
            case "reclaim", Granted():
                session_id, wish, _, now = step.arguments
                self._reclaimed(self.lives[session_id], wish, outcome, now, clock)
            case "renew", Granted():
                self._renewed(self.lives[step.arguments[0]], step.arguments[1])
            case "end", None:
                session_id, now = step.arguments
                self._end(self.lives[session_id], now)
            case "match", Matched():
                query, now = step.arguments
                self._matched(query, now, outcome)

    def live(self, now: Instant) -> list[Life]:
        return [life for life in self.lives.values() if life.is_live(now)]

    def instants(self) -> Iterator[Instant]:
        """When something ends."""
        for life in self.lives.values():
            yield from (life.ends_at, life.stay.expires_at, life.stay.late_until, life.stay.guarded_until)

    def _configured(self, stored: Stored) -> None:
        self._version = max(self._version, stored.version)
        self.numbers |= {number.id: number for number in stored.numbers}

    def _claimed(self, claim: Claim, now: Instant, granted: Granted, clock: Instant) -> None:
        marker = _marker(claim.values)
        if granted.session_id != claim.session.id:
            earlier = self.lives[granted.session_id]
            self._trace.expect(earlier.marker == marker, f"{marker} got the answer of {earlier.marker}")
            return
        twins = [life for life in self.live(clock) if life.marker == marker]
        self._trace.expect(
            claim.idempotency is None or not twins, f"{marker} has two sessions by one repeated request"
        )
        life = Life(granted.session_id, granted.data_id, marker, claim.session.ttl, now + claim.session.ttl)
        self.lives[life.id] = life
        self._begin(life, claim.wish, granted, now, clock)

    def _reclaimed(self, life: Life, wish: Wish, granted: Granted, now: Instant, clock: Instant) -> None:
        stay = life.stay
        life.matched = False
        if stay.is_held(now) and (stay.number, stay.code) == (granted.number, granted.code):
            stay.terms, stay.phone, stay.started_at = wish.terms, wish.phone, now
            life.ends_at = max(life.ends_at, stay.late_until)
            return
        if not stay.settled:
            stay.let_go(now)
        self._begin(life, wish, granted, now, clock)

    def _begin(self, life: Life, wish: Wish, granted: Granted, now: Instant, clock: Instant) -> None:
        shared = not wish.strategy.exclusive
        stay = Stay(granted.group, granted.number, granted.code, wish.phone, shared, wish.terms, now)
        for other in self.lives.values():
            for earlier in other.stays:
                if earlier.bars(stay) and clock < earlier.guarded_until:
                    self._trace.violate(f"the slot of {other.id} was given to {life.id}")
        life.stays.append(stay)
        life.ends_at = max(life.ends_at, stay.late_until)

    def _renewed(self, life: Life, now: Instant) -> None:
        self._trace.expect(life.stay.is_held(now), f"{life.id} was renewed and held nothing")
        life.stay.started_at = now
        life.ends_at = max(now + life.ttl, life.stay.late_until)

    def _end(self, life: Life, now: Instant) -> None:
        if not life.stay.settled:
            life.stay.let_go(now)
        life.ends_at = min(life.ends_at, now)

    # Calls

    def _matched(self, query: Query, now: Instant, verdict: Matched) -> None:
        kept = query.keep_multiple and len(verdict.matches) > 1
        for found in verdict.matches:
            life = self.lives[found.session_id]
            self._check_data(life, found, complete=not verdict.repeated)
            if verdict.repeated:
                known = query.call_id in life.calls if query.call_id else life.calls
                self._trace.expect(known, f"{life.id} was never matched to this call")
            else:
                self._check_match(life.stay, query, found, now)
            if not (kept or verdict.repeated):
                life.stay.match(now)
                life.matched = True
                life.calls.add(query.call_id)
                life.ends_at = max(life.ends_at, now + query.ttl_after_match)
            if query.delete and not (kept and not verdict.repeated):
                self._end(life, now)

    def _check_match(self, stay: Stay, query: Query, found: Match, now: Instant) -> None:
        expect, who = self._trace.expect, found.session_id
        expect(not stay.settled, f"the settled reservation of {who} was matched")
        expect(now < stay.late_until, f"the reservation of {who} was over when it matched")
        expect(found.late == (now >= stay.expires_at), f"{who} is late or not: {found.late}")
        asked = {self.numbers[each.number_id].text: each.phone for each in query.numbers}
        proven = bool(query.code) or (stay.phone is not None and stay.phone == asked.get(stay.number))
        expect(
            proven or stay.started_at <= now + LARGEST_DIFFERENCE, f"{who} had not begun when it was called"
        )
        expect(stay.number in asked, f"{who} was matched on another number")
        expect(query.code is None or query.code == stay.code, f"{who} was matched by another code")
        phones = {asked.get(stay.number), stay.phone} - {None}
        overridden = query.code is not None and query.policy.code_overrides_phone
        expect(len(phones) < 2 or overridden, f"{who} was matched to another's phone")

    def _check_data(self, life: Life, found: Match, *, complete: bool) -> None:
        self._trace.expect(found.data_id == life.data_id, f"{life.id} was answered with another's data")
        if found.values is not None and (complete or found.values):
            self._trace.expect(_marker(found.values) == life.marker, f"{life.id} got another's data")


def _marker(values: Values) -> str:
    return values.get(MARKER, Value.text("none")).body.decode()
