"""Serves the lines to Asterisk while they are configured, and each anew when its options have changed."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress

from matchline.clock import SECOND
from matchline.engine import Engine
from matchline.engine.line import Line
from matchline.errors import Unavailable

LOOK_SECONDS = 0.5  # between looks at the configuration
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.5, 30.0  # seconds between attempts to serve a line

LEASE = 4 * SECOND  # another node goes on so long after the one that had a lease is gone
_RENEW_SECONDS = 1.0

Serve = Callable[[Line], Coroutine[None, None, None]]

log = logging.getLogger(__name__)


async def serve_lines(engine: Engine, platform: str, serve: Serve) -> None:
    """Until cancelled: each configured line of a platform is served."""
    served: dict[str, tuple[Line, asyncio.Task[None]]] = {}
    try:
        while True:
            lines = engine.keeper.current.lines
            wanted = {name: line for name, line in lines.items() if line.platform == platform}
            for name, (line, task) in list(served.items()):
                if wanted.get(name) != line:
                    del served[name]
                    await _end(task)
            for name, line in wanted.items():
                if name not in served:
                    served[name] = line, asyncio.create_task(_persist(line, serve))
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        for _, task in served.values():
            await _end(task)


async def while_leased(engine: Engine, name: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Wait until this node has a lease, then work, as long as it has it."""
    owner = engine.chance.new_id(engine.clock.now())
    while not await _lease(engine, name, owner, LEASE):  # noqa: ASYNC110 - another node holds what is waited for
        await asyncio.sleep(_RENEW_SECONDS)
    task = asyncio.create_task(work())
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_RENEW_SECONDS)
            # A store that does not answer takes nobody's place away.
            with suppress(Unavailable):
                if not await _lease(engine, name, owner, LEASE):
                    return
        task.result()
    finally:
        await _end(task)
        with suppress(Unavailable):
            await _lease(engine, name, owner, 0)


async def _lease(engine: Engine, name: str, owner: str, length: int) -> bool:
    now = engine.clock.now()
    return await engine.store.take_lease(name, owner, now + length, now)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _persist(line: Line, serve: Serve) -> None:
    """Serve, and when that fails try again: at first soon, later less often."""
    loop, pause = asyncio.get_running_loop(), FIRST_BACK_OFF
    while True:
        started = loop.time()
        try:
            await serve(line)
        except (OSError, Unavailable) as error:
            log.warning("the line %s is not served now: %s", line.name, error)
        except Exception:  # another line, and a later attempt, must not suffer from it
            log.exception("the line %s is not served now", line.name)
        pause = FIRST_BACK_OFF if loop.time() - started > LONGEST_BACK_OFF else pause
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_BACK_OFF)
