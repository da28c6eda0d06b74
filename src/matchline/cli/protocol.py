"""HTTP on one connection, within limits: how many there are, how large a request may be, how long it may take."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextvars import copy_context
from enum import Enum
from typing import Any, TypeAlias

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from matchline.engine.configure import Keeper
from matchline.engine.guard import Guard, client_of
from matchline.engine.policy import ClientLimits
from matchline.errors import Fault, MalformedRequest, TooLarge
from matchline.faults.refusals import AddressTooLong, HeadTooLarge, TooManyConnections, TooSlow
from matchline.http.guard import SECURITY_HEADERS, STRICT_TRANSPORT

# What browsers and proxies send is far below; user data may come in an address. The parser ends at 65,535.
MAX_ADDRESS = 32_768  # bytes
MAX_HEAD = 65_536  # bytes of all headers
MAX_HEADERS = 100

# A body in chunks of one byte is six times as long on the way; more is no body.
_LONGEST_WRAPPING = 8

Headers: TypeAlias = list[tuple[bytes, bytes]]
Refuse: TypeAlias = Callable[[Fault, Headers, float], Response]  # the fault, headers that came, seconds


class Connections:
    """The connections that a process has."""

    def __init__(self, keeper: Keeper, guard: Guard, refuse: Refuse) -> None:
        """`refuse` answers what never becomes a request."""
        self._keeper = keeper
        self._guard = guard
        self.refuse = refuse
        self._count = 0
        self._by_client: Counter[str] = Counter()

    @property
    def limits(self) -> ClientLimits:
        return self._keeper.current.server.clients

    @property
    def longest_body(self) -> int:
        """Bytes that a body may take on its way."""
        limits = self._keeper.current.server.limits
        return _LONGEST_WRAPPING * (limits.body + limits.file) + MAX_HEAD

    def spares(self, address: str) -> bool:
        return self._guard.spares(address)

    def begin(self, address: str) -> bool:
        """Whether there may be one more; it is counted in any case. A trusted proxy's are those of many clients."""
        client = client_of(address)
        self._count += 1
        self._by_client[client] += 1
        if self._guard.spares(address):
            return True
        few = self._by_client[client] <= self.limits.connections_per_address
        return self._count <= self.limits.connections and (few or self._guard.trusts(address))

    def end(self, address: str) -> None:
        client = client_of(address)
        self._count -= 1
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client]


class Awaited(Enum):
    """What the client is to send next."""

    FIRST = "a first request"
    HEAD = "the rest of a request's head"
    BODY = "the rest of its body"
    NOTHING = "nothing: it is waiting for an answer, or idle"


class Protocol(HttpToolsProtocol):
    """What is refused here is answered, counted and logged as every other error is."""

    def __init__(self, connections: Connections, **how: Any) -> None:
        super().__init__(**how)
        self._all = connections
        self._awaited = Awaited.FIRST
        self._is_new = True  # what is awaited, so that its time begins
        self._timer: asyncio.TimerHandle | None = None
        self._received = 0  # bytes of what is awaited
        self._refusal: Fault | None = None
        self._answers = False  # whether a request has ever been handed on
        self._begun = self.loop.time()  # what is refused when it is refused

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._spared = self._all.spares(self._address)
        self.timeout_keep_alive = self._all.limits.idle_seconds
        if self._all.begin(self._address):
            self._time()
        else:
            self._refuse(TooManyConnections())

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._all.end(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._is_idle():
            self._await(Awaited.HEAD)
        if self._is_new:
            self._time()
            self._received = 0
        self._received += len(data)
        if self._awaited is Awaited.HEAD and self._received > MAX_ADDRESS + MAX_HEAD:
            self._refuse(HeadTooLarge())
        elif self._awaited is Awaited.BODY and self._received > self._all.longest_body:
            self._refuse(TooLarge("The body is too large."))

    def _is_idle(self) -> bool:
        """After what began no request, such as an empty line, the idle time no longer runs."""
        if self._awaited is not Awaited.NOTHING or self.timeout_keep_alive_task is not None:
            return False
        return self.cycle.response_complete

    # The parser's calls

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = self.loop.time()
        self._await(Awaited.HEAD)

    def on_headers_complete(self) -> None:
        self._refusal = _head_fault(self.url, self.headers)
        if self._refusal:
            raise self._refusal  # ends the parser, which asks for `send_400_response`
        self._await(Awaited.BODY)
        super().on_headers_complete()  # unless the address is none
        self._answers = True

    def on_message_complete(self) -> None:
        self._await(Awaited.NOTHING)
        super().on_message_complete()
        self.headers = []  # what follows is another request's

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words are no one's business
        self._refuse(self._refusal or MalformedRequest())

    # Time

    def _await(self, what: Awaited) -> None:
        self._awaited = what
        self._is_new = True

    def _time(self) -> None:
        """The time of what is awaited begins; it does not begin anew with each byte."""
        self._is_new = False
        self._stop_timer()
        if self._spared or self._awaited is Awaited.NOTHING:
            return
        limits = self._all.limits
        seconds = limits.body_seconds if self._awaited is Awaited.BODY else limits.head_seconds
        self._timer = self.loop.call_later(seconds, self._too_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        if self._awaited is Awaited.FIRST:
            self.transport.close()
        else:
            self._refuse(TooSlow())

    def _refuse(self, fault: Fault) -> None:
        """Answer, unless an answer is on its way already, and close."""
        if self.transport.is_closing():
            return
        if not (self._answers and self.cycle.response_started and not self.cycle.response_complete):
            self.transport.write(self._refusal_of(fault))
        self._stop_timer()
        self.transport.close()

    def _refusal_of(self, fault: Fault) -> bytes:
        seconds = self.loop.time() - self._begun
        answer = copy_context().run(self._all.refuse, fault, self.headers or [], seconds)
        guarding = (*SECURITY_HEADERS, STRICT_TRANSPORT) if self.scheme == "https" else SECURITY_HEADERS
        return _raw(answer, guarding)


def _head_fault(address: bytes, headers: Headers) -> Fault | None:
    if len(address) > MAX_ADDRESS:
        return AddressTooLong()
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        return HeadTooLarge()
    return None


def _raw(answer: Response, guarding: Iterable[tuple[bytes, bytes]]) -> bytes:
    headers = [*answer.raw_headers, *guarding, (b"connection", b"close")]
    lines = b"".join(b"%s: %s\r\n" % header for header in dict(headers).items())
    return b"HTTP/1.1 %d \r\n%s\r\n%s" % (answer.status_code, lines, bytes(answer.body))
