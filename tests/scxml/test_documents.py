"""Every document ends in `pass`: the project's own, and W3C's where they are at hand; also when each step is
taken by a chart that was just restored from what the last one left.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from matchline.clock import Instant
from matchline.scxml import Snapshot, restore, snapshot
from matchline.scxml.apart import Worker
from matchline.scxml.conformance import documents, run_file, start_apart, start_here

OWN = Path(__file__).parent / "documents"
W3C = Path(__file__).parents[3] / "shared" / "scxml-irp"
DOCUMENTS = [*documents(OWN), *documents(W3C)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_ends_in_pass(path: Path) -> None:
    result = run_file(path)
    assert result.passed, result.reason


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_ends_in_pass_when_restored_for_every_step(path: Path) -> None:
    result = run_file(path, Carried)
    assert result.passed, result.reason


def test_all_end_in_pass_in_another_process() -> None:
    with Worker() as worker:
        results = [run_file(path, start_apart(worker)) for path in DOCUMENTS]
    assert [result for result in results if not result.passed] == []


class Carried:
    """A chart that is stored after each step, and restored from it for the next."""

    def __init__(self, path: Path, now: Instant) -> None:
        self._chart = start_here(path, now)
        self._document = self._chart.root.document

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chart, name)

    def step(self, now: Instant) -> bool:
        stored = msgspec.json.encode(snapshot(self._chart))
        decoded = msgspec.json.decode(stored, type=Snapshot)
        self._chart = restore(self._document, decoded, self._chart.host, now, traced=True)
        assert msgspec.json.encode(snapshot(self._chart)) == stored
        return self._chart.step(now)
