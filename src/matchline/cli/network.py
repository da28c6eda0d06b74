"""How a server stands in the network: where it listens, by which certificate, behind which proxies, and how open."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from matchline.cli.settings import DEFAULTS
from matchline.cli.tls import Certificate
from matchline.engine import Engine
from matchline.engine.guard import Network, is_loopback, read_network
from matchline.options import listed

BACKLOG = 2048  # connections that wait to be accepted

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the command line says of the network."""

    host: str
    ports: tuple[int, ...]
    certificate: Certificate | None
    trusted_proxies: tuple[Network, ...]
    insecure_open: bool


@dataclass(frozen=True, slots=True)
class Given:
    """The options of the command line, as far as they are given."""

    host: str | None
    ports: tuple[int, ...]
    tls_cert: Path | None
    tls_key: Path | None
    trusted_proxy: str
    insecure_open: bool

    def standing(self, own: Mapping[str, str]) -> Standing:
        """With the file's settings for what is not given. Raises UsageError and ValueError."""
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise click.UsageError("--tls-cert and --tls-key go together")
        try:
            trusted = tuple(read_network(each) for each in listed(self.trusted_proxy))
        except ValueError as error:
            raise click.UsageError(f"--trusted-proxy: {error}") from None
        return Standing(
            self.host or own["host"],
            self.ports or (int(own["port"]),),
            Certificate(self.tls_cert, self.tls_key) if self.tls_cert and self.tls_key else None,
            trusted,
            self.insecure_open,
        )


def network_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that takes them together, as `network`."""

    @wraps(function)
    def command(**given: Any) -> None:
        network = Given(**{each.name: given.pop(each.name) for each in fields(Given)})
        function(network=network, **given)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--host", envvar="MATCHLINE_HOST", help=f"The address to listen on.  [default: {DEFAULTS['host']}]"
    ),
    click.option(
        "--port",
        "ports",
        envvar="MATCHLINE_PORT",
        multiple=True,
        type=click.IntRange(0, 65535),
        help="The port; 0 picks a free one. May be given several times (in the environment: separated by blanks).  "
        f"[default: {DEFAULTS['port']}]",
    ),
    click.option(
        "--tls-cert",
        envvar="MATCHLINE_TLS_CERT",
        type=_FILE,
        help="The certificate chain (PEM): serve HTTPS. SIGHUP reads it and its key anew.",
    ),
    click.option("--tls-key", envvar="MATCHLINE_TLS_KEY", type=_FILE, help="The certificate's key (PEM)."),
    click.option(
        "--trusted-proxy",
        envvar="MATCHLINE_TRUSTED_PROXY",
        metavar="CIDR[,CIDR]",
        default="",
        help="Proxies whose X-Forwarded-… and Forwarded headers are believed.",
    ),
    click.option(
        "--insecure-open",
        is_flag=True,
        envvar="MATCHLINE_INSECURE_OPEN",
        help="Serve the network although no credentials are configured: everybody may do everything.",
    ),
)


def take_stand(engine: Engine, stand: Standing) -> None:
    """Tell the engine. Raises ValueError when it would be open to the network by accident."""
    engine.guard.insecure_open = stand.insecure_open
    engine.guard.trusted_proxies = stand.trusted_proxies
    if stand.insecure_open or engine.keeper.current.access.is_closed or _is_local(stand.host):
        return
    raise ValueError(
        f"{stand.host} can be reached from the network, and no credentials are configured, so everybody could "
        "reserve, match and change the configuration. Set a password ('matchline options set server password=…') "
        "or create a key ('matchline keys create …') first, listen on 127.0.0.1, or say --insecure-open."
    )


def listen(stand: Standing) -> list[socket.socket]:
    """Raises ValueError when an address cannot be had."""
    return [_listen(stand.host, port) for port in stand.ports]


def url(stand: Standing, listening: socket.socket) -> str:
    scheme = "https" if stand.certificate else "http"
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _is_local(host: str) -> bool:
    """Whether only this machine can reach it, under all addresses that the name has."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False  # to listen on it will fail with a better sentence
    return all(is_loopback(str(address[0])) for *_, address in found)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ValueError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
