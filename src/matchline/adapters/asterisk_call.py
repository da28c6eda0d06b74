"""What FastAGI and ARI have in common: the dialogue over a call that stays connected, and how it is handed over.

A call is handed over by channel variables, and the dialplan sends it on. `__` before a name lets the legs that
Asterisk places for the call have the variable too.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from msgspec import structs

from matchline.adapters import COLLECT_SECONDS
from matchline.adapters.dialogue import Collect, HandOver, Heard, Step
from matchline.adapters.handoff import user_to_user
from matchline.engine.line import Line
from matchline.options import Integer, Option

MATCHED = "matched"

_STATUS = "MATCH_STATUS"
_INHERITED = "__"
_MAX_SOUND = 255  # characters: as long as file names are


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound as Asterisk names it."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_./-]+", text.strip()) or len(text) > _MAX_SOUND:
            raise ValueError(f"must be {self.values}")
        return text.strip()

    @property
    def values(self) -> str:
        return "the name of a sound file without its ending, such as `custom/enter-code`"

    def schema(self) -> dict[str, object]:
        return {"type": "string"}


# What lines to Asterisk have.
CALL_OPTIONS = (
    Option("sound_code", Sound(), "What a caller hears who is to key in a code.", "vm-password"),
    Option("sound_retry", Sound(), "The same after a wrong code, or none.", "auth-incorrect"),
    Option(
        "max_calls",
        Integer(1, 10_000),
        "How many calls a process is in talk with at once; any more go to the ordinary queue, flagged.",
        "500",
    ),
    Option(
        "patience",
        Integer(1, 600, "seconds"),
        "How long one call may take here, codes keyed in and all; then it goes to the ordinary queue, flagged.",
        "60",
    ),
    COLLECT_SECONDS,
)


class Leg(Protocol):
    """A call that can be talked with."""

    async def collect(self, sound: str, digits: int, seconds: int) -> str:
        """Answer the call if nobody has, play the sound until a digit comes, and hear so many digits.

        `seconds`: how long to wait for the first, once the sound has ended, and from each to the next.
        """
        ...


Take = Callable[[Heard], Awaitable[Step]]  # the line's next step; never raises


async def converse(line: Line, heard: Heard, leg: Leg, take: Take) -> dict[str, str]:
    """Lead the dialogue to its end; the channel variables that tell how it ended."""
    step = await take(heard)
    while isinstance(step, Collect):
        sound = line.given("sound_code" if step.attempt == 1 else "sound_retry")
        digits = await leg.collect(sound, step.length, line.number("collect_seconds"))
        step = await take(structs.replace(heard, digits=digits, asked=step))
    return variables(step)


def variables(step: Step) -> dict[str, str]:
    """Those of a call that is handed over, or goes to the ordinary queue."""
    assert not isinstance(step, Collect), "the dialogue has ended"
    if not isinstance(step, HandOver):
        return {_INHERITED + _STATUS: step.reason.value}
    named = {
        _STATUS: MATCHED,
        "MATCH_ID": step.session_id,
        "MATCH_USER_TO_USER": user_to_user(step.session_id, step.data),
        **{f"MATCH_DATA_{re.sub('[^A-Za-z0-9]', '_', key)}": text for key, text in step.data.items()},
    }
    return {_INHERITED + name: text for name, text in named.items()}
