"""The configuration in force: read from the store, checked as a whole, changed in one step."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from matchline import phone
from matchline.clock import Clock
from matchline.engine.audit import entry
from matchline.engine.check import ConfigurationFault, faults
from matchline.engine.declared import GROUP_PREFIX
from matchline.engine.document import Document
from matchline.engine.passwords import PASSWORDS, Passwords, is_kept
from matchline.engine.policy import Builtins, Configuration, configuration
from matchline.errors import ConfigurationChanged, Conflict, InvalidConfiguration, UnknownOption, shown
from matchline.model import Change, Key, Number, Stored
from matchline.store import Store

# Options whose texts are told to nobody.
_SECRET = PASSWORDS | {"secret", "auth_token"}

# Another node may change the configuration between reading and writing; this often in a row means a fault.
_ATTEMPTS = 5


class Keeper:
    """Holds the snapshot in force; every change goes through it."""

    def __init__(self, store: Store, clock: Clock, builtins: Builtins, passwords: Passwords) -> None:
        self._store = store
        self._clock = clock
        self._builtins = builtins
        self._passwords = passwords
        self._tolerated: frozenset[ConfigurationFault] = frozenset()
        self._turn = asyncio.Lock()  # a slow load must not put an older configuration back in force
        self.current: Configuration = configuration(Stored(), builtins)

    @property
    def declared(self) -> Builtins:
        """The options that sections may have, by built-in and by `adapter.<platform>`."""
        return self._builtins

    async def load(self) -> None:
        """Put in force what the store holds. Raises InvalidConfiguration."""
        async with self._turn:
            await self._load()

    async def catch_up(self) -> None:
        """Put in force what the store holds, unless it is. Raises InvalidConfiguration."""
        async with self._turn:
            await self._catch_up()

    async def set_options(
        self, section: str, options: Mapping[str, str | None], version: int | None = None
    ) -> None:
        """Set options; a text of None removes one."""
        texts = tuple((section, name, text) for name, text in options.items())
        await self._change(lambda _: Change(options=texts), version)

    async def remove_section(self, section: str, version: int | None = None) -> None:
        """Raises UnknownOption; InvalidConfiguration for a resource group that still has numbers."""

        def change(current: Configuration) -> Change:
            if section not in current.sections:
                raise UnknownOption(f"There is no section {shown(section)}.")
            group = section.removeprefix(GROUP_PREFIX) if section.startswith(GROUP_PREFIX) else None
            if any(number.group == group for number in current.numbers):
                raise InvalidConfiguration(
                    f"[{section}]: still has numbers; remove them and let them drain first"
                )
            return Change(removed_sections=(section,))

        await self._change(change, version)

    async def add_numbers(self, group: str, texts: Iterable[str], version: int | None = None) -> None:
        """Numbers that the group already has stay as they are; one that drains is taken back."""
        wanted = tuple(texts)
        await self._change(lambda current: Change(added=_new_numbers(current, group, wanted)), version)

    async def remove_numbers(self, group: str, texts: Iterable[str], version: int | None = None) -> None:
        """The numbers drain. Raises UnknownOption naming one that the group does not have."""
        wanted = tuple(texts)

        def change(current: Configuration) -> Change:
            owned = _by_key(current, group)
            for text in wanted:
                if _key(current, group, text) not in owned:
                    raise UnknownOption(f"The resource group {shown(group)} has no number {shown(text)}.")
            return Change(removed=tuple(owned[_key(current, group, text)].id for text in wanted))

        await self._change(change, version)

    async def create_key(self, key: Key) -> None:
        await self._change(lambda _: Change(created=(key,)), None)

    async def revoke_key(self, key_id: str) -> None:
        await self._change(lambda _: Change(revoked=(key_id,)), None)

    async def apply(self, document: Document, version: int | None = None) -> list[str]:
        """Make every section that the document names as the document says; what was changed."""
        changes = await asyncio.to_thread(differences, self.current, document)
        await self._change(lambda current: _to_apply(current, document), version)
        return changes

    async def _change(self, wanted: Callable[[Configuration], Change], version: int | None) -> None:
        async with self._turn:
            await self._catch_up()  # what another node changed a moment ago may be what this change is about
            for _ in range(_ATTEMPTS):
                if version is not None and version != self.current.version:
                    raise ConfigurationChanged
                change = await asyncio.to_thread(wanted, self.current)
                if not change:
                    return
                change = await asyncio.to_thread(self._passwords.sealed, change)
                await self._check(_preview(self.current, change))
                change = replace(change, entry=entry(self.current, change, self._builtins))
                try:
                    stored = await self._store.change(change, self.current.version, self._clock.now())
                except Conflict:
                    await self._load()
                    continue
                await self._put_in_force(stored)
                return
            raise ConfigurationChanged

    async def _catch_up(self) -> None:
        stored = await self._store.stored()
        if stored.version != self.current.version:
            await self._enforce(stored)

    async def _load(self) -> None:
        await self._enforce(await self._store.stored())

    async def _enforce(self, stored: Stored) -> None:
        found = await self._faults(stored)
        self._tolerated = frozenset(fault for fault in found if fault.tolerable)
        _refuse(fault for fault in found if not fault.tolerable)
        await self._put_in_force(stored)

    async def _put_in_force(self, stored: Stored) -> None:
        self.current = await self._snapshot(stored)
        self._store.record_events(self.current.events.recording)

    async def _check(self, stored: Stored) -> None:
        """A change may not bring a new fault; what became one by itself does not stand in its way."""
        _refuse(fault for fault in await self._faults(stored) if fault not in self._tolerated)

    # Large pools take a second to read: not on the event loop.

    async def _faults(self, stored: Stored) -> tuple[ConfigurationFault, ...]:
        return await asyncio.to_thread(faults, stored, self._builtins)

    async def _snapshot(self, stored: Stored) -> Configuration:
        return await asyncio.to_thread(configuration, stored, self._builtins)


def _refuse(found: Iterable[ConfigurationFault]) -> None:
    """Raises InvalidConfiguration when there are any."""
    listed = tuple(found)
    if listed:
        places = tuple((fault.section, fault.option, fault.message) for fault in listed)
        raise InvalidConfiguration("; ".join(map(str, listed)), places)


def differences(current: Configuration, document: Document) -> list[str]:
    """What applying the document would change, a line each."""
    change = _to_apply(current, document)
    texts = {number.id: number for number in current.numbers}
    lines = []
    for section, name, text in change.options:
        before = current.sections.get(section, {}).get(name)
        lines.append(f"[{section}] {name}: {_told(name, before)} → {_told(name, text)}")
    lines += [f"[{GROUP_PREFIX}{group}] numbers: + {text}" for group, text in change.added]
    removed = (texts[number_id] for number_id in change.removed)
    return lines + [f"[{GROUP_PREFIX}{number.group}] numbers: - {number.text}" for number in removed]


def _to_apply(current: Configuration, document: Document) -> Change:
    options: list[tuple[str, str, str | None]] = []
    for section, wanted in document.sections.items():
        present = current.sections.get(section, {})
        options += [
            (section, name, text)
            for name, text in wanted.items()
            if not is_kept(name, present.get(name), text)
        ]
        options += [(section, name, None) for name in present if name not in wanted]
    added: list[tuple[str, str]] = []
    removed: list[int] = []
    for group, texts in document.numbers.items():
        keys = {_key(current, group, text) for text in texts}
        added += _new_numbers(current, group, texts)
        removed += [
            number.id
            for key, number in _by_key(current, group).items()
            if key not in keys and not number.draining
        ]
    return Change(options=tuple(options), added=tuple(added), removed=tuple(removed))


def _new_numbers(current: Configuration, group: str, texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Those that the group does not have, and those that it has but that drain, as it has them."""
    owned = _by_key(current, group)
    new: dict[str, tuple[str, str]] = {}
    for text in texts:
        key = _key(current, group, text)
        known = owned.get(key)
        if known is None or known.draining:
            new[key] = (group, known.text if known else text)
    return tuple(new.values())


