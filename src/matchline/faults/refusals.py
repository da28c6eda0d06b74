"""The faults of requests that are refused before anybody looks at them: for where they come from, and how many.

They are declared like those of `errors.py`.
"""

from matchline.errors import Fault


class WrongPort(Fault):
    """The address is not served on this port: the section `port_restrictions` says on which it is."""

    status = 403

    def __init__(self) -> None:
        super().__init__("This address is not served on this port.")


class NotOpenToNetwork(Fault):
    """The server has no credentials configured, so it answers its own machine only, asked by its address."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "This server has no credentials configured: it answers its own machine only, asked by its address."
        )


class TooSlow(Fault):
    """The request did not arrive in time: `head_seconds` and `body_seconds` tell how long it may take."""

    status = 408

    def __init__(self) -> None:
        super().__init__("The request did not arrive in time.")


class AddressTooLong(Fault):
    """The request's address is too long."""

    status = 414

    def __init__(self) -> None:
        super().__init__("The address of the request is too long.")


class TooManyRequests(Fault):
    """This client asks too often; `Retry-After` tells when it may ask again."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many requests came from this client.", retry_after=retry_after)


class TooManyConnections(Fault):
    """Too many connections are open, of this client or of all of them."""

    status = 429

    def __init__(self) -> None:
        super().__init__("Too many connections are open.", retry_after=1)


class QuotaReached(Fault):
    """This client holds as many reservations as it may; `Retry-After` tells when the first of them expires."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("This client holds as many reservations as it may.", retry_after=retry_after)


class HeadTooLarge(Fault):
    """The request's headers are too many or too large."""

    status = 431

    def __init__(self) -> None:
        super().__init__("The headers of the request are too many or too large.")
