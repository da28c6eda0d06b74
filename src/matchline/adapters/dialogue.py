"""The dialogue with a caller, declared once and spoken by every platform in its own words.

Look up by number and caller → hand over | collect the access code, and once more when it was wrong → hand over | the
ordinary queue. Whatever fails ends in the queue, flagged, and so does, not flagged, a call that no agent takes: no
caller is left standing. Between two events nothing is remembered here: what was asked for travels with the platform
(`Collect.state`) and comes back with its next event.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from matchline import codes, phone
from matchline.adapters.handoff import allowed
from matchline.engine.handling import Call
from matchline.engine.line import Line
from matchline.observing.masking import Private
from matchline.verdict import Ambiguous, Matched, NeedsCode, NoneMatches, Verdict

log = logging.getLogger(__name__)

MAX_DIGITS = 256  # characters of digits as they were keyed in; a code has 15 at the most
MAX_CALL_ID = 256  # characters: what match-interaction accepts

MOST_RETRIES = 5


class Reason(StrEnum):
    """Why a call goes to the ordinary queue."""

    NO_MATCH = "no-match"
    AMBIGUOUS = "ambiguous"
    GUESSED_TOO_OFTEN = "guessed-too-often"
    UNANSWERED = "unanswered"  # it was sent on, and nobody took it
    # Flagged: nobody knows whether the call would have matched.
    UNAVAILABLE = "unavailable"
    UNREADABLE = "unreadable"


class Heard(Private, Struct, frozen=True):
    """What the platform told of a call, in its own words; any text of any length."""

    number: str  # that was called
    caller: str | None = None
    digits: str | None = None  # keyed in since the last answer
    call_id: str | None = None
    asked: "Collect | None" = None  # what the platform was told to collect before this
    unanswered: bool = False  # the platform sent the call on as it was told, and nobody took it


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for the access code. `attempt` counts from 1; each after the first follows a wrong code or none."""

    length: int
    attempt: int = 1

    @property
    def state(self) -> dict[str, str]:
        """What the platform is to send back with the digits."""
        return {"length": str(self.length), "attempt": str(self.attempt)}

    @classmethod
    def of_state(cls, state: Mapping[str, str]) -> "Collect | None":
        """What was asked, as it came back: anybody may have written it, so it rules only how often is asked."""
        if not state.get("attempt"):
            return None
        return cls(
            _within(state.get("length", ""), 1, codes.MAX_LENGTH),
            _within(state["attempt"], 1, MOST_RETRIES + 1),
        )


class HandOver(Private, Struct, frozen=True):
    """Send the call to the agents with its session's id."""

    session_id: str
    data: Mapping[str, str]  # what of its data may leave: see `handoff.py`


@dataclass(frozen=True, slots=True)
class Queue:
    """Send the call to the ordinary queue."""

    reason: Reason

    @property
    def is_flagged(self) -> bool:
        """Whether something failed."""
        return self.reason in (Reason.UNAVAILABLE, Reason.UNREADABLE)


Step = HandOver | Collect | Queue

Ask = Callable[[Call], Awaitable[Verdict]]  # the engine, behind a time limit


async def next_step(heard: Heard, ask: Ask, line: Line) -> Step:
    """What is to be done with the call now; never raises."""
    if heard.unanswered:
        return Queue(Reason.UNANSWERED)
    if not heard.number.strip():
        return Queue(Reason.UNREADABLE)  # every call has a called number: what was told is something else
    if heard.asked and not codes.keyed(heard.digits or ""):
        return _again(heard.asked, line)
    try:
        verdict = await ask(call_of(heard))
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller must not be left standing
        log.warning("a call goes to the queue because it could not be looked up: %s", type(error).__name__)
        return Queue(Reason.UNAVAILABLE)
    return _follow(verdict, heard, line)


def call_of(heard: Heard) -> Call:
    """The call as the engine can read it. What is longer than any number or code stays one that nobody has."""
    return Call(
        _readable(heard.number, phone.MAX_TEXT),
        _readable(heard.caller or "", phone.MAX_TEXT) or None,
        _readable(heard.digits or "", MAX_DIGITS) or None,
        _call_id(heard.call_id or "") or None,
    )


def _readable(text: str, limit: int) -> str:
    """As much as can be stored: neither NUL nor half of a character."""
    return text.replace("\0", "").encode(errors="ignore").decode()[:limit]


def _call_id(text: str) -> str:
    """One that is too long stays itself by its digest."""
    if len(text) <= MAX_CALL_ID:
        return _readable(text, MAX_CALL_ID)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _follow(verdict: Verdict, heard: Heard, line: Line) -> Step:
    match verdict:
        case Matched((match,)):
            return HandOver(match.session_id, allowed(line, match.values or {}))
        case NoneMatches(slowed=True):
            return Queue(Reason.GUESSED_TOO_OFTEN)
        case Matched() | Ambiguous(None):
            return Queue(Reason.AMBIGUOUS)
        case _ if heard.asked:
            return _again(heard.asked, line)
        case NeedsCode(length) | Ambiguous(int(length)):
            return Collect(length)
    return Queue(Reason.NO_MATCH)


def _again(asked: Collect, line: Line) -> Step:
    if asked.attempt > line.number("retries"):
        return Queue(Reason.NO_MATCH)
    return Collect(asked.length, asked.attempt + 1)


def _within(text: str, least: int, most: int) -> int:
    """A number as it came back; what is none is the most, so that it leads to an end."""
    return min(max(int(text), least), most) if text.isascii() and text.isdigit() and len(text) < 3 else most
