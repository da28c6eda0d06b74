"""Who may ask, as it is configured: passwords of the parts of the API, API keys, and whose tokens are believed."""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from urllib.parse import urlsplit

from matchline.engine.declared import LOGIN_OPTIONS, SERVER_OPTIONS, SERVICE_PREFIX
from matchline.engine.passwords import PASSWORD, SUPERVISOR_PASSWORD
from matchline.errors import shown
from matchline.model import Key, Sections
from matchline.options import Section
from matchline.principal import Means, Principal, Scope, Scopes

SERVER = "server"
STORAGE = "storage"

USERNAME, REALM = "username", "realm"
SUPERVISOR_USERNAME = "supervisor_username"
TOKEN_OPTIONS = ("jwt_issuer", "jwt_audience", "jwt_keys")

_PART: Scopes = frozenset({Scope.APP, Scope.IVR})  # everything that a part of the API has to offer
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and password that are accepted, and who shows them."""

    username: str | None  # None: any
    sealed: str  # the password
    principal: Principal

    def is_user(self, username: str) -> bool:
        return self.username is None or hmac.compare_digest(self.username.encode(), username.encode())


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the API as HTTP Basic sees it."""

    realm: str
    login: Login | None


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """Whose tokens are believed."""

    issuer: str
    audience: str
    keys: str  # a JWKS: a file's path or a URL


@dataclass(frozen=True)
class Access:
    """What opens the API."""

    server: Part
    storage: Part
    services: Mapping[str, Part] = field(default_factory=dict)  # those with options of their own
    keys: Mapping[str, Principal] = field(default_factory=dict)  # by the digest of the secret
    tokens: TokenPolicy | None = None
    supervisor: Login | None = None  # opens the UI alone

    @cached_property
    def has_passwords(self) -> bool:
        return any(part.login for part in (self.server, self.storage, *self.services.values()))

    @cached_property
    def is_closed(self) -> bool:
        """Whether credentials are needed: as soon as there are any."""
        return bool(self.keys) or self.tokens is not None or self.has_passwords

    @cached_property
    def guards_parts_only(self) -> bool:
        """Whether only passwords of single parts are configured: then the other parts stay open, as with GMS."""
        return self.has_passwords and not (self.keys or self.tokens or self.server.login)


def access(sections: Sections, keys: Iterable[Key]) -> Access:
    server = sections.get(SERVER, {})
    services = {
        name.removeprefix(SERVICE_PREFIX): _part(name, options, server)
        for name, options in sections.items()
        if name.startswith(SERVICE_PREFIX) and any(options.get(option) for option in LOGIN_OPTIONS)
    }
    return Access(
        _part(SERVER, server, server),
        _part(STORAGE, sections.get(STORAGE, {}), server),
        services,
        {key.digest: _holder(key) for key in keys},
        TokenPolicy(*(server[name] for name in TOKEN_OPTIONS)) if server.get(TOKEN_OPTIONS[0]) else None,
        _supervisor(server),
    )


def access_faults(sections: Sections) -> Iterator[tuple[str, str, str]]:
    """Section, option and what is wrong with it."""
    server = sections.get(SERVER, {})
    for section, options in sections.items():
        username = options.get(USERNAME, "")
        if ":" in username:
            yield section, USERNAME, "must not contain a colon: HTTP could not carry it"
        if username and not (options.get(PASSWORD) or server.get(PASSWORD)):
            yield section, USERNAME, "needs a password, here or in [server]"
    if server.get(SUPERVISOR_USERNAME) and not server.get(SUPERVISOR_PASSWORD):
        yield SERVER, SUPERVISOR_USERNAME, "needs a password: supervisor_password"
    if server.get(SUPERVISOR_PASSWORD) and not server.get(PASSWORD):
        yield SERVER, SUPERVISOR_PASSWORD, "needs the administrator's too: password"
    if any(server.get(name) for name in TOKEN_OPTIONS):
        for name in TOKEN_OPTIONS:
            if not server.get(name):
                yield SERVER, name, "is missing: tokens need an issuer, an audience and keys"
        if find_spec("jwt") is None:
            yield SERVER, "jwt_keys", "needs more: pip install 'matchline[jwt]'"
        yield from _key_faults(server)


def _key_faults(server: Section) -> Iterator[tuple[str, str, str]]:
    """Who could change the keys on their way here could sign what they like."""
    url = urlsplit(server.get("jwt_keys", ""))
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        yield SERVER, "jwt_keys", f"must be fetched by https, not from {shown(url.netloc)} by http"


def _supervisor(server: Section) -> Login | None:
    password = server.get(SUPERVISOR_PASSWORD)
    if not password:
        return None
    principal = Principal("supervisor", "supervisor", Means.PASSWORD, frozenset())
    return Login(server.get(SUPERVISOR_USERNAME) or None, password, principal)


def _part(section: str, options: Section, server: Section) -> Part:
    """Option by option: its own, else the server's."""
    realm = options.get(REALM) or server.get(REALM) or SERVER_OPTIONS[REALM].default or ""
    password = options.get(PASSWORD) or server.get(PASSWORD)
    if not password:
        return Part(realm, None)
    own = section != SERVER and (options.get(USERNAME) or options.get(PASSWORD))
    username = options.get(USERNAME) or server.get(USERNAME) or None
    return Part(realm, Login(username, password, _visitor(section if own else SERVER)))


def _visitor(section: str) -> Principal:
    """Who shows the password of a section."""
    if section == SERVER:
        return Principal(SERVER, SERVER, Means.PASSWORD, frozenset(Scope))
    only = {section.removeprefix(SERVICE_PREFIX)} if section.startswith(SERVICE_PREFIX) else set[str]()
    return Principal(section, section, Means.PASSWORD, _PART, frozenset(only))


def _holder(key: Key) -> Principal:
    return Principal(key.id, key.name, Means.KEY, key.scopes, key.services, key.groups)
