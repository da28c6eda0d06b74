"""Charts that run in a process of their own, which is ended when it takes too long or crashes.

`ChartApart` is used like `Chart`. Between steps everything of it is here, as a snapshot, so that a host can store
it, and whatever a script does to the process costs only that chart.
"""

import os
import selectors
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from signal import SIGPROF, SIGVTALRM
from types import TracebackType
from typing import Self

import msgspec

from matchline.clock import Instant, steady
from matchline.scxml.effects import Effect, Ended
from matchline.scxml.events import Event
from matchline.scxml.faults import DocumentRefused, Stopped
from matchline.scxml.snapshot import Snapshot
from matchline.scxml.worker import LENGTH_BYTES, Delivery, Failure, Reply, Request, Settings

DEFAULT_SECONDS = 35.0  # for one request; more than a chart within its limits needs, on a busy machine too
START_SECONDS = 60.0  # for a process to start
_AT_ONCE = 65_536  # bytes to read

_OUT_OF_TIME = "the chart's scripts gave no answer in time"  # the process ended itself, or was ended here
_DIED = "the process that ran the chart died (status {})"


class Worker:
    """One process, started when it is needed. One request at a time; not for several threads at once."""

    def __init__(self, seconds: float = DEFAULT_SECONDS) -> None:
        self._seconds = seconds
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self.process:
            self._end(self.process)

    def interrupt(self) -> None:
        """Ends what is under way; whoever asked is told `Stopped`. Another thread may call this."""
        process = self.process
        if process:
            process.kill()

    def ask(self, request: Request) -> Reply:
        """Raises `Stopped` when there is no answer in time, or the process dies."""
        fresh = self.process is None
        process = self.process or self._started()
        body = msgspec.msgpack.encode(request)
        assert process.stdin is not None
        try:
            if fresh:
                self._read(process, steady() + START_SECONDS)
            process.stdin.write(len(body).to_bytes(LENGTH_BYTES) + body)
            process.stdin.flush()
            reply = self._read(process, steady() + self._seconds)
        except (OSError, EOFError):
            status = self._end(process)
            raise Stopped(_OUT_OF_TIME if -status in (SIGPROF, SIGVTALRM) else _DIED.format(status)) from None
        except Stopped:
            self._end(process)
            raise
        return msgspec.msgpack.decode(reply, type=Reply)

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"{__package__}.worker"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        return self.process

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        """Its exit status, if it has ended by itself."""
        status = process.poll()
        process.kill()
        ended = process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what could not be written any more is of no interest
                pipe.close()
        self.process = None
        return ended if status is None else status

    def _read(self, process: subprocess.Popen[bytes], end: float) -> bytes:
        assert process.stdout is not None
        received = bytearray()
        wanted = LENGTH_BYTES
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while len(received) < wanted:
                if not selector.select(max(0.0, end - steady())):
                    raise Stopped(_OUT_OF_TIME)
                part = os.read(process.stdout.fileno(), _AT_ONCE)
                if not part:
                    raise EOFError
                received += part
                if len(received) >= LENGTH_BYTES:
                    wanted = LENGTH_BYTES + int.from_bytes(received[:LENGTH_BYTES])
        return bytes(received[LENGTH_BYTES:])


class ChartApart:
    """A chart whose steps a worker takes."""

    def __init__(
        self,
        worker: Worker,
        document: bytes,
        settings: Settings,
        now: Instant,
        *,
        given: Mapping[str, str | None] | None = None,
        stored: Snapshot | None = None,
        traced: bool = False,
    ) -> None:
        """Starts, or goes on from `stored`. Raises `DocumentRefused`."""
        self._worker = worker
        self._document = document
        self._settings = settings
        self._traced = traced
        self._given = dict(given or {})
        self._deliveries: list[Delivery] = []
        self._failures: list[Failure] = []
        self._reply = Reply(stored)
        self._effects: list[Effect] = []
        self._ask(now, most_steps=0)

    @property
    def snapshot(self) -> Snapshot:
        assert self._reply.snapshot is not None, "it has been started"
        return self._reply.snapshot

    @property
    def id(self) -> str:
        return self.snapshot.sessions[0].id

    @property
    def running(self) -> bool:
        return self._reply.running

    @property
    def active(self) -> tuple[str, ...]:
        return self._reply.active

    @property
    def next_due(self) -> Instant | None:
        return self._reply.next_due

    @property
    def stopped(self) -> str | None:
        return self._reply.stopped

    @property
    def result(self) -> str | None:
        return self._reply.result

    def deliver(self, event: Event, session: str | None = None) -> bool:
        """Puts an event on a session's external queue; False when it has ended or too many events wait."""
        name = session or self.id
        waiting = len(self.snapshot.waiting) + len(self._deliveries)
        known = any(one.id == name for one in self.snapshot.sessions)
        if not self.running or not known or waiting >= self._settings.limits.queued:
            return False
        self._deliveries.append(Delivery(name, event))
        return True

    def fail(self, session: str, message: str, sendid: str | None = None) -> None:
        self._failures.append(Failure(session, message, sendid))

    def step(self, now: Instant) -> bool:
        """Does one macrostep; False when there is nothing to do before `next_due` or a further event."""
        return self.running and self._ask(now, most_steps=1)

    def take_effects(self) -> list[Effect]:
        taken, self._effects = self._effects, []
        return taken

    def _ask(self, now: Instant, most_steps: int) -> bool:
        request = Request(
            self._document,
            self._settings,
            now,
            most_steps,
            self._traced,
            self._reply.snapshot,
            self._given,
            self._deliveries,
            self._failures,
        )
        self._deliveries, self._failures = [], []
        try:
            reply = self._worker.ask(request)
        except Stopped as limit:
            reply = self._stopped(str(limit))
        if reply.snapshot is None:
            raise DocumentRefused(reply.faults)
        self._reply = reply
        self._effects += reply.effects
        return reply.worked

    def _stopped(self, limit: str) -> Reply:
        """It ends where it stood before the step."""
        session = self._reply.snapshot.sessions[0].id if self._reply.snapshot else ""
        effects: list[Effect] = [Ended(session, None, limit)]
        return msgspec.structs.replace(
            self._reply, effects=effects, running=False, stopped=limit, next_due=None, worked=False
        )
