"""The load generator: many connections in one thread, closed loop or paced.

A paced request leaves when it is due: `select` waits for microseconds, `epoll` and event loops built on it for
whole milliseconds.
"""

import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from select import EPOLLIN, epoll, select

from bench.connection import Connection
from bench.scripts import Script

_STUCK = 30  # seconds without any answer: something is wrong

Due = tuple[float | None, Script]  # seconds after the start, or as soon as a connection is free


@dataclass(slots=True)
class Run:
    """What was measured: seconds."""

    elapsed: float = 0.0
    processor: float = 0.0  # the client's own
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    octets: dict[str, int] = field(default_factory=dict)  # of the last answer of each name

    @property
    def requests(self) -> int:
        return sum(map(len, self.times.values()))

    @property
    def per_second(self) -> float:
        return self.requests / self.elapsed

    @property
    def client_share(self) -> float:
        return self.processor / self.elapsed


@dataclass(slots=True)
class _Busy:
    """A connection at work; `since` is when its request was sent, or should have been."""

    connection: Connection
    script: Script
    name: str
    since: float


class Crowd:
    def __init__(self, ports: Sequence[int], size: int) -> None:
        self._connections = [Connection(port) for port in islice(cycle(ports), size)]
        self._idle = deque(self._connections)
        self._busy: dict[int, _Busy] = {}
        self._poll = epoll()
        for connection in self._connections:
            self._poll.register(connection.descriptor, EPOLLIN)

    def run(self, scripts: Iterable[Script]) -> Run:
        """Closed loop: each connection takes the next script as soon as it has done its last."""
        return self._run((None, script) for script in scripts)

    def run_paced(self, scripts: Iterable[Due]) -> Run:
        """Open loop: each script starts when it is due; time spent waiting for a connection counts."""
        return self._run(scripts)

    def close(self) -> None:
        self._poll.close()
        for connection in self._connections:
            connection.close()

    def _run(self, scripts: Iterable[Due]) -> Run:
        run = Run()
        used, started = time.process_time(), time.perf_counter()
        waiting = iter(scripts)
        following = next(waiting, None)
        while following or self._busy:
            following, pause = self._start_due(following, waiting, started)
            for descriptor, _ in self._readable(pause):
                self._proceed(self._busy[descriptor], run)
        run.elapsed, run.processor = time.perf_counter() - started, time.process_time() - used
        return run

    def _start_due(
        self, following: Due | None, waiting: Iterator[Due], started: float
    ) -> tuple[Due | None, float]:
        """What comes next, and for how long there is nothing to start."""
        while following and self._idle:
            due, script = following
            now = time.perf_counter()
            since = now if due is None else started + due
            if since > now:
                return following, since - now
            self._start(script, since)
            following = next(waiting, None)
        return following, _STUCK

    def _readable(self, pause: float) -> list[tuple[int, int]]:
        """The connections with something to read, which may be none when the pause is over."""
        if pause < _STUCK:
            select([self._poll], [], [], pause)
            return self._poll.poll(0)
        ready = self._poll.poll(_STUCK)
        if not ready:
            raise RuntimeError("the server does not answer")
        return ready

    def _start(self, script: Script, since: float) -> None:
        connection = self._idle.popleft()
        sending = next(script)
        self._busy[connection.descriptor] = _Busy(connection, script, sending.name, since)
        connection.send(sending.octets)

    def _proceed(self, busy: _Busy, run: Run) -> None:
        body = busy.connection.receive()
        if body is None:
            return
        now = time.perf_counter()
        run.times[busy.name].append(now - busy.since)
        run.octets[busy.name] = len(body)
        try:
            sending = busy.script.send(body)
        except StopIteration:
            del self._busy[busy.connection.descriptor]
            self._idle.append(busy.connection)
            return
        busy.name, busy.since = sending.name, time.perf_counter()
        busy.connection.send(sending.octets)


@contextmanager
def crowd(ports: Sequence[int], size: int) -> Iterator[Crowd]:
    """So many connections, spread evenly over the ports."""
    opened = Crowd(ports, size)
    try:
        yield opened
    finally:
        opened.close()
