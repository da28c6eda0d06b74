"""What is known of the request that is under way, wherever it is asked: its id, its operation and who asks."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class UnderWay:
    """One request."""

    id: str
    user: str = ""  # of the machine that asks, as a command tells it; nothing proves it
    operation: str = "none"  # its method and path, without what stands in the path
    principal: str = ""


_request: ContextVar[UnderWay | None] = ContextVar("request", default=None)
_user: ContextVar[str] = ContextVar("user", default="")


def enter(request: UnderWay) -> None:
    """From now on, in this task and those that it starts, this request is under way."""
    _request.set(request)


def tell(operation: str, principal: str) -> None:
    """What is known of the request once it has been routed."""
    request = _request.get()
    if request:
        request.operation, request.principal = operation, principal


def request_id() -> str | None:
    request = _request.get()
    return request.id if request else None


def act_as(user: str) -> None:
    """Who runs this process, for what it changes without being asked by a request."""
    _user.set(user)


def actor() -> str:
    """Who makes a change, for the audit trail."""
    request = _request.get()
    if request is None:
        return _user.get() or "this process"
    return f"{request.principal}, {request.user}" if request.user else request.principal
