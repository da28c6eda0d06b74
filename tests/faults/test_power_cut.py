"""The power goes at any instant: what was not synced is gone, and nothing that was answered is (rule 17).

A traced server is loaded, stopped, killed and started again. Its writes and syncs are done over on a disk that
forgets, and the store is opened on what such a disk would hold.
"""

import random
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from itertools import chain
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

import httpx
import pytest

from matchline.store.sqlite import SqliteStore
from tests.acceptance.command import LIMIT_SECONDS, POLL_SECONDS, Server

from .crowd import CONFIGURATION, Crowd
from .database import check_file
from .disk import Disk, Sync, Truncate, Write
from .ledger import MARK, Deed, Grant, Ledger
from .trace import Call, read_trace, tracing

pytestmark = pytest.mark.anyio

STORE = "matchline.db"
ENDS = (SIGTERM, SIGKILL, SIGKILL)  # of the server's lives, in that order
ACTS = 15  # of each client in each life
RANDOM_CUTS = 300
LEAST_ANSWERS = 200  # fewer would mean that the trace lost some

# A log this short is copied and begun anew many times in a short run; it is megabytes long elsewhere.
PROGRAM = """
from matchline.store import checkpoint
checkpoint.WORTH_COPYING, checkpoint.TOO_LONG = 32 << 10, 128 << 10
from matchline.cli import main
main()
"""

_MARK = re.compile(rb"(?i)\r\n%s: (\S+)\r\n" % MARK.encode())


class Traced:
    """A server whose lives are traced, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "store"
        self.folder.mkdir()
        self._traces = folder
        self._server: Server | None = None
        self.lives = 0

    def url(self) -> httpx.URL:
        assert self._server
        return self._server.client.base_url

    def start(self) -> None:
        program = [*tracing(self._trace(self.lives)), sys.executable, "-c", PROGRAM]
        self._server = Server(self.folder, CONFIGURATION, program)
        arguments = ("--config", str(self._server.config), "--store", self._server.store, "--port", "0")
        self._server.start(*arguments, "--drain-seconds", "0")

    def end(self, how: Signals) -> None:
        assert self._server
        self._server.signal(how)
        self._server.wait()
        self._server.close()
        self._wait_for_trace(self._trace(self.lives))
        self.lives += 1

    def calls(self) -> Iterator[Call]:
        return chain.from_iterable(read_trace(self._trace(life), self.folder) for life in range(self.lives))

    def close(self) -> None:
        if self._server:
            self._server.close()

    def _trace(self, life: int) -> Path:
        return self._traces / f"trace-{life}"

    def _wait_for_trace(self, trace: Path) -> None:
        """Its last line tells how the process ended, whose threads ended before."""
        deadline = time.monotonic() + LIMIT_SECONDS
        process = trace.read_text().split(maxsplit=1)[0]
        while not re.search(rf"^{process} +\+\+\+ ", trace.read_text()[-1000:], re.MULTILINE):
            assert time.monotonic() < deadline, "the trace has no end"
            time.sleep(POLL_SECONDS)


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[Traced]:
    traced = Traced(tmp_path)
    yield traced
    traced.close()


class Replay:
    """The traced calls done over on a disk that forgets; the ledger knows what was answered so far."""

    def __init__(self, folder: Path, deeds: Mapping[str, tuple[Deed, Grant | None]]) -> None:
        self._folder = str(folder)
        self._deeds = deeds
        self._syncs: dict[str, Sync] = {}  # by thread
        self._asked: dict[str, str] = {}  # marks by connection
        self.disk = Disk()
        self.ledger = Ledger()
        self.truncations = 0
        self.copies = 0

    def answers(self, call: Call) -> bool:
        """Whether an answer begins to leave here."""
        return call.sends and not call.ended and call.target in self._asked

    def play(self, call: Call) -> None:
        if call.on_connection:
            self._talk(call)
        elif call.target == self._folder or Path(call.target).name in _FILES:
            self._write(call)

    def _talk(self, call: Call) -> None:
        if self.answers(call):
            deed, grant = self._deeds[self._asked.pop(call.target)]
            self.ledger.answered(deed, grant)
        elif call.ended and (found := _MARK.search(call.content)):
            mark = found[1].decode()
            self._asked[call.target] = mark
            self.ledger.asked(self._deeds[mark][0])

    def _write(self, call: Call) -> None:
        name = Path(call.target).name
        if call.name in ("fsync", "fdatasync"):
            self._sync(call, name)
        elif not call.ended or call.name == "read" or (call.name == "openat" and "O_CREAT" not in call.flags):
            return
        elif call.name == "openat":
            self.disk.create(name)
        elif call.name == "unlink":
            self.disk.unlink(name)
        elif call.name == "ftruncate":
            self.truncations += 1
            self.disk.change(name, Truncate(call.number))
        else:
            assert call.name == "pwrite64", call.name
            self.copies += name == STORE
            self.disk.change(name, Write(call.number, call.content))

    def _sync(self, call: Call, name: str) -> None:
        if call.ended:
            self.disk.end_sync(self._syncs.pop(call.thread))
        elif call.target == self._folder:
            self._syncs[call.thread] = self.disk.begin_folder_sync()
        else:
            self._syncs[call.thread] = self.disk.begin_sync(name)


_FILES = (STORE, f"{STORE}-wal", f"{STORE}-journal")  # the shared memory is made anew at each start


class Bench:
    """Where images of the disk are laid out and opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.images = 0

    async def check(self, image: Mapping[str, bytes], ledger: Ledger) -> None:
        """The store opens on it, everything answered is there, nothing is half done."""
        self._folder.mkdir()
        for name, content in image.items():
            (self._folder / name).write_bytes(content)
        store = SqliteStore(self._folder / STORE)
        await store.open()
        try:
            ledger.check(check_file(self._folder / STORE))
        finally:
            await store.close()
        shutil.rmtree(self._folder)
        self.images += 1


async def test_a_power_cut_takes_nothing_that_was_answered(traced: Traced, tmp_path: Path) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    async with aclosing(Crowd(traced.url, Ledger(), seed)) as crowd:
        for how in ENDS:
            traced.start()
            await crowd.work(ACTS)
            traced.end(how)
    deeds = {mark: deed for client in crowd.clients for mark, deed in client.deeds.items()}

    replay = await replayed(
        traced, Replay(traced.folder, deeds), Bench(tmp_path / "image"), random.Random(seed)
    )
    assert replay.ledger.answers == len(deeds) > LEAST_ANSWERS
    assert replay.copies, "the log was copied into the file"
    assert replay.truncations, "the log was begun anew"
    for name, content in replay.disk.all_written().items():
        assert (traced.folder / name).read_bytes() == content, f"the trace tells all of {name}"


async def replayed(traced: Traced, replay: Replay, bench: Bench, chance: random.Random) -> Replay:
    """Cut where each answer leaves, with nothing but what was synced; and at random calls, with some of the rest."""
    calls = list(traced.calls())
    writing = [place for place, call in enumerate(calls) if not call.on_connection]
    random_cuts = set(chance.sample(writing, RANDOM_CUTS))
    for place, call in enumerate(calls):
        answers = replay.answers(call)
        replay.play(call)
        if answers:  # the answer is on its way, and what it says must be synced
            await bench.check(replay.disk.synced_only(), replay.ledger)
        if place in random_cuts:
            await bench.check(replay.disk.partly_written(chance), replay.ledger)
    print(f"{len(calls)} calls, {bench.images} images, {replay.ledger.answers} answers")
    return replay
