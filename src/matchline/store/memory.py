"""The store in memory: plain dictionaries and the rules said as plainly as possible.

It is the model that the other stores are compared with, and a server's store for trying things out. It forgets
everything when the process ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from matchline.clock import Instant
from matchline.errors import Conflict, Exhausted, NotFound
from matchline.model import (
    Change,
    Claim,
    CodeWish,
    Granted,
    Held,
    Number,
    Pool,
    Record,
    Session,
    Span,
    Stored,
    Strategy,
    Swept,
    Terms,
    Value,
    Values,
    Wish,
)
from matchline.store import DELETED_DATA_MEMORY, SWEEP_LIMIT, Store
from matchline.verdict import (
    Ambiguous,
    Asked,
    Candidate,
    Chosen,
    Match,
    Matched,
    Query,
    Verdict,
    contradicts,
    decide,
    is_late,
)


@dataclass(slots=True)
class _Number:
    id: int
    group: str
    text: str
    turn: int
    draining: bool = False
    last: "_Reservation | None" = None  # the exclusive reservation that had it last
    shared_until: Instant = 0  # the latest end of those that ever shared it
    reservations: "dict[int, _Reservation]" = field(default_factory=dict)

    def released_at(self) -> Instant:
        return self.last.released_at if self.last else 0

    def free_at(self, *, shared: bool) -> Instant:
        """When an exclusive session, or one that shares the number, may have it."""
        others = (each.span.busy_until for each in self.reservations.values() if each.shared and not shared)
        return max(self.last.span.busy_until if self.last else 0, max(others, default=0))


@dataclass(slots=True)
class _Reservation:
    id: int
    session_id: str
    data_id: str
    number: _Number
    shared: bool
    code: str | None
    phone: str | None
    terms: Terms
    span: Span = Span(0, 0, 0, 0)
    released_at: Instant = 0
    open: bool = True

    @property
    def holds_slot(self) -> bool:
        return not self.shared or self.code is not None

    def begin(self, terms: Terms, now: Instant) -> None:
        self.terms = terms
        self.span = terms.span(now, holds_slot=self.holds_slot)
        self.released_at = self.span.expires_at
        if self.shared:
            self.number.shared_until = max(self.number.shared_until, self.span.busy_until)

    def settle(self, cooldown: int, now: Instant) -> None:
        """Matched or released: the slot rests from now on."""
        self.open = False
        self.released_at = now
        self.span = replace(self.span, busy_until=now + (cooldown if self.holds_slot else 0))

    def let_go(self, now: Instant) -> None:
        if now < self.span.expires_at:
            self.settle(self.terms.cooldown, now)
        else:
            self.open = False

    def candidate(self) -> Candidate:
        return Candidate(
            self.id,
            self.session_id,
            self.data_id,
            self.number.id,
            self.shared,
            self.phone,
            self.code,
            self.span.started_at,
            self.span.expires_at,
        )


@dataclass(slots=True)
class _Session:
    id: str
    service: str
    data_id: str
    phone_text: str | None
    ttl: int
    ends_at: Instant
    reservation: _Reservation
    answer_key: str | None = None  # of its idempotent request
    matched: bool = False

    def granted(self, pool: Pool | None = None) -> Granted:
        held = self.reservation
        number = held.number
        return Granted(self.id, self.data_id, number.group, number.text, held.code, held.terms.timeout, pool)


@dataclass(slots=True)
class _Record:
    owner: str | None
    expires_at: Instant
    values: dict[str, Value]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Binding:
    session_id: str
    data_id: str
    phone: str | None
    code: str | None
    late: bool
    until: Instant


_BindingKey = tuple[int, str, str]  # number, kind, key


class MemoryStore(Store):
    def __init__(self) -> None:
        self._version = 0
        self._sections: dict[str, dict[str, str]] = {}
        self._numbers: dict[int, _Number] = {}
        self._last_number_id = 0
        self._last_reservation_id = 0
        self._sessions: dict[str, _Session] = {}
        self._reservations: dict[int, _Reservation] = {}
        self._records: dict[str, _Record] = {}
        self._bindings: dict[_BindingKey, dict[str, _Binding]] = {}
        self._answers: dict[str, tuple[str, Granted]] = {}

    async def open(self) -> None:
        """There is nothing to make ready."""

    async def close(self) -> None:
        """There is nothing to let go."""

    def announce(self, url: str) -> None:
        """No other process can share this store."""

    async def check(self) -> None:
        """Memory is always there."""

    # Configuration

    async def stored(self) -> Stored:
        numbers = tuple(
            Number(each.id, each.group, each.text, each.draining) for each in self._numbers.values()
        )
        sections = {name: dict(options) for name, options in sorted(self._sections.items()) if options}
        return Stored(self._version, sections, numbers)

    async def change(self, change: Change, version: int, now: Instant) -> Stored:
        if version != self._version:
            raise Conflict
        for section in change.removed_sections:
            self._sections.pop(section, None)
        for section, name, value in change.options:
            if value is None:
                self._sections.get(section, {}).pop(name, None)
            else:
                self._sections.setdefault(section, {})[name] = value
        for number_id in change.removed:
            self._numbers[number_id].draining = True
        for group, text in change.added:
            self._add_number(group, text)
        self._version += 1
        self._purge_numbers(now)
        return await self.stored()

    def _add_number(self, group: str, text: str) -> None:
        same = [each for each in self._numbers.values() if (each.group, each.text) == (group, text)]
        for number in same:
            number.draining = False
        if not same:
            self._last_number_id += 1
            turns = [each.turn for each in self._numbers.values() if each.group == group]
            number = _Number(self._last_number_id, group, text, max(turns, default=0) + 1)
            self._numbers[number.id] = number

    def _purge_numbers(self, now: Instant) -> int:
        bound = {
            key[0]
            for key, sessions in self._bindings.items()
            if any(each.until > now for each in sessions.values())
        }
        gone = [
            number.id
            for number in self._numbers.values()
            if number.draining
            and number.id not in bound
            and number.free_at(shared=False) <= now
            and all(each.span.busy_until <= now for each in number.reservations.values())
        ]
        for number_id in gone:
            del self._numbers[number_id]
        self._version += bool(gone)
        return len(gone)

    # Sessions and reservations

    async def claim(self, claim: Claim, now: Instant) -> Granted:
        wanted = claim.idempotency
        if wanted and wanted.key in self._answers:
            digest, answer = self._answers[wanted.key]
            if self._find_session(answer.session_id, now):
                if digest != wanted.digest:
                    raise Conflict
                return answer
        new = claim.session
        reservation = self._reserve(claim.wish, new.id, new.data_id, now)
        ends_at = max(now + new.ttl, reservation.span.late_until)
        session = _Session(new.id, new.service, new.data_id, new.phone_text, new.ttl, ends_at, reservation)
        self._sessions[new.id] = session
        self._records[new.data_id] = _Record(None, ends_at, dict(claim.values))
        granted = session.granted(await self.pool(claim.wish.group, now) if claim.with_pool else None)
        if wanted:
            session.answer_key = wanted.key
            self._answers[wanted.key] = (wanted.digest, granted)
        return granted

    async def reclaim(self, session_id: str, wish: Wish, phone_text: str | None, now: Instant) -> Granted:
        session = self._live_session(session_id, now)
        current = session.reservation
        if _renewable(current, wish, now):
            current.phone = wish.phone
            current.begin(wish.terms, now)
        else:
            self._exchange(session, wish, now)
        session.matched = False
        session.phone_text = phone_text or session.phone_text
        self._prolong(session, session.reservation.span.late_until, now)
        return session.granted()

    def _exchange(self, session: _Session, wish: Wish, now: Instant) -> None:
        old = session.reservation
        before = (old.open, old.released_at, old.span)
        if old.open:
            old.let_go(now)
        try:
            session.reservation = self._reserve(wish, session.id, session.data_id, now)
        except Exhausted:
            old.open, old.released_at, old.span = before
            raise

    async def renew(self, session_id: str, now: Instant) -> Granted:
        session = self._live_session(session_id, now)
        current = session.reservation
        if not current.open or current.span.expires_at <= now:
            raise Conflict
        current.begin(current.terms, now)
        session.ends_at = max(now + session.ttl, current.span.late_until)
        self._prolong(session, session.ends_at, now)
        return session.granted()

    async def end(self, session_id: str, now: Instant) -> None:
        session = self._live_session(session_id, now)
        self._close(session, now)
        self._records.pop(session.data_id, None)

    async def session(self, session_id: str, now: Instant) -> Session:
        session = self._live_session(session_id, now)
        current = session.reservation
        held = None
        if current.open and now < current.span.expires_at:
            number = current.number
            held = Held(number.group, number.text, current.code, current.span.expires_at)
        return Session(
            session.id,
            session.service,
            session.data_id,
            session.phone_text,
            session.ends_at,
            session.matched,
            held,
        )

    async def pool(self, group: str, now: Instant) -> Pool:
        numbers = [each for each in self._numbers.values() if each.group == group and not each.draining]
        free = sum(each.free_at(shared=False) <= now for each in numbers)
        reserved = sum(each.released_at() > now for each in numbers)
        return Pool(len(numbers), free, reserved, len(numbers) - free - reserved)

    def _find_session(self, session_id: str, now: Instant) -> _Session | None:
        session = self._sessions.get(session_id)
        return session if session and now < session.ends_at else None

    def _live_session(self, session_id: str, now: Instant) -> _Session:
        session = self._find_session(session_id, now)
        if session is None:
            raise NotFound
        return session

    def _prolong(self, session: _Session, until: Instant, now: Instant) -> None:
        session.ends_at = max(session.ends_at, until)
        record = self._records.get(session.data_id)
        if record and now < record.expires_at and not record.hidden:
            record.expires_at = max(record.expires_at, until)

    def _close(self, session: _Session, now: Instant) -> None:
        if session.reservation.open:
            session.reservation.let_go(now)
        self._forget(session.id)

    def _forget(self, session_id: str) -> None:
        session = self._sessions.pop(session_id)
        if session.answer_key and self._answers[session.answer_key][1].session_id == session_id:
            del self._answers[session.answer_key]

    def _reserve(self, wish: Wish, session_id: str, data_id: str, now: Instant) -> _Reservation:
        number, code = self._take_slot(wish, now)
        self._last_reservation_id += 1
        shared = not wish.strategy.exclusive
        reservation = _Reservation(
            self._last_reservation_id, session_id, data_id, number, shared, code, wish.phone, wish.terms
        )
        reservation.begin(wish.terms, now)
        number.reservations[reservation.id] = self._reservations[reservation.id] = reservation
        if not shared:
            number.last = reservation
        if reservation.holds_slot:
            self._forget_repeats(reservation)
        return reservation

    def _forget_repeats(self, given: _Reservation) -> None:
        """A slot that is given out again answers no repeats of its earlier match."""
        for (number_id, kind, _), sessions in self._bindings.items():
            if (number_id, kind) == (given.number.id, "repeat"):
                for session_id, each in list(sessions.items()):
                    if not given.shared or each.code == given.code:
                        del sessions[session_id]

    # Slots

    def _take_slot(self, wish: Wish, now: Instant) -> tuple[_Number, str | None]:
        group = [each for each in self._numbers.values() if each.group == wish.group and not each.draining]
        shared = not wish.strategy.exclusive
        free = [each for each in group if each.free_at(shared=shared) <= now]
        if not shared:
            if free:
                number = min(free, key=lambda each: (each.released_at(), each.id))
                return number, wish.code.candidates[0] if wish.code else None
            raise Exhausted(min((each.free_at(shared=False) for each in group), default=None))
        for number in _in_turn(free, wish):
            code = _free_code(number, wish.code, now) if wish.code else None
            if code is not None or wish.code is None:
                if wish.strategy is Strategy.ROUND_ROBIN:
                    number.turn = 1 + max(
                        each.turn for each in self._numbers.values() if each.group == wish.group
                    )
                return number, code
        busy = (each.span.busy_until for number in group for each in number.reservations.values())
        raise Exhausted(min((until for until in busy if until > now), default=None))

    # Matching

    async def match(self, query: Query, now: Instant) -> Verdict:
        if query.call_id is not None:
            keys = {(asked.number_id, "call", query.call_id): asked for asked in query.numbers}
            bound = self._remembered(query, keys, now)
            if bound:
                return bound
        decision = decide(query, self._candidates(query, now), now)
        if isinstance(decision, Chosen):
            return Matched(self._settle_all(query, decision.candidates, now))
        if query.repeat_window and not isinstance(decision, Ambiguous):
            for asked in query.numbers:
                key = (asked.number_id, "repeat", _repeat_key(query, asked))
                repeated = self._remembered(query, {key: asked}, now)
                if repeated:
                    return repeated
        return decision

    def _candidates(self, query: Query, now: Instant) -> list[Candidate]:
        return [
            each.candidate()
            for asked in query.numbers
            if asked.number_id in self._numbers
            for each in self._numbers[asked.number_id].reservations.values()
            if each.open and now < each.span.late_until
        ]

    def _settle_all(self, query: Query, candidates: tuple[Candidate, ...], now: Instant) -> tuple[Match, ...]:
        keep = query.keep_multiple and len(candidates) > 1
        asked = {asked.number_id: asked for asked in query.numbers}
        matches = []
        for each in candidates:
            values = self._values(query, each.data_id, now)
            matches.append(Match(each.session_id, each.data_id, is_late(each, now), values))
            if not keep:
                reservation = self._reservations[each.reservation_id]
                reservation.settle(reservation.terms.cooldown_after_match, now)
                self._remember(query, asked[each.number_id], each, now)
                self._prolong_or_delete(query, each.session_id, now)
        return tuple(matches)

    def _prolong_or_delete(self, query: Query, session_id: str, now: Instant) -> None:
        session = self._sessions[session_id]
        if query.delete:
            self._delete(query, session_id, now)
        else:
            session.matched = True
            self._prolong(session, now + query.ttl_after_match, now)

    def _delete(self, query: Query, session_id: str, now: Instant) -> None:
        session = self._find_session(session_id, now)
        if session is None:
            return
        self._close(session, now)
        record = self._records.get(session.data_id)
        if record is None:
            return
        if (query.call_id is None and not query.repeat_window) or record.expires_at <= now:
            del self._records[session.data_id]
        else:
            record.hidden, record.expires_at = True, now + DELETED_DATA_MEMORY

    def _values(self, query: Query, data_id: str, now: Instant) -> Values | None:
        if not query.with_values:
            return None
        record = self._records.get(data_id)
        return dict(record.values) if record and now < record.expires_at else {}

    def _remember(self, query: Query, asked: Asked, found: Candidate, now: Instant) -> None:
        keys = []
        if query.call_id is not None and query.call_memory:
            keys.append(("call", query.call_id, query.call_memory))
        if query.repeat_window:
            keys.append(("repeat", _repeat_key(query, asked), query.repeat_window))
        for kind, key, memory in keys:
            binding = _Binding(
                found.session_id,
                found.data_id,
                found.phone,
                found.code,
                is_late(found, now),
                now + memory,
            )
            self._bindings.setdefault((found.number_id, kind, key), {})[found.session_id] = binding

    def _remembered(
        self, query: Query, keys: dict[_BindingKey, Asked], now: Instant
    ) -> Matched | Ambiguous | None:
        found = [
            each
            for key, asked in keys.items()
            for _, each in sorted(self._bindings.get(key, {}).items())
            if now < each.until and contradicts(query, asked, each.phone, each.code) is None
        ]
        if not found:
            return None
        if len(found) > 1 and not query.policy.multiple:
            return Ambiguous(None)
        matches = [
            Match(each.session_id, each.data_id, each.late, self._values(query, each.data_id, now))
            for each in found
        ]
        if query.delete:
            for each in found:
                self._delete(query, each.session_id, now)
        return Matched(tuple(matches[: query.policy.max_matches]), repeated=True)

    # Records

    def _live_record(self, record_id: str, owner: str | None, now: Instant) -> _Record:
        record = self._records.get(record_id)
        if record is None or record.hidden or record.expires_at <= now or record.owner != owner:
            raise NotFound
        return record

    async def put_record(
        self, record_id: str, owner: str | None, values: Values, ttl: int, now: Instant
    ) -> None:
        old = self._records.get(record_id)
        if old and now < old.expires_at and not old.hidden and old.owner != owner:
            raise NotFound
        self._records[record_id] = _Record(owner, now + ttl, dict(values))

    async def merge_record(
        self, record_id: str, values: Values, ttl: int | None, max_fields: int, now: Instant
    ) -> None:
        record = self._live_record(record_id, None, now)
        merged = {**record.values, **values}
        if len(merged) > max_fields:
            raise Conflict
        record.values = merged
        if ttl is not None:
            record.expires_at = now + ttl

    async def record(self, record_id: str, owner: str | None, now: Instant) -> Record:
        record = self._live_record(record_id, owner, now)
        return Record(record_id, owner, record.expires_at, dict(sorted(record.values.items())))

    async def value(self, record_id: str, key: str, now: Instant) -> Value | None:
        return self._live_record(record_id, None, now).values.get(key)

    async def delete_value(self, record_id: str, key: str, now: Instant) -> None:
        if self._live_record(record_id, None, now).values.pop(key, None) is None:
            raise NotFound

    async def delete_record(self, record_id: str, owner: str | None, now: Instant) -> None:
        self._live_record(record_id, owner, now)
        del self._records[record_id]

    # Housekeeping

    async def sweep(self, now: Instant, limit: int = SWEEP_LIMIT) -> Swept:
        sessions = [each.id for each in self._sessions.values() if each.ends_at <= now][:limit]
        for session_id in sessions:
            self._forget(session_id)
        reservations = [each for each in self._reservations.values() if each.span.busy_until <= now]
        for each in reservations[:limit]:
            del self._reservations[each.id], each.number.reservations[each.id]
        records = [key for key, each in self._records.items() if each.expires_at <= now][:limit]
        for key in records:
            del self._records[key]
        bindings = list(_over(self._bindings, now))[:limit]
        for binding_key, session_id in bindings:
            del self._bindings[binding_key][session_id]
        return Swept(
            len(sessions),
            len(reservations[:limit]),
            len(records),
            len(bindings),
            self._purge_numbers(now),
        )


def _renewable(current: _Reservation, wish: Wish, now: Instant) -> bool:
    return (
        current.open
        and now < current.span.expires_at
        and current.number.group == wish.group
        and current.shared is not wish.strategy.exclusive
        and len(current.code or "") == wish.code_length
        and not current.number.draining
    )


def _in_turn(numbers: list[_Number], wish: Wish) -> Iterator[_Number]:
    """The numbers of a shared group in the order in which its strategy tries them."""
    if wish.strategy is Strategy.ROUND_ROBIN:
        yield from sorted(numbers, key=lambda each: (each.turn, each.id))
    elif numbers:
        start = wish.pick % len(numbers)
        yield from numbers[start:] + numbers[:start]


def _free_code(number: _Number, wish: CodeWish, now: Instant) -> str | None:
    """The first candidate that no code in use equals, begins or is begun by; None when half are taken (rule 4)."""
    in_use = [
        each.code
        for each in number.reservations.values()
        if each.shared and each.code and now < each.span.busy_until
    ]
    blocked = sum(10 ** max(0, wish.length - len(code)) for code in in_use if code[0] in wish.leads)
    if blocked >= wish.most_in_use:
        return None
    for code in wish.candidates:
        if not any(code.startswith(other) or other.startswith(code) for other in in_use):
            return code
    return None


def _repeat_key(query: Query, asked: Asked) -> str:
    return f"{query.code or ''}/{asked.phone or ''}"


def _over(
    bindings: dict[_BindingKey, dict[str, _Binding]], now: Instant
) -> Iterator[tuple[_BindingKey, str]]:
    for key, sessions in bindings.items():
        for session_id, each in sessions.items():
            if each.until <= now:
                yield key, session_id
