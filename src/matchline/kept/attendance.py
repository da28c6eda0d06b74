"""Who is there: people who are logged in to the UI, and the nodes that serve."""

from enum import StrEnum

from msgspec import Struct

from matchline.clock import SECOND, Instant
from matchline.observing.masking import Private

IDLE = 12 * 3600 * SECOND  # ms without a request: a shift, for people who keep the UI open all day
LONGEST = 7 * 24 * 3600 * SECOND  # ms, however busy

GONE_AFTER = 15 * SECOND  # ms since a node's last report: several in a row are missing


class Role(StrEnum):
    """What a person may do in the UI."""

    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"  # sees everything but secrets, releases and ends, changes nothing

    def covers(self, other: "Role") -> bool:
        """An administrator may everything that a supervisor may."""
        return self is Role.ADMINISTRATOR or other is self


class Visit(Private, Struct, frozen=True):
    """Someone is logged in to the UI, on every node."""

    digest: str  # of what the browser's cookie holds; that itself is kept nowhere
    name: str  # as the person gave it
    role: Role
    proof: str  # digest of the credentials; when others are in force the visit is over
    ends_at: Instant
    idle_at: Instant  # it is over then, unless it is prolonged

    def is_over(self, now: Instant) -> bool:
        return now >= min(self.ends_at, self.idle_at)


class NodeReport(Struct, frozen=True):
    """What a node, a process that serves, tells of itself."""

    id: str  # new with each start
    name: str  # of the machine, with the number of the process
    version: str
    started_at: Instant
    configuration: int  # the version in force there
    ahead: int  # ms that the machine's clock is ahead of the store's
    busy: int  # percent of one processor since the last report
    requests: int  # a second, since the last report
    online: bool
    fault: str = ""  # why it is not


class NodeSeen(Struct, frozen=True):
    report: NodeReport
    at: Instant
    switched_off: bool  # somebody wants it to say OFFLINE

    def is_gone(self, now: Instant) -> bool:
        return now >= self.at + GONE_AFTER
