"""API keys: created, listed and revoked; when each was last used is noted now and then, not with each request."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property

from matchline.chance import Chance
from matchline.clock import Clock, Instant
from matchline.engine.configure import Keeper
from matchline.errors import BadParameter, Unavailable, UnknownApiKey, shown
from matchline.model import Key
from matchline.principal import Scopes
from matchline.store import Store

PREFIX = "mlk_"  # so that people and scanners of source code see what it is

NOTE_SECONDS = 60.0  # how far behind the time of a key's last use may be

log = logging.getLogger(__name__)


def digest(secret: str) -> str:
    """How a key is stored. Its 256 random bits cannot be guessed, so a slow hash would protect nothing more."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Keys:
    def __init__(self, store: Store, clock: Clock, chance: Chance, keeper: Keeper) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper
        self._used: set[str] = set()  # ids of those that were used since it was noted last

    @cached_property
    def local(self) -> str:
        """A password of an administrator, told to those alone who may read the store's files."""
        return _text(self._chance.secret())

    async def create(
        self, name: str, scopes: Scopes, services: frozenset[str] | None, groups: frozenset[str] | None
    ) -> tuple[Key, str]:
        """A new key and its secret, which nobody can tell later.

        Raises BadParameter when a service or a resource group is not configured.
        """
        _check("services", services, self._keeper.current.services)
        _check("groups", groups, self._keeper.current.groups)
        now = self._clock.now()
        secret = PREFIX + _text(self._chance.secret())
        key = Key(self._chance.new_id(now), name, digest(secret), scopes, services, groups, now)
        await self._keeper.create_key(key)
        return key, secret

    async def revoke(self, key_id: str) -> None:
        """In force here at once, on other nodes within a second. Raises UnknownApiKey."""
        if not any(key.id == key_id for key in self._keeper.current.keys):
            raise UnknownApiKey
        await self._keeper.revoke_key(key_id)

    async def listed(self) -> list[tuple[Key, Instant | None]]:
        """Each key and when it was last used, the oldest first."""
        await self.note_uses()
        uses = await self._store.key_uses()
        in_order = sorted(self._keeper.current.keys, key=lambda key: (key.created_at, key.name))
        return [(key, uses.get(key.id)) for key in in_order]

    def used(self, key_id: str) -> None:
        self._used.add(key_id)

    async def note_uses(self) -> None:
        """Raises Unavailable; what was to be noted is then noted next time."""
        used, self._used = self._used, set()
        if not used:
            return
        try:
            await self._store.note_key_uses(used, self._clock.now())
        except Unavailable:
            self._used |= used
            raise

    async def run(self) -> None:
        """Note what was used until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(NOTE_SECONDS)
                try:
                    await self.note_uses()
                except Unavailable as error:
                    log.warning("the last use of keys is not noted: %s", error)
        finally:
            with suppress(Unavailable):
                await self.note_uses()


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def _check(parameter: str, names: frozenset[str] | None, known: Iterable[str]) -> None:
    unknown = sorted((names or frozenset()) - set(known))
    if unknown:
        raise BadParameter(parameter, f"{shown(unknown[0])} is not configured.")
