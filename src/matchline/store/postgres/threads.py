"""Threads that run what they are handed while the event loop goes on.

As the loop's own executor does, without its second future, locks and callbacks for each call: a tenth of what a
request over PostgreSQL costs.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

_Handed = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Threads:
    """To be used from one event loop."""

    def __init__(self, most: int, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._most = most
        self._name = name
        self._threads: list[Thread] = []
        self._unanswered = 0
        self._handed: SimpleQueue[_Handed | None] = SimpleQueue()

    def run(self, function: Callable[[], T]) -> "asyncio.Future[T]":
        """What it returns or raises. It is not run when the answer is given up before its turn comes."""
        answer: asyncio.Future[T] = self._loop.create_future()
        if self._unanswered >= len(self._threads) < self._most:
            self._begin_thread()
        self._unanswered += 1
        self._handed.put((function, answer))
        return answer

    def close(self) -> None:
        """Waits until all have ended."""
        for _ in self._threads:
            self._handed.put(None)
        for thread in self._threads:
            thread.join()

    def _begin_thread(self) -> None:
        thread = Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _settle(self, answer: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
        self._unanswered -= 1
        if answer.done():  # the caller went away
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)

    # In the threads

    def _work(self) -> None:
        while (handed := self._handed.get()) is not None:
            function, answer = handed
            result, error = None, None
            try:
                if not answer.done():  # nobody waits for it any more
                    result = function()
            except Exception as raised:  # noqa: BLE001 - it is the caller's to raise
                error = raised
            with suppress(RuntimeError):  # the loop was closed: no one waits any more
                self._loop.call_soon_threadsafe(self._settle, answer, result, error)
            del handed, function, answer, result, error
