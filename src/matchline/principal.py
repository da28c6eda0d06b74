"""Who asks: what a request's credentials proved, and what that permits."""

from enum import StrEnum

from msgspec import Struct


class Scope(StrEnum):
    """What an application is for: none contains another, but an administrator may do everything."""

    APP = "app"
    IVR = "ivr"
    ADMIN = "admin"


Scopes = frozenset[Scope]

# Who may ask for an operation.
ANYONE: Scopes = frozenset()  # also without credentials
ADMINISTRATORS: Scopes = frozenset({Scope.ADMIN})
APPS: Scopes = frozenset({Scope.APP, Scope.ADMIN})
IVRS: Scopes = frozenset({Scope.IVR, Scope.ADMIN})
APPLICATIONS: Scopes = frozenset(Scope)


class Means(StrEnum):
    """By what a principal is known."""

    NOTHING = "nothing"
    PASSWORD = "password"  # noqa: S105 - no password
    KEY = "key"
    TOKEN = "token"  # noqa: S105 - no token


class Principal(Struct, frozen=True):
    """Who asks. Sessions and stored data remember the `id` of the principal that made them."""

    id: str  # empty for those who are not known
    name: str  # for people
    means: Means
    scopes: Scopes
    services: frozenset[str] | None = None  # the only services that it may ask; None: any
    groups: frozenset[str] | None = None  # the only resource groups that it may use; None: any

    @property
    def maker(self) -> str | None:
        """What the sessions and data that it makes remember."""
        return self.id or None

    @property
    def is_bound(self) -> bool:
        """Whether it may change only what it made itself."""
        return self.means in (Means.KEY, Means.TOKEN) and Scope.ADMIN not in self.scopes

    def may_change(self, maker: str | None) -> bool:
        """Whether it may touch a session or data that `maker` made."""
        return not self.is_bound or maker == self.id

    def may_read(self, maker: str | None) -> bool:
        return Scope.IVR in self.scopes or self.may_change(maker)

    def may_ask(self, service: str) -> bool:
        return self.services is None or service in self.services

    def may_use(self, group: str) -> bool:
        return self.groups is None or group in self.groups


# Who asks a server that has no credentials configured.
EVERYONE = Principal("", "everyone", Means.NOTHING, frozenset(Scope))

# The commands of those who may read the store's files, or have its URL.
COMMANDS = Principal("", "commands", Means.NOTHING, frozenset(Scope))

# A telephony platform, whose events are signed.
PLATFORM = Principal("", "platform", Means.NOTHING, frozenset({Scope.IVR}))

# Who asks without credentials where those are needed, for what is there for anyone.
NOBODY = Principal("", "nobody", Means.NOTHING, frozenset())
