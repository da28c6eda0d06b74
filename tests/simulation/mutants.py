"""Breaks the code on purpose, in a copy of it, and tells which tests notice.

`python -m tests.simulation.mutants` prints the table that `docs/simulation.md` keeps, and fails when one survives.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("src", "tests", "pyproject.toml")
STORE = "src/matchline/store"

FIRST_SEED = 1  # the same seeds each time, so that the table can be compared with an older one
SECONDS = 30  # of seeds, for one mutant
LIMIT = 240  # seconds for the tests of one mutant

CONTRACT = ("-m", "pytest", "tests/contract/test_sqlite.py", "-x", "-q", "-p", "no:cacheprovider")
SIMULATION = ("-m", "tests.simulation", "--first", str(FIRST_SEED), "--seconds", str(SECONDS))

FAILED_TEST = re.compile(r"^FAILED \S+::(\w+)", re.MULTILINE)
FAILED_SEED = re.compile(r"^after (\d+) steps: (.*?)$.*SEED=(\d+)", re.MULTILINE | re.DOTALL)
ID = re.compile(r"[0-9a-f]{40}")
TOLD = 90  # characters of a violation


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault and the replacements that bring it into a copy of the code: (regular expression, text)."""

    fault: str
    file: str  # below the repository; a pattern
    replaced: tuple[tuple[str, str], ...]
    in_suite: bool = False  # simulated with every run of the tests

    def apply(self, copy: Path) -> None:
        """Raises AssertionError when the code is not what it was when the mutant was written."""
        for old, new in self.replaced:
            count = 0
            for path in sorted(copy.glob(self.file)):
                text, found = re.subn(old, new, path.read_text())
                path.write_text(text)
                count += found
            assert count, f"{self.fault}: {self.file} has no {old!r}"


COMMIT = r'self\._connection\.execute\("commit"\)'
BEGIN = r'self\._connection\.execute\("begin immediate"\)'
STEP = r"entry\.result = entry\.step\(self\._database\)"

MUTANTS = (
    Mutant(
        "the lock of the file is dropped",
        f"{STORE}/lock.py",
        ((r"fcntl\.flock\(.*\)", "pass"),),
    ),
    Mutant(
        "the configuration is changed without compare-and-set",
        f"{STORE}/sql/configuration.py",
        ((r"raise Conflict\n", "pass\n"),),
    ),
    Mutant(
        "a number is given without a look whether it is held",
        f"{STORE}/sql/reserve.sql",
        ((r"(-- name: free_number\n[^;]*?)busy_until <= :now and ", r"\1"),),
        in_suite=True,
    ),
    Mutant(
        "`<=` instead of `<` where a reservation expires",
        f"{STORE}/sql/*.sql",
        ((r"late_until > :now", "late_until >= :now"),),
        in_suite=True,
    ),
    Mutant(
        "`<` instead of `<=` where a slot is free again",
        f"{STORE}/sql/reserve.sql",
        ((r"busy_until <= :now", "busy_until < :now"),),
    ),
    Mutant(
        "the cool-down is skipped",
        "src/matchline/model.py",
        ((r"expires_at \+ self\.cooldown if holds_slot else late_until", "late_until"),),
        in_suite=True,
    ),
    Mutant(
        "answered before the commit, which comes with the next batch",
        f"{STORE}/group_commit.py",
        (
            (COMMIT, "pass"),
            (r"finally:\n +self\._roll_back\(\)", "finally:\n            pass"),
            (BEGIN, f"_ = self._connection.in_transaction and {COMMIT}; {BEGIN}".replace("\\", "")),
        ),
        in_suite=True,
    ),
    Mutant(
        "answered before the commit, each step when it is done",
        f"{STORE}/group_commit.py",
        ((STEP, f"{STEP}; self._loop.call_soon_threadsafe(entry.settle)".replace("\\", "")),),
    ),
    Mutant(
        "a match does not release",
        f"{STORE}/sql/match.py",
        ((r"\n +_settle\(db, candidate, now\)\n", "\n"),),
        in_suite=True,
    ),
    Mutant(
        "what a refused step wrote stays",
        f"{STORE}/group_commit.py",
        ((r"if self\._connection\.total_changes != before or ", "if "),),
    ),
    Mutant(
        "the answer to a repeated request is forgotten",
        f"{STORE}/sql/reserve.py",
        ((r"\n +remember_answer\(db, wanted\.idempotency, granted\)\n", "\n"),),
    ),
)


def main() -> int:
    print("| what is broken | the contract tests | the simulation |\n| --- | --- | --- |", flush=True)
    survivors = [mutant for mutant in MUTANTS if not _is_caught(mutant)]
    for mutant in survivors:
        print(f"nothing notices when {mutant.fault}", file=sys.stderr)
    return 1 if survivors else 0


def _is_caught(mutant: Mutant) -> bool:
    with mutated(mutant) as copy:
        by_contract = caught(copy, CONTRACT)
        by_simulation = caught(copy, SIMULATION)
    columns = (mutant.fault, by_contract or "pass", by_simulation or f"passes for {SECONDS} s")
    print(f"| {' | '.join(columns)} |", flush=True)
    return bool(by_contract or by_simulation)


@contextmanager
def mutated(mutant: Mutant) -> Iterator[Path]:
    """A copy of the code with this fault."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy_code(copy)
        mutant.apply(copy)
        yield copy


def _copy_code(copy: Path) -> None:
    for name in COPIED:
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)


def caught(copy: Path, tests: tuple[str, ...]) -> str | None:
    """What noticed, and when; None when nothing did."""
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, *tests],
        cwd=copy,
        env={"PYTHONPATH": f"{copy / 'src'}:{copy}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if run.returncode == 0:
        return None
    seconds = f"{time.monotonic() - began:.1f} s"
    if test := FAILED_TEST.search(run.stdout):
        return f"`{test[1]}` ({seconds})"
    if seed := FAILED_SEED.search(run.stdout):
        return f"seed {seed[3]}, step {seed[1]}: {_short(seed[2])} ({seconds})"
    raise AssertionError(f"the tests did not run:\n{run.stdout}{run.stderr}")


def _short(violation: str) -> str:
    return ID.sub("…", violation)[:TOLD].replace("|", "/")


if __name__ == "__main__":
    sys.exit(main())
