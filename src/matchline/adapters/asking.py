"""The engine as the dialogue asks it: through the line's match service, within the line's time limit."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from matchline.adapters.dialogue import Collect, HandOver, Heard, Step, next_step
from matchline.clock import SECOND
from matchline.engine import Engine
from matchline.engine.handling import Call, call_of, handling_of
from matchline.engine.line import Line
from matchline.observing.metrics import LINE_EVENTS
from matchline.principal import EVERYONE, Principal
from matchline.verdict import Verdict

# Look-ups that took too long and go on: a step of the store that is under way is not broken off.
_belated: set[asyncio.Task[Any]] = set()


async def take(engine: Engine, line: Line, heard: Heard, by: Principal = EVERYONE) -> Step:
    """The next step of a call's dialogue; never raises, and never takes longer than the line's limit."""

    async def ask(call: Call) -> Verdict:
        return await _limited(_match(engine, line, call, by), line.number("look_up_limit") / SECOND)

    step = await next_step(heard, ask, line)
    count(engine, line, step)
    return step


def count(engine: Engine, line: Line, step: Step | None) -> None:
    engine.metrics.add(LINE_EVENTS, line.name, _outcome(step))


def _outcome(step: Step | None) -> str:
    match step:
        case None:
            return "noted"
        case HandOver():
            return "handed-over"
        case Collect():
            return "collect"
    return "queue-flagged" if step.is_flagged else "queue"


async def _match(engine: Engine, line: Line, call: Call, by: Principal) -> Verdict:
    parameters = {
        "_access_number": call.access_number,
        "_phone_number": call.phone,
        "_access_code": call.digits,
        "_call_id": call.call_id,
        "_return_multiple_matches": "false",
        "_return_user_data": str(line.text("hand_over_keys") is not None).lower(),
    }
    given = {name: text for name, text in parameters.items() if text is not None}
    options = engine.keeper.current.services[line.service].resolve(given, {})
    return await engine.matching.match(call_of(options), handling_of(line.service, options), by)


async def _limited(look_up: Coroutine[Any, Any, Verdict], seconds: float) -> Verdict:
    """Raises TimeoutError."""
    task = asyncio.create_task(look_up)
    _belated.add(task)
    task.add_done_callback(_belated.discard)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.add_done_callback(_forget)
        raise TimeoutError
    return task.result()


def _forget(belated: asyncio.Task[Any]) -> None:
    """Whatever it ended with: nobody waits for it any more."""
    if not belated.cancelled():
        belated.exception()
