"""How resource groups fared: one sample for each group and minute. Plain data and pure functions."""

from msgspec import Struct

from matchline.clock import SECOND, Instant

MINUTE = 60 * SECOND


def minute_of(now: Instant) -> Instant:
    """When the minute began."""
    return now // MINUTE * MINUTE


class PoolSample(Struct, frozen=True):
    """A resource group in one minute: its slots when it was looked at, and what happened to it since then.

    Of a shared group only `held` is known: its slots are pairs of number and code, far more than are ever held.
    """

    at: Instant  # when the minute began
    group: str
    free: int | None = None
    held: int | None = None
    cooling: int | None = None
    reserved: int = 0  # reservations made
    exhausted: int = 0  # requests refused because no slot was free

    def joined(self, other: "PoolSample") -> "PoolSample":
        """With what another node, or a later look, has to add."""
        return PoolSample(
            self.at,
            self.group,
            self.free if other.free is None else other.free,
            self.held if other.held is None else other.held,
            self.cooling if other.cooling is None else other.cooling,
            self.reserved + other.reserved,
            self.exhausted + other.exhausted,
        )
