"""Requests that come through a proxy: who really asks, and by which URL, as far as the proxy is to be trusted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from matchline.engine.guard import Guard

_HOST = re.compile(r"[A-Za-z0-9._-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")
_SCHEMES = ("http", "https")
_MOST_HOPS = 50  # proxies on the way; nobody has more

# One parameter of a `Forwarded` element (RFC 7239): the value may be quoted.
_PARAMETER = re.compile(r'\s*([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|([^";,\s]*))\s*')


@dataclass(frozen=True, slots=True)
class Hop:
    """What one proxy says of whoever asked it; empty where it says nothing."""

    address: str
    scheme: str = ""
    host: str = ""


class Proxied:
    """Believes `Forwarded` and `X-Forwarded-…` of trusted proxies, and of nobody else."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if scope["type"] == "http" and client and self._guard.trusts(client[0]):
            scope = self._told(scope)
        await self._app(scope, receive, send)

    def _told(self, scope: Scope) -> Scope:
        """The client is the nearest address that is no trusted proxy."""
        client = scope["client"]
        found: Hop | None = None
        for hop in hops(scope["headers"]):
            if not hop.address:
                break
            found = hop
            if not self._guard.trusts(hop.address):
                break
        if found is None:
            return scope
        told = {**scope, "client": (found.address, client[1] if found.address == client[0] else 0)}
        if found.scheme in _SCHEMES:
            told["scheme"] = found.scheme
        if found.host and _HOST.fullmatch(found.host):
            others = [header for header in scope["headers"] if header[0] != b"host"]
            told["headers"] = [(b"host", found.host.encode()), *others]
        return told


def hops(headers: list[tuple[bytes, bytes]]) -> Iterator[Hop]:
    """What the proxies say, the nearest first. The older headers count where there are both."""
    addresses = _entries(headers, b"x-forwarded-for")
    schemes, hosts = _entries(headers, b"x-forwarded-proto"), _entries(headers, b"x-forwarded-host")
    for place, entry in enumerate(addresses):
        yield Hop(_address(entry), _at(schemes, place).lower(), _at(hosts, place))
    if not addresses:
        yield from (_hop(entry) for entry in _entries(headers, b"forwarded"))


def _at(entries: list[str], place: int) -> str:
    """The entry of that proxy; the nearest one's where not each of them adds one."""
    if not entries:
        return ""
    return entries[place] if place < len(entries) else entries[0]


def _entries(headers: list[tuple[bytes, bytes]], name: bytes) -> list[str]:
    """Those of all headers of this name, the last first."""
    joined = ",".join(value.decode("latin-1") for each, value in headers if each == name)
    return [entry.strip() for entry in reversed(joined.rsplit(",", _MOST_HOPS))] if joined else []


def _hop(entry: str) -> Hop:
    said = {
        found[1].lower(): found[2] if found[2] is not None else found[3]
        for part in entry.split(";")
        if (found := _PARAMETER.fullmatch(part))
    }
    return Hop(_address(said.get("for", "")), said.get("proto", "").lower(), said.get("host", ""))


def _address(text: str) -> str:
    """Without brackets and port; empty where it is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        return ""
