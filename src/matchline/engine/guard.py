"""How often a client may ask this process, and from where it may be asked at all.

A client is an address, or whoever has the same credentials. Each process counts for itself.
"""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

from matchline.clock import SECOND, Clock, whole_seconds
from matchline.engine.configure import Keeper
from matchline.faults.refusals import NotOpenToNetwork, TooManyRequests, WrongPort
from matchline.model import Quota
from matchline.wire import LINES_PATH

Network: TypeAlias = IPv4Network | IPv6Network

BURST = 2 * SECOND  # a client that was quiet for so long may catch up at once

# Clients whose requests are counted; beyond them those that were counted first are forgotten.
MOST_CLIENTS = 100_000

_NETWORK = 64  # bits of an IPv6 address that tell one customer of a provider from the next
_NOBODYS = frozenset(
    {"internal", "local", "localhost", "test"}
)  # domains in which nobody can register a name
_REMEMBERED = 10_000  # addresses that need not be read again


@lru_cache(_REMEMBERED)
def is_loopback(address: str) -> bool:
    """Whether this is the machine itself. A Unix socket has no address, and none else can be asked for."""
    try:
        read = ip_address(address)
    except ValueError:
        return not address
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return (mapped or read).is_loopback


@lru_cache(_REMEMBERED)
def is_public(host: str) -> bool:
    """Whether this is a name that anybody could have registered; no address, and none of the own network.

    A page can let its own name lead to the machine of who looks at it, and ask there as if it came from there
    (DNS rebinding).
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False  # no browser sends it
    try:
        ip_address(name)
    except ValueError:
        return "." in name and name.rpartition(".")[2] not in _NOBODYS
    return False


@lru_cache(_REMEMBERED)
def client_of(address: str) -> str:
    """By what an address is counted: itself, or its network, of which one IPv6 client has billions."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if isinstance(read, IPv6Address) and read.ipv4_mapped is None:
        return f"{IPv6Address(int(read) >> _NETWORK << _NETWORK)}/{_NETWORK}"
    return address


def read_network(text: str) -> Network:
    """An address, or a network such as `10.0.0.0/8`. Raises ValueError."""
    return ip_network(text.strip(), strict=False)


@lru_cache(_REMEMBERED)
def _is_within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        read = ip_address(address)
    except ValueError:
        return False
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return any((mapped or read) in network for network in networks)


class Rates:
    """Token buckets; what is kept of each is the moment at which it is full again."""

    def __init__(self) -> None:
        self._full_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, client: str, rate: int, now: int) -> float:
        """Milliseconds until this client may ask; 0 when it may now, which is counted. `rate` is per second."""
        interval = SECOND / rate
        full_at = max(self._full_at.get(client, 0.0), now) + interval
        early = full_at - now - max(BURST, interval)
        if early > 0:
            return early
        if len(self._full_at) >= MOST_CLIENTS and client not in self._full_at:
            del self._full_at[next(iter(self._full_at))]
        self._full_at[client] = full_at
        return 0.0


class Guard:
    def __init__(self, clock: Clock, keeper: Keeper) -> None:
        self.insecure_open = False  # the operator wants it open to the network without credentials
        self.trusted_proxies: tuple[Network, ...] = ()
        self._clock = clock
        self._keeper = keeper
        self._addresses = Rates()
        self._keys = Rates()

    def trusts(self, address: str) -> bool:
        """Whether this is a proxy whose word on its clients is believed."""
        return bool(self.trusted_proxies) and _is_within(address, self.trusted_proxies)

    def spares(self, address: str) -> bool:
        """Whether no limit applies: on loopback, while no credentials are configured."""
        return is_loopback(address) and not self._keeper.current.access.is_closed

    def admit(self, address: str, path: str, port: int, host: str) -> None:
        """A request from this address for this path, to a server of this name.

        Raises NotOpenToNetwork, WrongPort, TooManyRequests.
        """
        configuration = self._keeper.current
        if configuration.ports and not configuration.ports.allow(path, port):
            raise WrongPort
        is_guarded = configuration.access.is_closed or self.insecure_open
        if not is_guarded and (not is_loopback(address) or is_public(host)):
            raise NotOpenToNetwork
        if not self.awaits_signature(path):
            self.admit_address(address)

    def awaits_signature(self, path: str) -> bool:
        """Whether a line hears here that takes only what its platform signed.

        All of a platform's calls come from few addresses: what is genuine is not counted, what is forged is, there.
        """
        name = path.removeprefix(LINES_PATH)
        line = self._keeper.current.lines.get(name) if name != path else None
        return line is not None and line.secret is not None

    def admit_address(self, address: str) -> None:
        """A request from this address. Raises TooManyRequests."""
        if not self.spares(address):
            rate = self._keeper.current.server.clients.rate_per_address
            self._count(self._addresses, client_of(address), rate)

    def admit_key(self, principal_id: str) -> None:
        """A request by a principal that is known. Raises TooManyRequests."""
        self._count(self._keys, principal_id, self._keeper.current.server.clients.rate_per_key)

    def quota(self, client: str) -> Quota | None:
        """How many reservations a principal, or an address, may hold on all nodes together; None: no limit."""
        most = self._keeper.current.server.clients.reservations
        if not most or not client or self.spares(client):
            return None
        return Quota(client_of(client), most)

    def _count(self, rates: Rates, client: str, rate: int) -> None:
        wait = rates.wait(client, rate, self._clock.now()) if rate else 0.0
        if wait:
            raise TooManyRequests(max(1, whole_seconds(round(wait))))