def _by_key(current: Configuration, group: str) -> dict[str, Number]:
    return {_key(current, group, number.text): number for number in current.numbers if number.group == group}


def _key(current: Configuration, group: str, text: str) -> str:
    known = current.groups.get(group)
    return phone.normalise(text, known.region if known else current.server.default_region)


def _preview(current: Configuration, change: Change) -> Stored:
    """The configuration as the change would leave it."""
    sections = {
        name: dict(options)
        for name, options in current.sections.items()
        if name not in change.removed_sections
    }
    for section, name, text in change.options:
        if text is None:
            sections.get(section, {}).pop(name, None)
        else:
            sections.setdefault(section, {})[name] = text
    draining = set(change.removed)
    numbers = [
        replace(number, draining=True)
        if number.id in draining
        else replace(number, draining=number.draining and (number.group, number.text) not in change.added)
        for number in current.numbers
    ]
    known = {(number.group, number.text) for number in numbers}
    first_id = max((number.id for number in numbers), default=0) + 1
    new = [entry for entry in change.added if entry not in known]
    numbers += [Number(first_id + place, *entry) for place, entry in enumerate(new)]
    return Stored(current.version, {name: each for name, each in sections.items() if each}, tuple(numbers))


def _told(name: str, text: str | None) -> str:
    if text is None:
        return "not set"
    return "set" if name in _SECRET else f'"{text}"'
