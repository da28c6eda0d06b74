"""The named statements within one transaction of a pipeline: what needs no answer at once costs no round trip."""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from matchline.kept.events import SILENCE
from matchline.store.postgres.pipeline import Lost, Pipeline, Refused, Reply, Statement
from matchline.store.sql import Parameters, Row, statements

_NAMED = re.compile(r"(?<!:):([a-z]\w*)")
_INDEX_HINT = re.compile(r"\s+indexed by \w+")  # SQLite's; PostgreSQL's planner takes none

# What the steps read under a lock, and what is locked in it: never the number of a reservation, for claims on
# shared numbers would wait.
_LOCKING = {"get_session": "for update", "current_reservation": "for update of r", "own_chart": "for update"}
_CLAIMED = "free_number"

_Asked = tuple[str, tuple[object, ...]]


def prepared() -> Mapping[str, Statement]:
    """Every statement as PostgreSQL is given it."""
    texts = statements(dialect="postgres")
    for name, lock in _LOCKING.items():
        texts[_locking(name)] = f"{texts[name]}\n{lock}"
    texts[_passing_over(_CLAIMED)] = f"{texts[_CLAIMED]}\nfor update skip locked"
    texts[_locking(_CLAIMED)] = f"{texts[_CLAIMED]}\nfor update"
    return {name: _numbered(name, text) for name, text in texts.items()}


def _locking(name: str) -> str:
    return f"{name} locked"


def _passing_over(name: str) -> str:
    return f"{name} skip locked"


def _numbered(name: str, text: str) -> Statement:
    """`:name` becomes `$1`, `$2` …"""
    parameters = list(dict.fromkeys(_NAMED.findall(text)))
    numbered = _NAMED.sub(lambda found: f"${parameters.index(found[1]) + 1}", text)
    return Statement(name, _INDEX_HINT.sub("", numbered), parameters)


class Recover(Protocol):
    """Finds out what became of a transaction whose connection was lost while it was being committed.

    Gives a pipeline on which the rows that were not read can be asked for anew; raises Undone when it was not
    committed, Unknown when that cannot be found out.
    """

    def __call__(self, transaction: str) -> Pipeline: ...


class PostgresDatabase:
    """One transaction that changes something. Its first round trip also brings its own id."""

    def __init__(self, pipeline: Pipeline, recover: Recover, *, claims: bool = False) -> None:
        self.pipeline = pipeline
        self._recover = recover
        self._foreseen: dict[_Asked, Reply] = {}
        self._later: list[_Later] = []
        self._wrote = False
        self._finished = False
        self._claims = claims
        self.recording = SILENCE

    def begin(self) -> None:
        self.pipeline.send("begin", {})
        self._introduction = self.pipeline.send("introduce_claim" if self._claims else "introduce", {})

    def row(self, name: str, parameters: Parameters) -> Row | None:
        rows = self.rows(name, parameters)
        return rows[0] if rows else None

    def rows(self, name: str, parameters: Parameters) -> list[Row]:
        foreseen = self._foreseen.pop(_key(name, parameters), None)
        reply = foreseen or self._send(name, parameters)
        self.pipeline.read(reply)
        return reply.rows()

    def run(self, name: str, parameters: Parameters) -> None:
        self._send(name, parameters)

    def insert(self, name: str, parameters: Parameters) -> int:
        row_id: int = self._introduced()[1]
        self.run(name, {**parameters, "id": row_id})
        return row_id

    def lock(self, name: str, parameters: Parameters) -> None:
        self.pipeline.send(name, parameters)

    def locked(self, name: str, parameters: Parameters) -> Row | None:
        return self.row(_locking(name), parameters)

    def claimed(self, name: str, parameters: Parameters) -> Row | None:
        found = self.row(_passing_over(name), parameters)
        return found or self.row(_locking(name), parameters)

    def foresee(self, name: str, parameters: Parameters) -> None:
        key = _key(name, parameters)
        if key not in self._foreseen:
            self._foreseen[key] = self.pipeline.send(name, parameters)

    def later(self, name: str, parameters: Parameters) -> Callable[[], Row | None]:
        asked = _Later(name, parameters, self.pipeline.send(name, parameters))
        self._later.append(asked)

        def row() -> Row | None:
            self.pipeline.read(asked.reply)
            rows = asked.reply.rows()
            return rows[0] if rows else None

        return row

    def finish(self) -> None:
        """Commit, in the round trip that also brings what was asked for later."""
        if self._finished:
            return
        self._finished = True
        if not self._wrote:
            self._end_unchanged()
            return
        transaction = self._introduced()[0]
        commit = self.pipeline.send("commit", {})
        synced = self.pipeline.sync()
        try:
            self.pipeline.read(synced)
        except Lost:
            self._ask_again(self._recover(transaction))
            return
        assert commit.result is not None, "what stands before the sync was read"
        if commit.result.command_status != b"COMMIT":
            raise Refused("40000", "the transaction was rolled back")

    def abandon(self) -> None:
        """Roll back. It waits for nothing: the replies are read when the pipeline is used again."""
        self.pipeline.sync()
        roll_back(self.pipeline)

    def _end_unchanged(self) -> None:
        for asked in self._later:
            self.pipeline.read(asked.reply)
        roll_back(self.pipeline)

    def _ask_again(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        for asked in self._later:
            if asked.reply.result is None:
                asked.reply = pipeline.send(asked.name, asked.parameters)
        pipeline.read(pipeline.sync())

    def _introduced(self) -> Row:
        self.pipeline.read(self._introduction)
        return self._introduction.rows()[0]

    def _send(self, name: str, parameters: Parameters) -> Reply:
        self._wrote = self._wrote or not self.pipeline.reads(name)
        return self.pipeline.send(name, parameters)


class _Later:
    def __init__(self, name: str, parameters: Parameters, reply: Reply) -> None:
        self.name = name
        self.parameters = parameters
        self.reply = reply


class ReadingDatabase:
    """One transaction that only reads, in one snapshot: it waits for no one, and nobody for it."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def begin(self) -> None:
        self.pipeline.send("begin_reading", {})

    def row(self, name: str, parameters: Parameters) -> Row | None:
        rows = self.rows(name, parameters)
        return rows[0] if rows else None

    def rows(self, name: str, parameters: Parameters) -> list[Row]:
        reply = self.pipeline.send(name, parameters)
        self.pipeline.read(reply)
        return reply.rows()

    locked = row

    def finish(self) -> None:
        roll_back(self.pipeline)

    def abandon(self) -> None:
        self.pipeline.sync()
        roll_back(self.pipeline)


def roll_back(pipeline: Pipeline) -> None:
    pipeline.send("rollback", {})
    pipeline.sync()
    pipeline.flush()


def _key(name: str, parameters: Parameters) -> _Asked:
    return name, tuple(parameters.values())
