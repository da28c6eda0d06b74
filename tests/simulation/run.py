"""Running seeds: one that is named, or fresh ones for a while."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .site import Site, SqliteSite
from .trace import Trace, Violation
from .world import World

STEPS = 1500  # events of one seed: about two seconds

# Whether the disk was synced cannot be seen from within one process, so no time is lost on it.
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own

SHOWN = 60  # lines of a failing trace


class SeedFailed(AssertionError):
    """A seed that breaks a promise; its text tells what happened last and how to replay it."""


@dataclass(frozen=True, slots=True)
class Run:
    seed: int
    trace: Trace

    @property
    def steps(self) -> int:
        """How many steps the store took."""
        return self.trace.counts["step"]


Place = Callable[[], AbstractContextManager[Site]]


@contextmanager
def sqlite_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield SqliteSite(Path(folder))


def run_seed(seed: int, steps: int = STEPS, *, overtaking: bool = False, place: Place = sqlite_site) -> Run:
    """Raises SeedFailed."""
    with place() as site:
        world = World(seed, site, overtaking=overtaking)
        try:
            world.run(steps)
        except Exception as error:
            flags = [
                *([f"--steps {steps}"] if steps != STEPS else []),
                *(["--overtaking"] if overtaking else []),
                *(["--postgres"] if place is not sqlite_site else []),
            ]
            replay = f"make sim SEED={seed}" + (f' FLAGS="{" ".join(flags)}"' if flags else "")
            raise SeedFailed(_told(world.trace, error, replay)) from error
    return Run(seed, world.trace)


def run_fresh_seeds(
    first: int, seconds: float, steps: int = STEPS, *, overtaking: bool = False, place: Place = sqlite_site
) -> list[Run]:
    """Seeds from the first on until the time is up. Raises SeedFailed."""
    until = time.monotonic() + seconds
    runs: list[Run] = []
    while not runs or time.monotonic() < until:
        runs.append(run_seed(first + len(runs), steps, overtaking=overtaking, place=place))
    return runs


def _told(trace: Trace, error: Exception, replay: str) -> str:
    what = str(error) if isinstance(error, Violation) else f"{type(error).__name__}: {error}"
    latest = "\n".join(trace.lines[-SHOWN:])
    return f"{latest}\n\nafter {trace.counts['step']} steps: {what}\n\nreplay with: {replay}"
