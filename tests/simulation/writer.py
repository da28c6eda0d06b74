"""Stands in for the thread that writes, and its queue: each batch is a job that the simulation lets run."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar
from unittest.mock import patch

from matchline.store import group_commit

from .loop import Job, stepped_loop

T = TypeVar("T")


class SteppedThread:
    """Runs its target anew for each job, until the target finds its queue empty."""

    def __init__(self, target: Callable[[], None], name: str, *, daemon: bool) -> None:
        stepped_loop().writer = target

    def start(self) -> None:
        """A job does."""

    def join(self) -> None:
        """No job is left."""


class SteppedQueue(Generic[T]):
    """Of batches; None tells the thread that there are no more."""

    def __init__(self) -> None:
        self._loop = stepped_loop()
        self._batches: deque[T] = deque()

    def put(self, batch: T | None) -> None:
        if batch is not None:
            self._batches.append(batch)
            self._loop.jobs.append(Job(self._loop.writer, self._loop.create_future()))

    def get(self) -> T | None:
        return self._batches.popleft() if self._batches else None


@contextmanager
def stepped_writer() -> Iterator[None]:
    """A store that is opened here has no thread of its own."""
    with (
        patch.object(group_commit, "Thread", SteppedThread),
        patch.object(group_commit, "SimpleQueue", SteppedQueue),
    ):
        yield
