"""Asterisk's side of a call, by FastAGI: a connection on which the server says what is to be done with the call."""

import re
import shlex
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from matchline.adapters.dialogue import Reason
from matchline.adapters.handoff import ID_KEY, STATUS_KEY
from matchline.cli.call.phone import Answered, Asks, Call, Goes

NAMES = ("asterisk", "asterisk-agi")
DEFAULT_URL = "agi://127.0.0.1:4573"

_URL = re.compile(r"agi://(\[[0-9A-Fa-f:]+\]|[^:/\[\]]+):([0-9]{1,5})/?")


class FastAgiCall:
    def __init__(self, connection: socket.socket, heard: Iterable[bytes], call: Call) -> None:
        """`heard`: the lines that come on the connection."""
        self._connection = connection
        self._heard = heard
        self._variables: dict[str, str] = {}
        self._tell_of(call)

    def exchange(self, asked: Asks | None, digits: str) -> Answered:
        """What the server wants next; where it asked for digits, once it has them. Raises OSError and ValueError."""
        if asked:
            self._say(f"200 result={digits}" if digits else "200 result= (timeout)")
        for line in self._heard:
            match shlex.split(line.decode()):
                case ["GET", "DATA", sound, _, length]:
                    return Asks(int(length), f"the sound {sound}")
                case ["SET", "VARIABLE", name, text]:
                    self._variables[name.lstrip("_")] = (
                        text  # those that are inherited by further legs begin with _
                    )
            self._say("200 result=1")
        return self._gone()

    def _tell_of(self, call: Call) -> None:
        told = {
            "request": DEFAULT_URL,
            "callerid": call.caller or "unknown",
            "uniqueid": call.call_id,
            "extension": call.number,
            "arg_1": call.number,
            "arg_2": call.call_id,
        }
        for name, text in told.items():
            self._say(f"agi_{name}: {' '.join(text.split())}")
        self._say("")

    def _say(self, line: str) -> None:
        self._connection.sendall(f"{line}\n".encode(errors="replace"))

    def _gone(self) -> Goes:
        """The dialplan goes on with the variables; before it asked it had set that nobody answers."""
        told = dict(self._variables)
        status = told.pop("MATCH_STATUS", Reason.UNAVAILABLE.value)
        match_id = told.pop("MATCH_ID", "")
        if match_id:
            return Goes("the agents", {ID_KEY: match_id, **told})
        return Goes("the ordinary queue", {STATUS_KEY: status, **told})


@contextmanager
def connected(url: str, call: Call, seconds: float) -> Iterator[FastAgiCall]:
    """Raises ValueError when the server cannot be reached, or is silent for so long."""
    found = _URL.fullmatch(url)
    if not found:
        raise ValueError(f"--url: must be such as {DEFAULT_URL}")
    try:
        with (
            socket.create_connection((found[1].strip("[]"), int(found[2])), seconds) as connection,
            connection.makefile("rb") as heard,
        ):
            yield FastAgiCall(connection, heard, call)
    except (OSError, OverflowError) as error:
        raise ValueError(f"the server cannot be reached: {error}") from None
