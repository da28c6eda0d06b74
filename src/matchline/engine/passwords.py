"""Passwords: kept as scrypt hashes, and checked without the cost of one for each request.

A password that was found right is remembered by a keyed digest, in memory alone: from then on any other is wrong
by the digest, so that nobody can make this process hash at length by sending wrong ones.
"""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import replace
from functools import cached_property

from matchline.chance import Chance
from matchline.model import Change

PASSWORD = "password"  # noqa: S105 - the option's name
SUPERVISOR_PASSWORD = "supervisor_password"  # noqa: S105 - the option's name
PASSWORDS = frozenset({PASSWORD, SUPERVISOR_PASSWORD})

# 16 MiB and some 50 ms for each guess, for whoever has got hold of the store (RFC 7914).
_COST, _BLOCK, _PARALLEL = 1 << 14, 8, 1
_HASH_BYTES = 32
_SALT_BYTES = 16
_MARK = "scrypt"


def seal(password: str, salt: bytes) -> str:
    """The hash of a password, as it is stored."""
    parts = (salt[:_SALT_BYTES], _hash(password, salt[:_SALT_BYTES]))
    return ":".join((_MARK, *(base64.b64encode(part).decode() for part in parts)))


def is_sealed(text: str) -> bool:
    mark, *parts = text.split(":")
    try:
        lengths = [len(base64.b64decode(part, validate=True)) for part in parts]
    except ValueError:
        return False
    return mark == _MARK and lengths == [_SALT_BYTES, _HASH_BYTES]


def opens(sealed: str, password: str) -> bool:
    """Whether this is the password that was sealed; takes its time. What is not sealed opens nothing."""
    if not is_sealed(sealed):
        return False
    _, salt, expected = sealed.split(":")
    return hmac.compare_digest(_hash(password, base64.b64decode(salt)), base64.b64decode(expected))


def is_kept(name: str, stored: str | None, wanted: str) -> bool:
    """Whether an option that is stored so need not be changed to be as is wanted."""
    if name in PASSWORDS and stored and wanted and is_sealed(stored) and not is_sealed(wanted):
        return opens(stored, wanted)
    return stored == wanted


class Passwords:
    """Seals those that are configured, and checks those that are sent."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._known: dict[str, bytes] = {}  # sealed → digest; one for each that was right since the start
        self._turn = asyncio.Lock()  # one at a time: who sends wrong ones occupies one processor at the most

    def sealed(self, change: Change) -> Change:
        """The change as it may be stored: every password in it sealed. Takes its time."""
        options = tuple((section, name, self._stored(name, text)) for section, name, text in change.options)
        return replace(change, options=options)

    async def check(self, sealed: str, password: str) -> bool:
        known = self._known.get(sealed)
        if known is None:
            async with self._turn:
                known = self._known.get(sealed) or await self._learn(sealed, password)
        return known is not None and hmac.compare_digest(known, self._digest(password))

    async def _learn(self, sealed: str, password: str) -> bytes | None:
        if not await asyncio.to_thread(opens, sealed, password):
            return None
        self._known[sealed] = self._digest(password)
        return self._known[sealed]

    def _stored(self, name: str, text: str | None) -> str | None:
        if name not in PASSWORDS or not text or is_sealed(text):
            return text
        sealed = seal(text, self._chance.secret())
        self._known[sealed] = self._digest(text)
        return sealed

    @cached_property
    def _key(self) -> bytes:
        return self._chance.secret()

    def _digest(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode(), key=self._key, digest_size=_HASH_BYTES).digest()


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=_HASH_BYTES, maxmem=64 << 20
    )
