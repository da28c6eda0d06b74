"""What is compared: the product over SQLite and over PostgreSQL, and the alternative over Redis.

The web servers of each share the server's core. A database that is a program of its own runs on the client's core,
beside the client: those that have one have more machine than the product over SQLite.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.postgres import PostgresServer, postgres_server, programs

from bench.alternatives.redis_server import Fsync, redis_server
from bench.configured import Kind, document_text, numbers_of
from bench.machine import CLIENT_CORE
from bench.processor import family_seconds
from bench.served import Served, by_hand, product, served

KIND = Kind.NUMBER
SQLITE = "SQLite, durable"
NODES = {1: "PostgreSQL, one node", 3: "PostgreSQL, three nodes"}
REDIS = {fsync: f"FastAPI + Redis, {fsync}" for fsync in Fsync}

# As it comes: durable with each answer. The connections of four nodes, and nothing over the network.
_SETTINGS = (
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "max_connections=200",
    "listen_addresses=",
)


@dataclass(frozen=True, slots=True)
class Contender:
    """Equal web servers over one database."""

    name: str
    web: list[Served]
    database_seconds: Callable[[], float] = lambda: 0.0  # the processor time of a database that is a program

    @property
    def ports(self) -> list[int]:
        return [server.port for server in self.web]

    def web_seconds(self) -> float:
        """Their processor time."""
        return sum(server.processor_seconds() for server in self.web)


@contextmanager
def contenders(directory: Path) -> Iterator[list[Contender]]:
    """All of them, side by side."""
    configuration, numbers = directory / "comparison.toml", directory / "numbers"
    configuration.write_text(document_text(KIND))
    numbers.write_text("\n".join(numbers_of(KIND)))
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server(_SETTINGS))
        yield [
            _over_sqlite(stack, directory / "comparison.db", configuration),
            *(_over_postgres(stack, postgres, count, configuration) for count in NODES),
            *(_over_redis(stack, directory, fsync, numbers) for fsync in Fsync),
        ]


def database_versions() -> str:
    """As the programs say it themselves."""
    said = [
        subprocess.check_output([name, "--version"], text=True)
        for name in ("redis-server", programs() / "postgres")
    ]
    return ", ".join(" ".join(text.split()[:3]) for text in said)


def _over_sqlite(stack: ExitStack, path: Path, configuration: Path) -> Contender:
    command = product(f"sqlite:///{path}", configuration)
    return Contender(SQLITE, [stack.enter_context(served(SQLITE, command))])


def _over_postgres(stack: ExitStack, postgres: PostgresServer, count: int, configuration: Path) -> Contender:
    command = product(postgres.empty(), configuration)
    nodes = [stack.enter_context(served(NODES[count], command)) for _ in range(count)]
    return Contender(NODES[count], nodes, partial(family_seconds, _postmaster(postgres)))


def _postmaster(postgres: PostgresServer) -> int:
    """The id of the parent of PostgreSQL's processes."""
    return int((postgres.socket.parent / "data" / "postmaster.pid").read_text().partition("\n")[0])


def _over_redis(stack: ExitStack, directory: Path, fsync: Fsync, numbers: Path) -> Contender:
    redis = stack.enter_context(redis_server(directory / fsync, fsync, CLIENT_CORE))
    web = stack.enter_context(served(REDIS[fsync], by_hand(redis.url, numbers)))
    return Contender(REDIS[fsync], [web], redis.processor_seconds)
