"""What the options say of callbacks: the calendar of a service, made of those that it names."""

from collections.abc import Iterator, Mapping

from matchline.clock import instant_of
from matchline.engine.callback_slots import MINUTE, Calendar, Capacity, OfficeHours
from matchline.engine.declared import SERVICE_PREFIX
from matchline.engine.service import bound_to
from matchline.engine.timetable import read, zone
from matchline.errors import shown
from matchline.model import Sections
from matchline.options import Choice, Integer, Option, Schema, Section, Text, Value

HOURS = "office-hours"
CAPACITY = "capacity"

PLAIN, CALLBACK = "ors", "callback"  # what a service whose behaviour is a document is for

MOST_BY_SLOT = 100_000

NOT_ELSEWHERE = (
    "cannot be set with _service_type=callback: an Orchestration Server has no way to tell where a callback stands, "
    "so its chart runs in this server"
)

# The lengths that Genesys Mobile Services has.
BUCKET = Option(
    "_request_time_bucket",
    Choice(("5", "10", "15", "20", "30", "60", "120")),
    "The length of a slot, in minutes.",
    "5",
)

_NAMED = {"_business_hours_service": HOURS, "_capacity_service": CAPACITY}


class Moment:
    """A kind of option."""

    def parse(self, text: str) -> str:
        try:
            instant_of(text)
        except ValueError:
            raise ValueError("must be an instant such as 2026-12-24T09:30:00Z") from None
        return text

    @property
    def values(self) -> str:
        return "an instant, such as `2026-12-24T09:30:00Z`"

    def schema(self) -> Schema:
        return {"type": "string", "format": "date-time"}


CALLBACK_OPTIONS = (
    Option("_service_type", Choice((PLAIN, CALLBACK)), "`callback` makes it a callback application.", PLAIN),
    Option(
        "_customer_number",
        Text(100, "a telephone number"),
        "Of a callback: the customer's number. Each needs one.",
        request=True,
    ),
    Option(
        "_desired_time",
        Moment(),
        "Of a callback: when the customer wants to talk; at once unless it is given.",
        request=True,
    ),
    Option(
        "_business_hours_service",
        Text(hint="the name of a configured service"),
        f"Of callbacks: a service bound to `{HOURS}`, outside whose hours none is booked.",
    ),
    Option(
        "_capacity_service",
        Text(hint="the name of a configured service"),
        f"Of callbacks: a service bound to `{CAPACITY}`, in whose slots they are booked; the next two are its then.",
    ),
    BUCKET,
    Option(
        "_max_request_by_time_bucket",
        Integer(0, MOST_BY_SLOT),
        "Of callbacks: how many a slot takes.",
        "100",
    ),
)

Options = Mapping[str, Value | None]


def office_hours(options: Options) -> OfficeHours:
    """Of a service bound to `office-hours`."""
    return OfficeHours(
        zone(_text(options, "_timezone")),
        read(_text(options, "_regular_hours")),
        read(_text(options, "_exceptions")),
    )


def capacity(options: Options) -> Capacity:
    """Of a service bound to `capacity`."""
    usual = options["_max_capacity"]
    return Capacity(
        zone(_text(options, "_timezone")), int(usual or 0), read(_text(options, "_capacity_hours"))
    )


def calendar(
    name: str, options: Options, hours: Options | None, slots: tuple[str, Options] | None
) -> Calendar:
    """Of a callback service; with the options of the services that it names, and the name of the second."""
    open_at = office_hours(hours) if hours else None
    if slots:
        named, others = slots
        return capacity_calendar(named, others, open_at)
    usual = Capacity(zone("UTC"), int(options["_max_request_by_time_bucket"] or 0), read(""))
    return Calendar(name, _slot(options), open_at, usual)


def capacity_calendar(name: str, options: Options, hours: OfficeHours | None = None) -> Calendar:
    return Calendar(name, _slot(options), hours, capacity(options))


def _slot(options: Options) -> int:
    return int(options[BUCKET.name] or 0) * MINUTE


def _text(options: Options, name: str) -> str:
    return str(options[name] or "")


def is_callback(service: Section) -> bool:
    return service.get("_service_type") == CALLBACK


def callback_faults(sections: Sections) -> Iterator[tuple[str, str, str]]:
    """Section, option and what is wrong: services that are named and are not there, or are something else."""
    for name, section in sections.items():
        if is_callback(section) and section.get("_ors"):
            yield name, "_ors", NOT_ELSEWHERE
        for option, wanted in _NAMED.items():
            other = section.get(option)
            if not (name.startswith(SERVICE_PREFIX) and other) or "$" in other:
                continue
            if bound_to(sections.get(SERVICE_PREFIX + other, {})) != wanted:
                yield (
                    name,
                    option,
                    f"must name a configured service that is bound to {wanted}, and {shown(other)} is none",
                )
