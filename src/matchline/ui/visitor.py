"""Who asks for a page, and the secret of their browser: from it follows the token that their forms carry."""

import hashlib
from dataclasses import dataclass

from matchline.kept.attendance import Role
from matchline.observing.masking import Private
from matchline.principal import EVERYONE, Means, Principal, Scope

PATH = "/ui"
LOGIN = f"{PATH}/login"
COOKIE = "matchline_ui"

_TOKEN_BYTES = 16  # 128 bits: nobody guesses them


@dataclass(frozen=True, slots=True, repr=False)
class Visitor(Private):
    name: str
    role: Role | None  # None: not let in yet
    secret: str  # of the cookie; empty for a program that shows a key
    holder: Principal | None = None  # of that key
    is_logged_in: bool = False

    @property
    def token(self) -> str:
        """What proves that a form came from a page of this server: pages elsewhere cannot read it."""
        key = bytes.fromhex(self.secret)
        return hashlib.blake2b(b"form", key=key, digest_size=_TOKEN_BYTES).hexdigest()

    @property
    def may_change(self) -> bool:
        return self.role is Role.ADMINISTRATOR

    def may(self, role: Role) -> bool:
        return self.role is not None and self.role.covers(role)

    @property
    def told(self) -> str:
        """As the audit trail names them."""
        return f"{self.name}, {self.role}" if self.role else self.name

    @property
    def principal(self) -> Principal:
        """As whom the engine knows them."""
        if self.holder:
            return self.holder
        if not self.is_logged_in:
            return EVERYONE
        scopes = frozenset(Scope) if self.may_change else frozenset({Scope.IVR})  # who may read
        return Principal(str(self.role), self.told, Means.PASSWORD, scopes)
