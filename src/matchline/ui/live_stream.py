"""Parts of a page that change by themselves: rendered again now and then, and sent when they look different.

A browser that does not show the page asks for nothing; a stream ends after a while, so that whoever comes back is
asked anew who they are.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from starlette.responses import Response, StreamingResponse

from matchline.clock import steady
from matchline.errors import Fault, Unavailable
from matchline.faults.refusals import TooManyConnections
from matchline.ui.asked import Asked

LOOK_SECONDS = 1.0  # between looks
COMMENT_SECONDS = 15.0  # what is silent for longer is cut by some proxies
LONGEST_SECONDS = 600.0  # of one stream
MOST_STREAMS = 64  # of one process: each looks into the store once a second

_SHARE = 20  # of the time; what takes long is looked at less often, so that a page takes at most a twentieth
_BEGIN = b": live\n\n"

Part = Callable[[], Awaitable[str]]


class Streams:
    """The streams of one process."""

    def __init__(self) -> None:
        self._open = 0

    def answer(self, asked: Asked, part: Part) -> Response:
        """Raises TooManyConnections."""
        if self._open >= MOST_STREAMS:
            raise TooManyConnections
        return StreamingResponse(self._told(asked, part), media_type="text/event-stream")

    async def _told(self, asked: Asked, part: Part) -> AsyncIterator[bytes]:
        """Until the browser goes, this node is about to stop or the store does not answer: browsers come back."""
        self._open += 1
        try:
            yield _BEGIN
            latest, began = "", steady()
            told_at = began
            while not asked.engine.node.draining and steady() - began < LONGEST_SECONDS:
                looked_at = steady()
                found = await part()
                took = steady() - looked_at
                if found != latest:
                    latest, told_at = found, steady()
                    yield b"data: %s\n\n" % msgspec.json.encode(found)
                elif steady() - told_at > COMMENT_SECONDS:
                    told_at = steady()
                    yield _BEGIN
                await asyncio.sleep(max(LOOK_SECONDS, took * _SHARE))
        except (Fault, Unavailable):
            return
        finally:
            self._open -= 1


streams = Streams()
