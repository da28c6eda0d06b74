"""A SQLite store of one group, filled with sessions that wait for their calls."""

import asyncio
import gc
import time
from pathlib import Path

from bench.configured import Kind, document_text
from bench.figures import size_text
from bench.served import product
from bench.steps import steps_to_fill
from bench.waiting import Waiting
from matchline.wiring import open_engine, read_document

_PROGRESS = 250_000


class Filled:
    """It can grow, and be served."""

    def __init__(self, directory: Path, kind: Kind) -> None:
        directory.mkdir(exist_ok=True)
        self.kind = kind
        self.path = directory / f"{kind}.db"
        self.waiting = Waiting()
        self._configuration = directory / f"{kind}.toml"
        self._configuration.write_text(document_text(kind))
        asyncio.run(self._configure())

    @property
    def served_by(self) -> list[str]:
        return product(self._url, self._configuration)

    def grow(self, count: int) -> None:
        """Until this many sessions wait."""
        started, before = time.perf_counter(), len(self.waiting)
        with steps_to_fill(self.path, self.kind) as steps:
            if self.kind is Kind.NUMBER:
                steps.widen(count + 100)
            while len(self.waiting) < count:
                self.waiting.add(steps.claim())
                if len(self.waiting) % _PROGRESS == 0:
                    print(f"  {self.kind}: {size_text(len(self.waiting))} sessions", flush=True)
        elapsed = time.perf_counter() - started
        added = len(self.waiting) - before
        print(
            f"  {self.kind}: {size_text(count)} sessions wait, {added:,} more in {elapsed:.0f} s", flush=True
        )
        gc.freeze()  # the client shall not look through a million sessions while it measures

    @property
    def _url(self) -> str:
        return f"sqlite:///{self.path}"

    async def _configure(self) -> None:
        document, faults = read_document(self._configuration.read_text())
        assert not faults, faults
        async with open_engine(self._url) as engine:
            await engine.keeper.apply(document)
