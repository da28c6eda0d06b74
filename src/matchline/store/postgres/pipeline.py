"""One connection in libpq's pipeline mode: statements are sent without waiting, and replies read when needed.

psycopg connects; the statements go through its thin layer over libpq, because that costs a fifth of the processor
time of its cursors. No wait here is without an end: each has a deadline.
"""

import select
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import pq

from matchline.clock import steady
from matchline.store.sql import Parameters, Row

INT8, INT2, INT4, BYTEA = 20, 21, 23, 17  # PostgreSQL's numbers for these types

_TEXT, _BINARY = 0, 1  # formats of a parameter

_DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


# The connection is gone, or did not answer in time; what was sent may have been done. The driver raises it too.
Lost = psycopg.Error


class Refused(Exception):
    """The server refused a statement; `state` is its SQLSTATE."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


class Reply:
    """What the server answers to one statement, once it is read."""

    __slots__ = ("result",)

    def __init__(self) -> None:
        self.result: pq.abc.PGresult | None = None

    def rows(self) -> list[Row]:
        result = self.result
        assert result is not None, "the reply was read"
        count = result.ntuples
        if not count:
            return []
        columns = [(column, _READ.get(result.ftype(column), _text)) for column in range(result.nfields)]
        value_at = result.get_value
        return [
            tuple(
                [
                    None if (value := value_at(row, column)) is None else read(value)
                    for column, read in columns
                ]
            )
            for row in range(count)
        ]


class Statement:
    """A named statement as it was prepared, and its parameters in their order."""

    __slots__ = ("name", "parameters", "reads", "text")

    def __init__(self, name: str, text: str, parameters: Sequence[str]) -> None:
        self.name = name.encode()
        self.text = text.encode()
        self.parameters = parameters
        self.reads = text.startswith("select")


class Pipeline:
    """To be used by one thread at a time."""

    def __init__(
        self, connection: psycopg.Connection[Any], statements: Mapping[str, Statement], server_life: str
    ) -> None:
        self._connection = connection
        self.server_life = server_life  # no connection outlives it
        self._pgconn = connection.pgconn
        self._statements = statements
        self._expected: deque[Reply] = deque()
        self._failure: Refused | None = None
        self.deadline = 0.0  # by `steady`
        self._poll = select.poll()
        self._poll.register(self._pgconn.socket, select.POLLIN)
        self._pgconn.enter_pipeline_mode()
        self._pgconn.nonblocking = 1

    def prepare(self) -> None:
        """All statements at once."""
        for statement in self._statements.values():
            self._pgconn.send_prepare(statement.name, statement.text)
            self._expect()
        self.read(self.sync())

    def close(self) -> None:
        self._connection.close()

    def send(self, name: str, parameters: Parameters) -> Reply:
        statement = self._statements[name]
        values, formats = [], []
        for parameter in statement.parameters:
            value = parameters[parameter]
            encode, form = _ENCODED.get(type(value)) or _encoded_as(value)
            values.append(encode(value))
            formats.append(form)
        self._pgconn.send_query_prepared(statement.name, values, formats, _BINARY)
        return self._expect()

    def reads(self, name: str) -> bool:
        """Whether the statement changes nothing."""
        return self._statements[name].reads

    def sync(self) -> Reply:
        """After it the server takes statements again, also when one failed."""
        self._pgconn.pipeline_sync()
        return self._expect()

    def flush(self) -> None:
        """Hand everything to the network."""
        while self._pgconn.flush():
            self._wait(select.POLLIN | select.POLLOUT)

    def read(self, reply: Reply) -> None:
        """Wait for this reply. Raises Refused when its statement, or one before it since the last sync, failed."""
        if reply.result is None:
            self._pgconn.send_flush_request()
            self.flush()
        while reply.result is None:
            self._read_next()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _expect(self) -> Reply:
        reply = Reply()
        self._expected.append(reply)
        return reply

    def _read_next(self) -> None:
        while self._pgconn.is_busy():
            self._wait(select.POLLIN)
        result = self._pgconn.get_result()
        if result is None:  # stands between the replies
            if self._pgconn.status != pq.ConnStatus.OK:
                raise Lost("the connection is gone")
            return
        self._expected.popleft().result = result
        if result.status == pq.ExecStatus.FATAL_ERROR:
            self._note_failure(result)

    def _note_failure(self, result: pq.abc.PGresult) -> None:
        state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        message = result.get_error_message()
        if not state or state.startswith(("08", "57P")):
            raise Lost(message)
        self._failure = self._failure or Refused(state, message)

    def _wait(self, events: int) -> None:
        self._poll.modify(self._pgconn.socket, events)
        left = self.deadline - steady()
        if left <= 0 or not self._poll.poll(left * 1000):
            raise Lost("the database did not answer in time")
        self._pgconn.consume_input()


_Encoder = Callable[[Any], bytes | None]

# How a parameter is sent, and its format. Integers go as text, which suits every integer type.
_ENCODED: Mapping[type, tuple[_Encoder, int]] = {
    type(None): (lambda _: None, _TEXT),
    bool: (lambda value: b"%d" % value, _TEXT),
    int: (lambda value: b"%d" % value, _TEXT),
    str: (str.encode, _BINARY),
    bytes: (bytes, _BINARY),
    tuple: (lambda codes: f"{{{','.join(codes)}}}".encode(), _TEXT),  # texts without quotes and commas
}


def _encoded_as(value: object) -> tuple[_Encoder, int]:
    """For subclasses, such as those of enumerations."""
    found = [_ENCODED[kind] for kind in type(value).__mro__ if kind in _ENCODED]
    assert found, f"no parameter: {type(value)}"
    return found[0]


def _integer(value: bytes) -> int:
    return int.from_bytes(value, "big", signed=True)


_text: Callable[[bytes], Any] = bytes.decode

_READ: Mapping[int, Callable[[bytes], Any]] = {INT8: _integer, INT2: _integer, INT4: _integer, BYTEA: bytes}
