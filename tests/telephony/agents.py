"""The telephone that calls arrive at: the agents' and the queue's in one."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .phones import SCENARIOS
from .process import POLL_SECONDS, Process, read

ARRIVAL_LIMIT_SECONDS = 30  # an INVITE takes milliseconds; only one that never comes reaches this


@dataclass(frozen=True)
class Arrival:
    """A call as the agents' telephone saw it come."""

    called: str  # `agents` or `queue`
    caller: str  # the user of From
    match_id: str  # "" when there is no such header, as the next two
    status: str
    user_to_user: str

    @property
    def data(self) -> str:
        """What User-to-User carries, without its protocol discriminator."""
        octets, _, encoding = self.user_to_user.partition(";")
        assert encoding == "encoding=hex", self.user_to_user
        return bytes.fromhex(octets)[1:].decode()


class Agents:
    """One telephone for the agents and for the queue: it answers all that comes."""

    scenario = "agent"

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._log = folder / f"{self.scenario}.log"
        self._log.unlink(missing_ok=True)
        sipp = ["sipp", "-sf", str(SCENARIOS / f"{self.scenario}.xml"), "-i", "127.0.0.1", "-p", str(port)]
        sipp += ["-mi", "127.0.0.1", "-nostdin", "-trace_logs", "-log_file", str(self._log)]
        self._process = Process(sipp, folder / f"{self.scenario}.output")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def address(self, user: str) -> str:
        return f"sip:{user}@127.0.0.1:{self._port}"

    def stop(self) -> None:
        self._process.stop()

    def arrivals(self, caller: str) -> list[Arrival]:
        """The calls of this caller, once one has come."""
        deadline = time.monotonic() + ARRIVAL_LIMIT_SECONDS
        while time.monotonic() < deadline:
            if found := [arrival for arrival in self.all() if arrival.caller == caller]:
                return found
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"no call of {caller} arrived: {read(self._log)}")

    def all(self) -> list[Arrival]:
        return [read_arrival(line) for line in read(self._log).splitlines() if line.count("|") == 4]


class BusyAgents(Agents):
    """They take no call."""

    scenario = "busy"


class RingingAgents(Agents):
    """Their telephone rings, and nobody is there."""

    scenario = "ringing"


def read_arrival(line: str) -> Arrival:
    called, caller, *headers = line.split("|")
    found = re.search(r"sip:([^@>]*)", caller)
    match_id, status, user_to_user = (header.partition(":")[2].strip() for header in headers)
    return Arrival(called, found[1] if found else "", match_id, status, user_to_user)
