"""Backup and restore of the embedded store: SQLite's own online backup, and files that appear whole or not at all.

A backup reads one snapshot through a connection of its own: it takes no lock of the server's and stops no commit.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from matchline.errors import Unavailable
from matchline.store.lock import StoreLock
from matchline.store.migrations import READ_VERSIONS, Versions, refusal, versions_of

# Beside a database file, SQLite keeps what is not yet in it.
COMPANIONS = ("-wal", "-shm", "-journal")


def back_up(store: Path, target: Path, *, force: bool = False) -> None:
    """Write a checked copy of the store as it is now; it holds customers' data and is its owner's to read only.

    Raises ValueError when the target exists (unless forced), Unavailable when the store cannot be read or the copy
    cannot be written.
    """
    _need_no(target, force=force)
    with _sentence(f"cannot back {store} up"), _appearing(target) as unfinished:
        with closing(read_only(store)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)  # all pages in one step: one snapshot, whatever is committed meanwhile
            copy.execute("pragma journal_mode = delete")  # one file, without companions
        _sound(unfinished)  # of any version: a backup is wanted before a migration most of all


def restore(backup: Path, store: Path) -> None:
    """Put a backup where a store is to be.

    Raises ValueError when something is there already, Unavailable when another process has it, or when the
    backup is damaged or of another schema.
    """
    _need_no(store)
    for companion in (store.with_name(store.name + suffix) for suffix in COMPANIONS):
        _need_no(companion)
    lock = StoreLock(store)
    with _sentence(f"cannot restore {backup}"):
        store.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        try:
            with _appearing(store) as unfinished:
                shutil.copyfile(backup, unfinished)
                if sentence := refusal(_sound(unfinished)):
                    raise Unavailable(f"cannot restore {backup}: {sentence}")
        finally:
            lock.release()


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing. Raises sqlite3.Error when there is no such file."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _sound(path: Path) -> Versions:
    """The versions of a store. Raises sqlite3.DatabaseError when it is damaged, or no store."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
        (found,) = connection.execute("pragma integrity_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(f"it is damaged: {found}")
        return versions_of(connection.execute(READ_VERSIONS).fetchall())


def _need_no(path: Path, *, force: bool = False) -> None:
    if path.exists() and not force:
        raise ValueError(f"{path} exists already")


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A new file that takes the target's name when it is whole and on disk, or is gone."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    unfinished = Path(name)
    try:
        yield unfinished
        os.fsync(descriptor)
        unfinished.replace(target)
        _sync_folder(target.parent)
    finally:
        os.close(descriptor)
        with suppress(FileNotFoundError):
            unfinished.unlink()


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _sentence(beginning: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"{beginning}: {error}") from error
