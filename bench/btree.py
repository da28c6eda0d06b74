"""How deep a database's B-trees are, read from the file itself (https://www.sqlite.org/fileformat.html)."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

_INTERIOR = (2, 5)  # of an index, of a table
_FILE_HEAD = 100  # octets before the first page's own head
_CELLS = 12  # octets of an interior page's head


def deepest(path: Path) -> int:
    """The levels of the deepest tree: pages that are read to find one row by it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        (size,) = connection.execute("pragma page_size").fetchone()
        roots = connection.execute("select rootpage from sqlite_master where rootpage > 0").fetchall()
    with path.open("rb") as file:
        return max(_levels(file, size, root) for (root,) in roots)


def _levels(file: BinaryIO, size: int, page: int) -> int:
    """Every leaf is as deep as the first."""
    file.seek((page - 1) * size)
    octets = file.read(size)
    head = _FILE_HEAD if page == 1 else 0
    if octets[head] not in _INTERIOR:
        return 1
    cell = int.from_bytes(octets[head + _CELLS : head + _CELLS + 2], "big")
    return 1 + _levels(file, size, int.from_bytes(octets[cell : cell + 4], "big"))
