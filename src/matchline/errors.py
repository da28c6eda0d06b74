"""Every way in which a request can fail, declared once: status, stable name and sentence.

The class name is the `exception` of an error answer and never changes; the docstring is its explanation in
the reference. The four `StoreError`s are what a store may raise; the engine turns them into faults.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from matchline.clock import Instant

_SHOWN = 80  # characters of a caller's text that an error repeats


class StoreError(Exception):
    """What a store may raise; nothing else leaves it."""


class NotFound(StoreError):
    """There is no such thing, or it has ended."""


class Conflict(StoreError):
    """The step contradicts what is stored."""


class Exhausted(StoreError):
    """No slot is free; the soonest is at `free_at`, if any is known."""

    def __init__(self, free_at: Instant | None) -> None:
        super().__init__(free_at)
        self.free_at = free_at


class OverQuota(Exhausted):
    """The client holds as many reservations as it may; the first of them expires at `free_at`."""


class Unavailable(StoreError):
    """The store cannot answer now; whether a step that was under way took place is not known."""


class Fault(Exception):
    """A request that is refused, with all that the caller may know of it."""

    status: int = 500

    def __init__(
        self,
        message: str,
        *,
        retry_after: int | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after  # seconds
        self.extra = extra or {}


class BadParameter(Fault):
    """A parameter is missing or its value is not valid; the message names it."""

    status = 400

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{shown(name)}: {why}")


class UnknownResourceGroup(Fault):
    """No resource group of that name is configured."""

    status = 400

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no resource group {shown(name)}.")


class MalformedBody(Fault):
    """The body is not what its content type says."""

    status = 400


class MalformedRequest(Fault):
    """What was sent is no HTTP."""

    status = 400

    def __init__(self) -> None:
        super().__init__("The request is not valid HTTP.")


class InvalidConfiguration(Fault):
    """A change of the configuration is refused; the message lists every fault with its place."""

    status = 400

    def __init__(self, message: str, places: Sequence[tuple[str, str | None, str]] = ()) -> None:
        """`places`: section, option if it is one's, and what is wrong there."""
        super().__init__(message)
        self.places = places


class NotAuthenticated(Fault):
    """The request has no valid credentials; the header `WWW-Authenticate` names the kinds that are accepted."""

    status = 401

    def __init__(self, challenge: str) -> None:
        super().__init__("Valid credentials are needed for this.")
        self.challenge = challenge


class NotAllowed(Fault):
    """The credentials are valid, but not for this."""

    status = 403

    def __init__(self, what: str) -> None:
        super().__init__(f"These credentials are not for {what}.")


class NotGenuine(Fault):
    """An event of a telephony platform is not signed with the secret of its line."""

    status = 403

    def __init__(self) -> None:
        super().__init__("The signature is not right.")


class UnknownRoute(Fault):
    """No resource lives at that address."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.")


class UnknownService(Fault):
    """No service of that name is configured."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no service {shown(name)}.")


class UnknownSession(Fault):
    """No session with that id is live: it never was, or it has ended."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is no live session with this id.")


class UnknownRequest(Fault):
    """The session's service has no request of that name."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"The service has no request {shown(name)}.")


class UnknownRecord(Fault):
    """No stored data with that id is live."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is no stored data with this id.")


class UnknownKey(Fault):
    """The stored data has no such key."""

    status = 404

    def __init__(self, key: str) -> None:
        super().__init__(f"The stored data has no key {shown(key)}.")


class UnknownApiKey(Fault):
    """There is no API key with that id: it never was, or it was revoked."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is no API key with this id.")


class UnknownNode(Fault):
    """No node with that id serves: it never did, or it has stopped."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is no node with this id.")


class UnknownOption(Fault):
    """No such option, section or number is configured."""

    status = 404


class NoMatch(Fault):
    """No live session belongs to this call."""

    status = 404

    def __init__(self, extra: Mapping[str, str]) -> None:
        super().__init__("No session matches this call.", extra=extra)


class MethodNotAllowed(Fault):
    """The address exists, but not for this method; the header `Allow` names those that work."""

    status = 405

    def __init__(self, method: str) -> None:
        super().__init__(f"This address does not answer {shown(method)}.")


class AmbiguousMatch(Fault):
    """Several sessions match equally well, so none is given; `_digits` tells when a code would settle it."""

    status = 409

    def __init__(self, extra: Mapping[str, str]) -> None:
        super().__init__("Several sessions match this call equally well.", extra=extra)


class CodeNeeded(Fault):
    """Only sessions that ask for their access code are left; `_digits` tells how long it is."""

    status = 409

    def __init__(self, extra: Mapping[str, str]) -> None:
        super().__init__("The access code is needed to match this call.", extra=extra)


class IdempotencyConflict(Fault):
    """The same `Idempotency-Key` was sent before with another request."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another request.")


class NotReserved(Fault):
    """The session has no live reservation that could be renewed."""

    status = 409

    def __init__(self) -> None:
        super().__init__("The session has no live reservation.")


class ConfigurationChanged(Fault):
    """The configuration was changed by someone else in the meantime; read it again."""

    status = 409

    def __init__(self) -> None:
        super().__init__("The configuration was changed in the meantime.")


class TooLarge(Fault):
    """The body, a value, a file or the number of fields is over its limit; the message names it."""

    status = 413


class UnsupportedMediaType(Fault):
    """The body's or a file's content type is not accepted."""

    status = 415


class InternalError(Fault):
    """A defect in the server; the log has the details."""

    status = 500

    def __init__(self) -> None:
        super().__init__("The server failed to answer; its log has the details.")


class NodeOffline(Fault):
    """This node is offline: it stops, or its store or its clock fails. The status is the service's option."""

    status = 503

    def __init__(self, status: int, why: str | None = None) -> None:
        message = f"This node is offline: {why}." if why else "This node is offline."
        super().__init__(message, retry_after=StoreUnavailable.RETRY_SECONDS)
        self.status = status


class NumbersExhausted(Fault):
    """Every slot of the resource group is taken; `Retry-After` tells when the soonest may be free."""

    status = 503

    def __init__(self, group: str, retry_after: int) -> None:
        super().__init__(
            f"No access number of the resource group {shown(group)} is free.",
            retry_after=retry_after,
        )


class StoreUnavailable(Fault):
    """The store cannot answer; this is never "no match"."""

    status = 503

    RETRY_SECONDS: ClassVar[int] = 1  # a restart or a failover takes about this long

    def __init__(self) -> None:
        super().__init__("The store cannot answer now.", retry_after=self.RETRY_SECONDS)


def shown(text: str) -> str:
    """A caller's text as an error repeats it: quoted, shortened, without control characters."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f'"{"".join(char if char.isprintable() else "?" for char in cut)}"'
