"""What a chart needs of its host, as ports; without them it can reach nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from matchline.chance import Chance
from matchline.scxml.limits import DEFAULT_LIMITS, Limits
from matchline.scxml.parse import Load, load_nothing


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts that may be reached over HTTP: `example.com`, `example.com:8443`, `*.example.com`."""

    hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, hosts: Iterable[str]) -> "AllowList":
        return cls(frozenset(host.lower() for host in hosts))

    def permits(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            return False
        names = {host, f"{host}:{port}"} if port else {host}
        wider = {f"*.{host.split('.', start)[-1]}" for start in range(1, host.count(".") + 1)}
        return bool(self.hosts & (names | wider))


def _knows_nobody(_session: str) -> bool:
    return False


def _no_alarm(_seconds: float) -> None:
    """In a process that must not end."""


@dataclass(frozen=True, slots=True)
class Host:
    chance: Chance  # makes the ids of sessions
    limits: Limits = DEFAULT_LIMITS
    load: Load = load_nothing  # the text of a document or script by its address
    allowed: AllowList = field(default_factory=AllowList)  # targets of the Basic HTTP Event I/O Processor
    knows: Callable[[str], bool] = _knows_nobody  # whether a session of another chart can be sent to
    http_location: str | None = None  # sessions take events at this address, `/` and their id
    variables: str = "{}"  # `_x`, as JSON
    send_types: frozenset[str] = frozenset()  # types of <send> that the host carries out itself
    invoke_types: frozenset[str] = frozenset()  # types of <invoke> that the host carries out itself
    alarm: Callable[[float], object] = (
        _no_alarm  # a script may compute so many seconds from now on; 0: it is over
    )
