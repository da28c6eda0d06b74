"""Visits: people log in to the UI with the server's credentials, and out again.

Every node knows every visit. One is over when its person logs out or stays away, when its longest time has come, and
when the credentials that began it are no longer those in force.
"""

import hashlib

from matchline.chance import Chance
from matchline.clock import SECOND, Clock, whole_seconds
from matchline.engine.access import Access, Login
from matchline.engine.configure import Keeper
from matchline.engine.guard import client_of
from matchline.engine.keys import digest
from matchline.engine.passwords import Passwords
from matchline.errors import NotFound
from matchline.faults.refusals import TooManyRequests
from matchline.guessing import guesser_of_address
from matchline.kept.attendance import IDLE, LONGEST, Role, Visit
from matchline.store import Store
from matchline.verdict import GuessBudget

# Wrong passwords of one address, whatever nodes it asks; after ten in a row one each half minute.
BUDGET = GuessBudget(10, 30 * SECOND)

# A visit is prolonged when this much of its idle time has passed: reading a page seldom writes.
_PROLONGED_AFTER = IDLE // 12

MAX_NAME = 100  # characters of a person's name, where any is accepted


class Visits:
    def __init__(
        self, store: Store, clock: Clock, chance: Chance, keeper: Keeper, passwords: Passwords
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._keeper = keeper
        self._passwords = passwords

    async def begin(self, name: str, password: str, address: str) -> str | None:
        """The secret of a new visit; None when name and password are not those of anybody.

        Raises TooManyRequests for an address that was wrong too often.
        """
        guesser, now = guesser_of_address(client_of(address)), self._clock.now()
        wait = await self._store.charge_guess(guesser, BUDGET, now)
        if wait:
            raise TooManyRequests(whole_seconds(wait))
        found = await self._role_of(name, password) if name.isprintable() else None
        if found is None:
            return None
        await self._store.refund_guess(guesser, BUDGET)
        secret = self._chance.secret().hex()
        visit = Visit(digest(secret), name[:MAX_NAME], *found, now + LONGEST, now + IDLE)
        await self._store.begin_visit(visit, now)
        return secret

    async def find(self, secret: str) -> Visit | None:
        """The visit that is under way, prolonged."""
        now = self._clock.now()
        try:
            visit = await self._store.visit(digest(secret), now)
        except NotFound:
            return None
        login = _login(self._keeper.current.access, visit.role)
        if login is None or visit.proof != _proof(login):
            return None
        if visit.idle_at - now < IDLE - _PROLONGED_AFTER:
            await self._store.prolong_visit(visit.digest, now + IDLE)
        return visit

    async def end(self, secret: str) -> None:
        await self._store.end_visit(digest(secret))

    async def _role_of(self, name: str, password: str) -> tuple[Role, str] | None:
        """The role and the proof of its credentials."""
        for role in Role:
            login = _login(self._keeper.current.access, role)
            if login is None:
                continue
            # Both are looked at, so that how long it takes does not tell which names there are.
            is_user, is_right = login.is_user(name), await self._passwords.check(login.sealed, password)
            if is_user and is_right:
                return role, _proof(login)
        return None


def _login(access: Access, role: Role) -> Login | None:
    return access.server.login if role is Role.ADMINISTRATOR else access.supervisor


def _proof(login: Login) -> str:
    """The stored hash of a password has a salt of its own: this changes with every password that is set."""
    return hashlib.sha256(f"{login.username}\0{login.sealed}".encode()).hexdigest()
