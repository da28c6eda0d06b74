"""The page of one session: how it stands, what happened to it, its data; to be released or ended by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from matchline.chance import made_at
from matchline.clock import Instant
from matchline.engine.browse import Life
from matchline.kept.call_log import CallEntry, Outcome
from matchline.kept.events import Event, EventType, Told
from matchline.kept.live import Standing, standing
from matchline.model import Session, Value
from matchline.observing.masking import Private
from matchline.ui.asked import Asked
from matchline.ui.calls_words import GOOD, PLAIN, WARN, badge_of
from matchline.ui.live_stream import streams

PATH = "/ui/live"

_SHOWN_CHARACTERS = 4  # of the end of an id: with its beginning, enough to tell it from its neighbours
_MOMENT = 8  # characters at the beginning of an id, which tell when it was made


@dataclass(frozen=True, slots=True, repr=False)
class Shown(Private):
    """A live session as pages show it."""

    id: str
    short_id: str
    service: str
    standing: Standing
    kind: str  # of its badge
    group: str | None
    number: str | None
    code_digits: int
    phone: str | None
    made_at: Instant | None
    held_until: Instant | None
    ends_at: Instant


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a session, or will."""

    at: Instant
    what: str
    about: str = ""
    kind: str = PLAIN
    is_ahead: bool = False
    explain: int | None = None  # the entry of the call log that may be explained


_KINDS = {
    Standing.HELD: GOOD,
    Standing.MATCHED: "info",
    Standing.EXPIRED: WARN,
    Standing.RELEASED: PLAIN,
    Standing.NONE: PLAIN,
}


async def page(asked: Asked) -> Response:
    life = await _life(asked)
    address = f"{PATH}/sessions/{life.session_id}"
    values = _values(asked, life)
    return asked.page(
        "session.html", 200, **values, address=address, now=life.now, stream=f"{address}/stream"
    )


async def stream(asked: Asked) -> Response:
    await _life(asked)

    async def part() -> str:
        return asked.render(asked, "session_part.html", _values(asked, await _life(asked)))

    return streams.answer(asked, part)


async def release(asked: Asked) -> Response:
    session_id = asked.parameter("id")
    await asked.engine.browsing.release(session_id)
    return asked.away(
        f"{PATH}/sessions/{session_id}", "The number was given back. The session is still there."
    )


async def end(asked: Asked) -> Response:
    await asked.engine.browsing.end(asked.parameter("id"))
    return asked.away(PATH, "The session was ended, its number given back and its data deleted.")


def shown(asked: Asked, session: Session) -> Shown:
    held, state = session.held, standing(session)
    return Shown(
        session.id,
        _short(session.id),
        session.service,
        state,
        _KINDS[state],
        held.group if held else None,
        held.number if held else None,
        len(held.code or "") if held else 0,
        asked.engine.browsing.shown_phone(session.phone_text) if session.phone_text else None,
        made_at(session.id),
        held.expires_at if held else None,
        session.ends_at,
    )


def _short(session_id: str) -> str:
    """The end of an id that has a point says what the session is, not which."""
    moment, rest = session_id[:_MOMENT], session_id[_MOMENT:].partition(".")[0]
    return f"{moment}…{rest[-_SHOWN_CHARACTERS:]}"


async def _life(asked: Asked) -> Life:
    return await asked.engine.browsing.life(asked.parameter("id"))


def _values(asked: Asked, life: Life) -> dict[str, object]:
    return {
        "life": life,
        "session": shown(asked, life.session) if life.session else None,
        "steps": timeline(life),
        "data": _data(life.values),
        "are_events_recorded": bool(asked.engine.keeper.current.events.recording.types),
    }


def _data(values: Mapping[str, Value] | None) -> list[tuple[str, str, bool]] | None:
    """Key, text and whether it is a file; None where there is none any more."""
    return None if values is None else [(key, *_text(value)) for key, value in sorted(values.items())]


def _text(value: Value) -> tuple[str, bool]:
    if value.is_file:
        return f"a file, {value.content_type}, {len(value.body):,} bytes", True
    return value.body.decode(errors="replace"), False


def timeline(life: Life) -> list[Step]:
    """What happened, and what will unless something happens before; the earliest first."""
    logged = {entry.at for entry in life.calls}
    events = [told for told in life.events if not (told.event.type in _CALLS and told.at in logged)]
    steps = [*_begun(life), *map(_step, events), *map(_called, life.calls), *_ahead(life)]
    return sorted(steps, key=lambda step: (step.is_ahead, step.at))


def _begun(life: Life) -> Iterator[Step]:
    if life.made_at is not None:
        yield Step(life.made_at, "Session begun", life.session.service if life.session else "")


def _ahead(life: Life) -> Iterator[Step]:
    session = life.session
    if session and session.held:
        yield Step(session.held.expires_at, "The reservation expires", "unless a call comes", is_ahead=True)
    if session:
        yield Step(session.ends_at, "The session ends", "and its data with it", is_ahead=True)


_WHAT = {
    EventType.RESERVED: ("Number reserved", GOOD),
    EventType.RENEWED: ("Reservation renewed", GOOD),
    EventType.RELEASED: ("Number given back by hand", WARN),
    EventType.MATCHED: ("Call matched", "info"),
    EventType.LATE: ("Late call matched", "info"),
    EventType.EXPIRED: ("Reservation expired", WARN),
    EventType.ENDED: ("Session ended", PLAIN),
    EventType.EXHAUSTED: ("No number was free", "bad"),
}


_CALLS = frozenset({EventType.MATCHED, EventType.LATE})  # told by the call log too, as a rule


def _step(told: Told) -> Step:
    event = told.event
    what, kind = _WHAT.get(event.type, (str(event.type), PLAIN))
    return Step(told.at, what, _about(event), kind)


def _about(event: Event) -> str:
    match event.type:
        case EventType.RESERVED | EventType.RENEWED:
            return f"{event.number} for {event.seconds} s"
        case EventType.MATCHED | EventType.LATE:
            return f"{event.number}, after {event.seconds} s"
    return event.number


def _called(entry: CallEntry) -> Step:
    outcome = entry.reason.outcome
    late = ", in the grace window" if entry.late else ""
    again = ", asked again" if entry.repeated else ""
    return Step(
        entry.at,
        "Call matched" if outcome is Outcome.MATCHED else f"Call asked about: {outcome}",
        f"{entry.number} from {entry.caller or 'a hidden number'}{late}{again}",
        badge_of(outcome),
        explain=None if outcome is Outcome.MATCHED else entry.id,
    )
