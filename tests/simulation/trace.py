"""What happened, line by line: two runs of one seed leave the same trace."""

import hashlib
from collections import Counter

_SHOWN = 300  # characters of a line


class Violation(AssertionError):
    """The simulation saw what must never be."""


class Trace:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.counts: Counter[str] = Counter()
        self.violation: Violation | None = None
        self._hash = hashlib.sha256()

    def add(self, kind: str, text: object = "") -> None:
        line = f"{kind} {text}"
        self.counts[kind] += 1
        self._hash.update(line.encode() + b"\n")
        self.lines.append(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…")

    def tally(self, kind: str) -> None:
        self.counts[kind] += 1

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def violate(self, message: str) -> None:
        """Keep the first; tasks may swallow an exception, the world asks after each step."""
        self.add("VIOLATION", message)
        if self.violation is None:
            self.violation = Violation(message)

    def expect(self, condition: object, message: str) -> None:
        if not condition:
            self.violate(message)
