"""The sessions that wait for their calls, as the client knows them: any of them may be called next."""

import random
from collections.abc import Iterator

from bench.requests import Reserved


class Waiting:
    def __init__(self) -> None:
        self._sessions: list[Reserved] = []
        self._random = random.Random(1)

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, session: Reserved) -> None:
        self._sessions.append(session)

    def take(self) -> Reserved:
        """Any one, which then waits no more."""
        place = self._random.randrange(len(self._sessions))
        self._sessions[place], self._sessions[-1] = self._sessions[-1], self._sessions[place]
        return self._sessions.pop()

    def take_each(self, number: int) -> Iterator[Reserved]:
        return (self.take() for _ in range(number))
