"""Sees what the store is asked and answers: counts it, traces it, and notes what settles nothing as events.

It stands between the engine and its store and changes no answer.
"""

from collections.abc import Awaitable, Callable
from inspect import getmembers, iscoroutinefunction
from typing import Any, cast

from matchline.clock import SECOND, Instant, steady, whole_seconds
from matchline.engine.notes import Notes
from matchline.errors import Exhausted, OverQuota, Unavailable
from matchline.kept.events import Event, EventType
from matchline.model import Claim, Swept
from matchline.observing import metrics as m
from matchline.observing.metrics import Metrics
from matchline.observing.tracing import Tracer
from matchline.store import Store
from matchline.verdict import Ambiguous, Match, Matched, NeedsCode, NoneMatches, Query, Verdict

# What takes as long as a store is open, or until another node changes something, is no step.
_NO_STEPS = frozenset({"open", "close", "configuration_changed"})

STEPS = frozenset(name for name, _ in getmembers(Store, iscoroutinefunction)) - _NO_STEPS

_Step = Callable[..., Awaitable[Any]]
_Arguments = tuple[Any, ...]


class Watch:
    def __init__(self, store: Store, metrics: Metrics, notes: Notes, tracer: Tracer | None = None) -> None:
        self._watched = store
        self.metrics = metrics
        self.tracer = tracer
        self._notes = notes
        self._seeing: dict[str, Callable[[Any, _Arguments], None]] = {
            "claim": self._claimed,
            "reclaim": self._reclaimed,
            "renew": self._renewed,
            "match": self._matched,
            "sweep": self._swept,
        }
        self._refusing: dict[str, Callable[[Exhausted, _Arguments], None]] = {
            "claim": self._claim_refused,
            "reclaim": self._reclaim_refused,
        }

    def store(self) -> Store:
        """The store, seen."""
        self._watched.observe_commits(self._committed)
        return cast("Store", _Seen(self._watched, {name: self._step(name) for name in STEPS}))

    def _step(self, name: str) -> _Step:
        run: _Step = getattr(self._watched, name)
        see = self._seeing.get(name)
        refuse = self._refusing.get(name)

        async def step(*arguments: Any, **named: Any) -> Any:
            started = steady()
            try:
                answer = await (
                    self._traced(run, name, arguments, named) if self.tracer else run(*arguments, **named)
                )
            except OverQuota:  # of the client: the group may have free numbers
                raise
            except Exhausted as exhausted:
                if refuse:
                    refuse(exhausted, arguments)
                raise
            except Unavailable:
                self.metrics.add(m.STORE_ERRORS, name)
                raise
            finally:
                self.metrics.observe(m.STORE_TIME, steady() - started, name)
            if see:
                see(answer, arguments)
            return answer

        return step

    async def _traced(self, run: _Step, name: str, arguments: _Arguments, named: dict[str, Any]) -> Any:
        assert self.tracer
        with self.tracer.start_as_current_span(f"store {name}"):
            return await run(*arguments, **named)

    def _committed(self, steps: int, seconds: float) -> None:
        self.metrics.observe(m.COMMIT_BATCH, steps)
        self.metrics.observe(m.COMMIT_TIME, seconds)

    # What was answered

    def _claimed(self, _answer: object, arguments: _Arguments) -> None:
        claim: Claim = arguments[0]
        self.metrics.add(m.RESERVATIONS, claim.wish.group, "reserved")

    def _reclaimed(self, _answer: object, arguments: _Arguments) -> None:
        self.metrics.add(m.RESERVATIONS, arguments[1].group, "reserved")

    def _renewed(self, answer: Any, _arguments: _Arguments) -> None:
        self.metrics.add(m.RESERVATIONS, answer.group, "renewed")

    def _claim_refused(self, exhausted: Exhausted, arguments: _Arguments) -> None:
        claim, now = arguments
        self._exhausted(exhausted, claim.wish.group, claim.session.service, "", now)

    def _reclaim_refused(self, exhausted: Exhausted, arguments: _Arguments) -> None:
        session_id, wish, _, now = arguments
        self._exhausted(exhausted, wish.group, "", session_id, now)

    def _exhausted(
        self, exhausted: Exhausted, group: str, service: str, session_id: str, now: Instant
    ) -> None:
        self.metrics.add(m.EXHAUSTED, group)
        seconds = None if exhausted.free_at is None else max(1, whole_seconds(exhausted.free_at - now))
        self._notes.add(Event(EventType.EXHAUSTED, session_id, service, group, "", seconds))

    def _matched(self, verdict: Verdict, arguments: _Arguments) -> None:
        query: Query = arguments[0]
        service = query.note.service if query.note else ""
        match verdict:
            case Matched(matches, repeated):
                self._found(matches, repeated=repeated)
            case NeedsCode():
                self.metrics.add(m.MATCHES, "code-needed", "")
            case Ambiguous():
                self.metrics.add(m.MATCHES, "ambiguous", "")
                self._notes.add_call(EventType.AMBIGUOUS, query, service)
            case NoneMatches(slowed):
                self.metrics.add(m.MATCHES, "none", _why_none(query, slowed=slowed))
                if slowed:
                    self.metrics.add(m.GUESSES_REFUSED)
                if query.code is not None and query.numbers:
                    self._notes.add_call(EventType.CODE_WRONG, query, service)

    def _found(self, matches: tuple[Match, ...], *, repeated: bool) -> None:
        first = "repeated" if repeated else "late" if any(each.late for each in matches) else "first"
        self.metrics.add(m.MATCHES, "matched", first)
        if not repeated:
            for each in matches:
                self.metrics.observe(m.MATCH_WAIT, each.waited / SECOND)

    def _swept(self, swept: Swept, _arguments: _Arguments) -> None:
        for kind in Swept.__dataclass_fields__:
            if removed := getattr(swept, kind):
                self.metrics.add(m.SWEPT, kind, by=removed)


class _Seen:
    """A store whose steps are seen; all else is the store's own."""

    def __init__(self, store: Store, steps: dict[str, _Step]) -> None:
        self._store = store
        vars(self).update(steps)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def _why_none(query: Query, *, slowed: bool) -> str:
    if slowed:
        return "guessed-too-often"
    if not query.numbers:
        return "unknown-number"
    return "nobody" if query.code is None else "wrong-code"
