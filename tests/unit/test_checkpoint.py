"""The log is copied beside the writer and written over from its beginning; a long reader holds up no one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from matchline.store import checkpoint
from matchline.store.checkpoint import Checkpoints

LONG = 20  # pages


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(checkpoint, "COPY_EVERY", 1)
    monkeypatch.setattr(checkpoint, "LONG_LOG", LONG)
    monkeypatch.setattr(checkpoint, "KEPT_LOG", 1 << 20)
    path = tmp_path / "log.db"
    with closing(connect(path)) as connection:
        connection.execute("create table t (octets blob)")
        yield path


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0.01, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma wal_autocheckpoint = 0")
    return connection


class Log:
    """A writer with its checkpoints."""

    def __init__(self, path: Path) -> None:
        self._file = path.with_name(f"{path.name}-wal")
        self._writer, self._copier = connect(path), connect(path)
        self._checkpoints = Checkpoints(self._writer, self._copier)

    def commit(self, times: int = 1, octets: int = 1) -> None:
        for _ in range(times):
            self._writer.execute("insert into t values (zeroblob(?))", (octets,))
            self._checkpoints.after_commit(1)
            if self._checkpoints._copying:
                self._checkpoints._copying.result()

    @property
    def size(self) -> int:
        return self._file.stat().st_size

    def close(self) -> None:
        self._checkpoints.close()
        self._writer.close()
        self._copier.close()


def test_the_log_is_written_over_from_its_beginning(path: Path) -> None:
    with closing(Log(path)) as log:
        log.commit(2 * LONG)
        once = log.size
        log.commit(20 * LONG)
        assert log.size == once, "neither longer nor cut"


def test_beside_a_long_reader_the_log_grows_and_begins_anew_after_it(path: Path) -> None:
    with closing(Log(path)) as log, closing(connect(path)) as reader:
        reader.execute("begin")
        reader.execute("select * from t").fetchall()
        log.commit(4 * LONG)
        grown = log.size
        log.commit(4 * LONG)
        assert log.size > grown
        reader.execute("commit")
        log.commit(2)
        grown = log.size
        log.commit(4 * LONG)
        assert log.size == grown


def test_a_log_that_became_very_long_is_cut_when_it_begins_anew(path: Path) -> None:
    with closing(Log(path)) as log:
        log.commit(octets=4 << 20)
        assert log.size > 4 << 20
        log.commit(3)
        assert log.size <= 1 << 20
