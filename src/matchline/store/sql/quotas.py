"""How many reservations a client holds, and whether it may have one more."""

from matchline.clock import Instant
from matchline.errors import OverQuota
from matchline.model import Quota
from matchline.store.sql import Database

# More claims than all nodes together have under way at once: as far from its quota a client need not wait for its
# own other claims.
_UNDER_WAY = 256


def check(db: Database, quota: Quota, now: Instant) -> None:
    """Raises OverQuota."""
    if quota.most > _UNDER_WAY and not _holds(db, quota, quota.most - _UNDER_WAY, now):
        return
    db.lock("lock_client", {"client": quota.client})
    if _holds(db, quota, quota.most, now):
        row = db.row("first_to_expire", {"client": quota.client, "now": now})
        raise OverQuota(row[0] if row else None)


def _holds(db: Database, quota: Quota, count: int, now: Instant) -> bool:
    """Whether the client holds so many or more."""
    return db.row("holds_more", {"client": quota.client, "others": count - 1, "now": now}) is not None
