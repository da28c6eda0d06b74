"""What may be asked about callbacks. Each function makes a request, which a client then sends.

Times have a time zone, and count to the second. Raises ValueError for a time without one, which may be any.
"""

from datetime import UTC, datetime

from matchline.client import routes
from matchline.client.answers import Booked, Callback, Done, Rescheduled, Slots
from matchline.client.asks import Ask, Data, ask, once


def book(
    service: str,
    customer_number: str,
    at: datetime | None = None,
    data: Data | None = None,
    *,
    idempotency_key: str | None = None,
) -> Ask[Booked]:
    """Book a callback at a time, else at once. Sent twice, the same request books one."""
    parameters = {"_customer_number": customer_number, "_desired_time": _moment(at)}
    return ask(
        routes.BOOK, {"name": service}, headers=once(idempotency_key), data=data or {}, json=parameters
    )


def reschedule(service: str, callback_id: str, at: datetime) -> Ask[Rescheduled]:
    where = {"name": service, "id": callback_id}
    return ask(routes.RESCHEDULE, where, json={"_new_desired_time": _moment(at)})


def cancel(service: str, callback_id: str) -> Ask[Done]:
    return ask(routes.CANCEL, {"name": service, "id": callback_id})


def find(
    service: str | None = None,
    *,
    callback_id: str | None = None,
    customer_number: str | None = None,
    state: str | None = None,
) -> Ask[list[Callback]]:
    """Those that fit all that is given, the newest first."""
    wanted = {"_id": callback_id, "_customer_number": customer_number, "_callback_state": state}
    if service is None:
        return ask(routes.CALLBACKS, query=wanted)
    return ask(routes.CALLBACKS_OF, {"name": service}, query=wanted)


def free_slots(
    service: str,
    *,
    start: datetime | None = None,
    days: int | None = None,
    end: datetime | None = None,
    most: int | None = None,
) -> Ask[Slots]:
    """When callbacks can be booked: from now for a day, unless it is said."""
    period = {"start": _moment(start), "number-of-days": days, "end": _moment(end), "max-time-slots": most}
    return ask(routes.FREE_SLOTS, {"name": service}, query=period)


def _moment(time: datetime | None) -> str | None:
    """As the server reads it, to the second."""
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError("a time needs its time zone")
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
