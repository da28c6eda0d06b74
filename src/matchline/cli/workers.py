"""Several processes that serve one socket, and the supervisor that starts them, watches them and stops them.

Its orders go through a pipe to each worker. The end of that pipe tells a worker that its supervisor is gone, so that
none is left behind, however it ended.
"""

import asyncio
import logging
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from matchline.cli.server import GRACE, LONGEST_DRAIN, DrainingServer
from matchline.clock import steady
from matchline.errors import Fault, Unavailable

_DRAIN, _STOP, _RELOAD = b"d", b"s", b"r"  # orders

# What the supervisor hears of is one byte each: a signal's number, or this from a worker that serves.
_READY = 0

# Seconds until one that died is replaced: twice as long each time, and from the first again after a long life.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_LONG_LIFE = 60.0

_MARGIN = 5.0  # seconds beyond the longest drain; after them a worker that has not stopped is killed

log = logging.getLogger(__name__)


class WorkerServer(DrainingServer):
    """A worker's. A group of processes may be sent the signal that its supervisor passes on, so twice is once."""

    def told_to_stop(self) -> None:
        self.drain()


class Post:
    """A worker's connection with its supervisor."""

    def __init__(self, orders: int, news: int) -> None:
        """The descriptors of two pipes."""
        self._orders = orders
        self._news = news

    def serve_under_orders(self, server: DrainingServer) -> None:
        """Say that the server is ready, and do with it as is told."""
        asyncio.get_running_loop().add_reader(self._orders, self._obey, server)
        os.write(self._news, bytes([_READY]))

    def _obey(self, server: DrainingServer) -> None:
        order = os.read(self._orders, 1)
        if order == _STOP:
            server.stop()
        elif order == _RELOAD:
            server.reload()
        else:
            server.drain()
        if not order:
            asyncio.get_running_loop().remove_reader(self._orders)


@dataclass(frozen=True, slots=True)
class _Worker:
    orders: int  # the descriptor to write to
    begun: float  # by `steady`


class Supervisor:
    """To be run in a process without threads and event loops, because it forks."""

    def __init__(
        self, count: int, work: Callable[[Post], None], ready: Callable[[], None], *, reloads: bool = False
    ) -> None:
        """`work` is a worker's whole life; `ready` is called once, when all of them serve.

        `reloads`: whether SIGHUP tells them to read their certificate anew; otherwise it ends them.
        """
        self._count = count
        self._work = work
        self._tell_ready = ready
        self._hangup = (signal.SIGHUP,) if reloads else ()
        self._workers: dict[int, _Worker] = {}  # by process id
        self._ready = 0
        self._starts: list[float] = []  # when one is to be started, by `steady`
        self._pause = _FIRST_PAUSE
        self._kill_at: float | None = None  # set by the order to stop
        self._failed = False

    def run(self, drain_seconds: float) -> int:
        """Until told to stop; the exit status, which is 0 when all workers served and stopped in order."""
        with self._signals():
            self._starts = [steady()] * self._count
            while self._workers or self._starts:
                self._start_what_is_due()
                for event in self._wait():
                    if event == _READY:
                        self._note_ready()
                    elif event == signal.SIGCHLD:
                        self._bury(drain_seconds)
                    elif event == signal.SIGHUP:
                        self._order(_RELOAD)
                    else:
                        self._stop(drain_seconds)
                self._kill_what_hangs()
        return int(self._failed)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        self._hear, self._news = os.pipe()
        os.set_blocking(self._news, False)
        handled = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, *self._hangup)
        before = {each: signal.signal(each, lambda *_: None) for each in handled}
        signal.set_wakeup_fd(self._news)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for each, handler in before.items():
                signal.signal(each, handler)
            os.close(self._hear)
            os.close(self._news)

    def _wait(self) -> bytes:
        due = [*self._starts, *([self._kill_at] if self._kill_at else [])]
        left = max(0, min(due) - steady()) if due else None
        heard, _, _ = select.select([self._hear], [], [], left)
        return os.read(self._hear, 1024) if heard else b""

    def _start_what_is_due(self) -> None:
        now = steady()
        due = [each for each in self._starts if each <= now]
        self._starts = [each for each in self._starts if each > now]
        for _ in due:
            self._start()

    def _start(self) -> None:
        read, write = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(write)
            self._become_worker(read)
        os.close(read)
        self._workers[process] = _Worker(write, steady())

    def _become_worker(self, orders: int) -> NoReturn:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for each in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(each, signal.SIG_DFL)
            for each in self._hangup:
                signal.signal(each, signal.SIG_IGN)  # the supervisor passes it on
            for worker in self._workers.values():
                os.close(worker.orders)  # else its pipe would not end with the supervisor
            self._work(Post(orders, self._news))
            status = 0
        except (Unavailable, Fault, ValueError) as error:
            log.error("a worker cannot serve: %s", error)  # noqa: TRY400 - the sentence is enough
        except BaseException:
            log.exception("a worker failed")
        finally:
            sys.stdout.flush()
            os._exit(status)

    def _note_ready(self) -> None:
        self._ready += 1
        if self._ready == self._count and self._kill_at is None:
            self._tell_ready()

    def _bury(self, drain_seconds: float) -> None:
        for process in list(self._workers):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                worker = self._workers.pop(process)
                os.close(worker.orders)
                self._replace(process, worker, os.waitstatus_to_exitcode(status), drain_seconds)

    def _replace(self, process: int, worker: _Worker, status: int, drain_seconds: float) -> None:
        if self._kill_at is not None:
            self._failed = self._failed or status != 0
            return
        if self._ready < self._count:
            log.error("worker %d ended with status %d before it could serve", process, status)
            self._failed = True
            self._stop(drain_seconds)
            return
        if steady() - worker.begun > _LONG_LIFE:
            self._pause = _FIRST_PAUSE
        log.warning("worker %d ended with status %d; one follows in %.1f s", process, status, self._pause)
        self._starts.append(steady() + self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _stop(self, drain_seconds: float) -> None:
        """The first time drain, the second at once."""
        order = _DRAIN if self._kill_at is None else _STOP
        self._kill_at = steady() + drain_seconds + LONGEST_DRAIN + GRACE + _MARGIN
        self._starts.clear()
        self._order(order)

    def _order(self, order: bytes) -> None:
        for worker in self._workers.values():
            try:
                os.write(worker.orders, order)
            except BrokenPipeError:  # it is ending
                continue

    def _kill_what_hangs(self) -> None:
        if self._kill_at is not None and steady() > self._kill_at:
            for process in self._workers:
                os.kill(process, signal.SIGKILL)
