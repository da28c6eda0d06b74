"""The processes that take charts' steps: a few, each with one chart at a time, started when they are needed."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from matchline.clock import SECOND
from matchline.scxml.apart import Worker
from matchline.scxml.limits import Limits
from matchline.scxml.worker import Reply, Request

# Until a process is ended that does not even compute; one that does ends itself when its time is over.
_SLACK_SECONDS = 30.0


class Workers:
    """To be used from one event loop."""

    def __init__(self, count: int, limits: Limits) -> None:
        seconds = limits.event_ms / SECOND + _SLACK_SECONDS
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="chart")
        self._workers = [Worker(seconds) for _ in range(count)]
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def ask(self, request: Callable[[], Request]) -> Reply:
        """The request is made when its turn has come, in a thread.

        Raises `Stopped` when there is no answer in time, or the process dies.
        """
        worker = await self._idle.get()
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(self._threads, lambda: worker.ask(request()))
        try:
            return await asyncio.shield(asked)
        finally:
            asked.add_done_callback(lambda done: self._return(worker, done))

    def _return(self, worker: Worker, done: "asyncio.Future[Reply]") -> None:
        if not done.cancelled():
            done.exception()  # it was told, or nobody waits any more
        self._idle.put_nowait(worker)

    async def close(self) -> None:
        """What is under way ends with its process."""
        for worker in self._workers:
            worker.interrupt()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        for worker in self._workers:
            worker.close()
