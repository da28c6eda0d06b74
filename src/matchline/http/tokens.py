"""Tokens (JWT) of an identity provider: checked against its public keys, which are kept and read anew in time.

Needs the extra `jwt`. Algorithms are those with a public key alone, whatever a token says of itself.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from matchline.clock import steady
from matchline.engine.access import TokenPolicy
from matchline.principal import Means, Principal, Scope

if TYPE_CHECKING:
    import jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPE_PREFIX = "matchline:"  # before the scopes that are for this server

LEEWAY_SECONDS = 30  # between the issuer's clock and this machine's
FRESH_SECONDS = 300  # for which keys are used without being read anew
PAUSE_SECONDS = 10  # after which a token with an unknown key makes them be read again, and not sooner
FETCH_SECONDS = 5.0
MAX_TOKEN = 8192  # characters
_PUBLIC = frozenset({"RSA", "EC", "OKP"})  # kinds of keys
REMEMBERED = 4096  # tokens that were found right, each checked once while it and the keys last

log = logging.getLogger(__name__)


class _Jwks(msgspec.Struct):
    """A set of keys, as RFC 7517 has it."""

    keys: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Known:
    """A token that is right but for the time; it counts in [since, until), in seconds since 1970."""

    principal: Principal
    since: float
    until: float


class Tokens:
    """The keys of one issuer, and the tokens that were checked with them."""

    def __init__(self) -> None:
        self._policy: TokenPolicy | None = None
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._read_at = float("-inf")  # by `steady`
        self._turn = asyncio.Lock()
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    async def principal(self, policy: TokenPolicy, token: str, now: float) -> Principal | None:
        """Who shows the token; None when it is not to be believed. `now`: seconds since 1970."""
        if len(token) > MAX_TOKEN:
            return None
        if policy != self._policy or self._age > FRESH_SECONDS:
            await self._refresh(policy, FRESH_SECONDS)
        mark = hashlib.sha256(token.encode()).digest()
        known = self._known.get(mark)
        if known is None:
            key = await self._key(policy, token)
            known = _checked(policy, token, key) if key else None
            if known is None:
                return None
            self._remember(mark, known)
        return known.principal if known.since <= now < known.until else None

    @property
    def _age(self) -> float:
        return steady() - self._read_at

    def _remember(self, mark: bytes, known: _Known) -> None:
        self._known[mark] = known
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _key(self, policy: TokenPolicy, token: str) -> "jwt.PyJWK | None":
        """The key that the token names; keys that were read a while ago are read again for one that is new."""
        import jwt

        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError:
            return None
        if key_id not in self._keys and self._age > PAUSE_SECONDS:
            await self._refresh(policy, PAUSE_SECONDS)
        return self._keys.get(key_id)

    async def _refresh(self, policy: TokenPolicy, seconds: float) -> None:
        """Read the keys unless somebody did within these seconds. Those before stay when that fails."""
        if self._keys and policy == self._policy and self._turn.locked():
            return
        async with self._turn:
            if policy == self._policy and self._age <= seconds:
                return
            if policy != self._policy:
                self._keys = {}
                self._known.clear()
            self._policy, self._read_at = policy, steady()
            try:
                async with asyncio.timeout(FETCH_SECONDS):
                    self._keys = _public_keys(await _read(policy.keys))
            except (OSError, ValueError, httpx.HTTPError) as error:
                log.error("the keys of tokens cannot be read from %s: %s", policy.keys, error)  # noqa: TRY400
            else:
                self._known.clear()


async def _read(place: str) -> str:
    """The text of a JWKS. Raises OSError, ValueError or httpx.HTTPError."""
    if "://" not in place:
        return await asyncio.to_thread(Path(place).read_text)
    async with httpx.AsyncClient(timeout=FETCH_SECONDS) as client:
        response = await client.get(place)
        return response.raise_for_status().text


def _public_keys(text: str) -> "dict[str | None, jwt.PyJWK]":
    """By their ids; a single one also serves tokens that name none. Raises ValueError.

    A key that is no public one would let everybody sign who can read it.
    """
    import jwt

    try:
        found = jwt.PyJWKSet(msgspec.json.decode(text, type=_Jwks).keys).keys
    except (jwt.PyJWTError, msgspec.DecodeError) as error:
        raise ValueError(str(error)) from None
    usable = [key for key in found if key.key_type in _PUBLIC and key.public_key_use in (None, "sig")]
    keys = {key.key_id: key for key in usable}
    return {None: usable[0], **keys} if len(usable) == 1 else keys


def _checked(policy: TokenPolicy, token: str, key: "jwt.PyJWK") -> _Known | None:
    """All but the time, which is the server's to tell."""
    import jwt

    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=policy.issuer,
            audience=policy.audience,
            options={
                "require": ["exp", "sub", "iss", "aud"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        since, until = float(claims.get("nbf", 0)), float(claims["exp"])
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return _Known(_principal(claims), since - LEEWAY_SECONDS, until + LEEWAY_SECONDS)


def _principal(claims: Mapping[str, Any]) -> Principal:
    given = claims.get("scope")
    named = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    scopes = frozenset(scope for scope in Scope if SCOPE_PREFIX + scope in named)
    subject = hashlib.sha256(f"{claims['iss']}\0{claims['sub']}".encode()).hexdigest()
    return Principal(f"jwt-{subject}", str(claims["sub"]), Means.TOKEN, scopes)
