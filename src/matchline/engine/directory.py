"""Which configured access number was called: look-up by any spelling, built once per configuration (rule 1)."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from matchline import phone
from matchline.model import Number

# Called numbers repeat; a pool has some thousand spellings in use at the most.
_CACHED_CALLS = 16_384

Aliases = tuple[tuple[str, str], ...]  # alias, number


class Directory:
    """The configured numbers by how they are called, read in the region of each number's group."""

    def __init__(
        self,
        numbers: tuple[Number, ...],
        regions: Mapping[str, str | None],
        aliases: Mapping[str, Aliases],
    ) -> None:
        self._regions = regions
        self._tables: dict[str | None, dict[str, Number]] = {}
        self.collisions: list[tuple[Number, Number]] = []  # the older one first
        self.doubtful: list[tuple[str, str, Number]] = []  # group, alias, a number that it would mean besides
        for number in numbers:
            owner = self._enter(number, number.text)
            if owner.id != number.id:
                self.collisions.append((owner, number))
        self.strays = self._enter_aliases(aliases)
        self._by_id = {number.id: number for number in numbers}
        self._find_collisions(numbers)
        self._find_doubtful(aliases)
        self._cached = lru_cache(_CACHED_CALLS)(self._find)

    def find(self, called: str) -> tuple[Number, ...]:
        """The numbers that this text may mean: one as a rule, none when it is not configured."""
        return self._cached(called)

    def number(self, number_id: int) -> Number | None:
        return self._by_id.get(number_id)

    def region(self, number: Number) -> str | None:
        return self._regions.get(number.group)

    def _find(self, called: str) -> tuple[Number, ...]:
        found: dict[int, Number] = {}
        for region, table in self._tables.items():
            for reading in phone.called(called, region):
                number = table.get(reading)
                if number:
                    found[number.id] = number
        return tuple(found.values())

    def _enter(self, number: Number, spelling: str) -> Number:
        """Whose spelling it is: the first one's."""
        region = self.region(number)
        return self._tables.setdefault(region, {}).setdefault(phone.normalise(spelling, region), number)

    def _enter_aliases(self, aliases: Mapping[str, Aliases]) -> list[tuple[str, str, str]]:
        """Those that name a number that their group does not have: (group, alias, number)."""
        strays = []
        for group, pairs in aliases.items():
            for alias, text in pairs:
                number = self._named(group, text)
                if number:
                    self._enter(number, alias)
                else:
                    strays.append((group, alias, text))
        return strays

    def _named(self, group: str, text: str) -> Number | None:
        """The number that an alias of this group names."""
        region = self._regions.get(group)
        number = self._tables.get(region, {}).get(phone.normalise(text, region))
        return number if number and number.group == group else None

    def _find_collisions(self, numbers: tuple[Number, ...]) -> None:
        """Numbers of which one spelling would also mean another."""
        for number in numbers:
            for other in self._others(number, number.text):
                older, newer = sorted((number, other), key=lambda each: each.id)
                self.collisions.append((older, newer))

    def _find_doubtful(self, aliases: Mapping[str, Aliases]) -> None:
        """Aliases of which one spelling would also mean another number, or another's alias."""
        for group, pairs in aliases.items():
            for alias, text in pairs:
                number = self._named(group, text)
                if number:
                    self.doubtful += [(group, alias, other) for other in self._others(number, alias)]

    def _others(self, number: Number, text: str) -> Iterator[Number]:
        """Numbers that are called by a spelling of this text, which means another one."""
        for spelling in phone.spellings(text, self.region(number)):
            yield from (other for other in self._find(spelling) if other.id != number.id)
