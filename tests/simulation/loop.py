"""An event loop of one thread: what would run in another thread waits until the simulation lets it run."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Stuck(AssertionError):
    """Nothing is left that could run, and something is not done."""


@dataclass(slots=True, eq=False)
class Job:
    """What was handed to a thread."""

    function: Callable[[], object]
    done: "asyncio.Future[Any]"

    def run(self) -> None:
        try:
            result = self.function()
        except Exception as error:  # noqa: BLE001 - a thread too hands it to whoever waits
            self._settle(partial(self.done.set_exception, error))
        else:
            self._settle(partial(self.done.set_result, result))

    def _settle(self, settle: Callable[[], None]) -> None:
        if not self.done.done():
            settle()


class SteppedLoop(asyncio.SelectorEventLoop):
    """Runs what is ready in the order in which it became ready, and nothing by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[Job] = []
        self.writer: Callable[[], None]  # what the thread does that writes
        self.handed_over = 0

    def time(self) -> float:
        """Stands still: no wait of the server's own ends before what it waits for."""
        return 0.0

    def run_in_executor(self, executor: Any, func: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        job = Job(partial(func, *args), self.create_future())
        self.jobs.append(job)
        return job.done

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self.handed_over += 1
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def run_until_idle(self) -> None:
        """Until everything waits: for a job, for the gate, or for each other."""
        idle = False
        while not idle:
            before = self.handed_over
            self.call_soon(self.stop)
            self.run_forever()
            idle = self.handed_over == before + 1

    def run_alone(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run this to its end with every job of its own; all else waits."""
        others, self.jobs = self.jobs, []
        try:
            return self._run_with_jobs(coroutine)
        finally:
            self.jobs = others + self.jobs

    def _run_with_jobs(self, coroutine: Coroutine[Any, Any, T]) -> T:
        task = self.create_task(coroutine)
        self.run_until_idle()
        while not task.done():
            if not self.jobs:
                raise Stuck("it waits for what never comes")
            self.jobs.pop(0).run()
            self.run_until_idle()
        return task.result()

    def abandon(self) -> None:
        """Whatever is under way ends here."""
        self.jobs.clear()
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.run_until_idle()
        self.close()


def stepped_loop() -> SteppedLoop:
    """The one that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SteppedLoop), "a simulation runs on no other"
    return loop
