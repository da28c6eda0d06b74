"""A disk that forgets: of what was written, only what was synced is sure to be there after a power cut."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

SECTOR = 512  # bytes: what a disk writes whole or not at all


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    offset: int
    content: bytes

    def apply(self, file: bytearray) -> None:
        if len(file) < self.offset:
            file.extend(bytes(self.offset - len(file)))
        file[self.offset : self.offset + len(self.content)] = self.content

    def sectors(self) -> "list[Write]":
        """The same in pieces that end where the disk's sectors end."""
        end = self.offset + len(self.content)
        starts = [self.offset, *range((self.offset // SECTOR + 1) * SECTOR, end, SECTOR)]
        return [
            Write(start, self.content[start - self.offset : stop - self.offset])
            for start, stop in zip(starts, [*starts[1:], end], strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Truncate:
    size: int

    def apply(self, file: bytearray) -> None:
        del file[self.size :]
        file.extend(bytes(self.size - len(file)))


Change = Write | Truncate


@dataclass(slots=True, eq=False)
class File:
    durable: bytearray = field(default_factory=bytearray)
    unsynced: list[Change] = field(default_factory=list)

    def content(self, changes: list[Change]) -> bytes:
        content = bytearray(self.durable)
        for change in changes:
            change.apply(content)
        return bytes(content)


@dataclass(frozen=True, slots=True, eq=False)
class Naming:
    """A name in the folder that appears, or goes when the file is none."""

    name: str
    file: File | None

    def apply(self, names: dict[str, File]) -> None:
        if self.file is None:
            names.pop(self.name, None)
        else:
            names[self.name] = self.file


@dataclass(frozen=True, slots=True)
class Sync:
    """A sync that has begun: it makes durable what was written before it."""

    file: File | None
    changes: tuple[Change, ...] = ()
    namings: tuple[Naming, ...] = ()


class Disk:
    """One folder."""

    def __init__(self) -> None:
        self._names: dict[str, File] = {}
        self._durable_names: dict[str, File] = {}
        self._namings: list[Naming] = []

    def create(self, name: str) -> None:
        if name not in self._names:
            self._name(Naming(name, File()))

    def unlink(self, name: str) -> None:
        self._name(Naming(name, None))

    def _name(self, naming: Naming) -> None:
        naming.apply(self._names)
        self._namings.append(naming)

    def change(self, name: str, change: Change) -> None:
        self._names[name].unsynced.append(change)

    def begin_sync(self, name: str) -> Sync:
        file = self._names[name]
        return Sync(file, changes=tuple(file.unsynced))

    def begin_folder_sync(self) -> Sync:
        return Sync(None, namings=tuple(self._namings))

    def end_sync(self, sync: Sync) -> None:
        if sync.file is None:
            for naming in sync.namings:
                naming.apply(self._durable_names)
            self._namings = [each for each in self._namings if each not in sync.namings]
            return
        still_unsynced = sync.file.unsynced
        for change in sync.changes:
            if change in still_unsynced:
                change.apply(sync.file.durable)
        sync.file.unsynced = [each for each in still_unsynced if each not in sync.changes]

    # What is found after a power cut

    def synced_only(self) -> Mapping[str, bytes]:
        return {name: bytes(file.durable) for name, file in self._durable_names.items()}

    def all_written(self) -> Mapping[str, bytes]:
        """As if there had been no cut."""
        return {name: file.content(file.unsynced) for name, file in self._names.items()}

    def partly_written(self, chance: random.Random) -> Mapping[str, bytes]:
        """What was synced, and of the rest what chance left: each write whole, torn or not at all."""
        names = dict(self._durable_names)
        for naming in self._namings:
            if chance.random() < 0.5:
                naming.apply(names)
        return {
            name: file.content([left for each in file.unsynced for left in _left(each, chance)])
            for name, file in names.items()
        }


def _left(change: Change, chance: random.Random) -> list[Change]:
    fate = chance.choice(("lost", "whole", "torn"))
    if fate == "lost":
        return []
    if fate == "whole" or isinstance(change, Truncate):
        return [change]
    return [sector for sector in change.sectors() if chance.random() < 0.5]
