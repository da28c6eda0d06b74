"""What a built-in service is, and what a configured service resolves a request to."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from matchline.engine.declared import LOGIN_OPTIONS
from matchline.errors import BadParameter, Fault, shown
from matchline.model import Values
from matchline.observing.masking import Private
from matchline.options import FIXED, Option, Schema, Section, Text, Value, listed, substitute
from matchline.principal import APPS, Principal, Scopes

if TYPE_CHECKING:
    from matchline.engine import Engine

log = logging.getLogger(__name__)

BUILTIN = "builtin"
ORS = "ors"  # the type of services whose behaviour is an SCXML document, and of what runs them
MATCHING = "match-interaction"  # the built-in that decides whose call it is

# Every service section may have these; they bind and describe the service.
COMMON_OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option("_type", Text(hint="`builtin`, `ors`"), "What the service is.", BUILTIN, mandatory=True),
        Option(
            "_service",
            Text(hint="the name of a built-in, or of an SCXML document such as `example:call-me.scxml`"),
            "The built-in or the document behind it.",
            mandatory=True,
        ),
        Option("_name", Text(hint="the name of a built-in"), "The old spelling of `_service`."),
        Option(
            "_overwritable_options",
            Text(hint="a comma list of option names"),
            "Options that a request may override although they are not request parameters.",
        ),
        *LOGIN_OPTIONS.values(),
        Option("description", Text(), "For people."),
    )
}


class Request(Private, Struct, frozen=True):
    """What a service is asked."""

    service: str  # the name under which it is configured
    options: Mapping[str, Value | None]
    parameters: Mapping[str, str]  # the `_` parameters as they were sent
    data: Values  # the app's user data, as it was sent
    extras: Values  # parameters of the service section's own: user data
    client: str  # who asks, as far as that is known: the principal, else an address
    principal: Principal
    base_url: str  # where this server is, for absolute URLs
    idempotency_key: str | None = None

    @property
    def given(self) -> Values:
        """The data that a chart begins with. It acts on what its section says of itself: no request replaces that."""
        return {**self.data, **self.extras}

    def text(self, name: str) -> str | None:
        value = self.options.get(name)
        return None if value is None else str(value)

    def number(self, name: str) -> int:
        value = self.options[name]
        assert isinstance(value, int), f"{name} has a default"
        return value

    def flag(self, name: str) -> bool:
        return self.options.get(name) is True


Answer = Mapping[str, object]


class Accepted(dict[str, object]):
    """An answer to a request that is taken and not done yet."""


Run = Callable[["Engine", Request], Awaitable[Answer]]
SessionRun = Callable[["Engine", str, Request], Awaitable[Answer]]
AnyRun = Callable[["Engine", str, str, Request], Awaitable[Answer]]  # session, name of the request


@dataclass(frozen=True, slots=True)
class Service:
    """A built-in service: one file in `services/` declares one."""

    name: str
    summary: str
    options: tuple[Option, ...]
    run: Run
    answer: Schema  # of the 200, for the API description
    faults: tuple[type[Fault], ...] = ()  # besides those of its parameters and body
    takes_data: bool = False  # whether a request carries user data
    answers_get: bool = False
    scopes: Scopes = APPS  # who may ask
    requests: Mapping[str, SessionRun] = field(default_factory=dict)  # to its running sessions
    any_request: AnyRun | None = None  # where requests may have any name
    describe: Callable[["Engine", str], Awaitable[Answer]] | None = None  # how a session fares, besides

    def request(self, name: str) -> SessionRun | None:
        """What answers a request of this name to a running session."""
        if self.any_request is not None:
            return partial(_named, self.any_request, name)
        return self.requests.get(name)

    @property
    def declared(self) -> Mapping[str, Option]:
        """Every option that a section of this service may have."""
        return {**COMMON_OPTIONS, **{option.name: option for option in self.options}}


async def _named(run: AnyRun, name: str, engine: "Engine", session_id: str, request: Request) -> Answer:
    return await run(engine, session_id, name, request)


def bound_to(service: Section) -> str:
    """The built-in that a service section names; `_name` is the old spelling."""
    if service.get("_type") == ORS:
        return ORS
    name = service.get("_service") or service.get("_name") or ""
    return "" if name == ORS else name


class ConfiguredService:
    """A section `service.<name>`: its built-in's options as they are set, ready to be asked."""

    def __init__(self, name: str, section: Section, declared: Mapping[str, Option]) -> None:
        self.name = name
        self.builtin = bound_to(section)
        self.section = section
        self._declared = declared
        overwritable = set(listed(section.get("_overwritable_options", ""))) - FIXED
        self.requestable = {
            option.name: option
            for option in declared.values()
            if option.request or option.name in overwritable
        }
        self._constant: dict[str, Value | None] = {}
        self._templates: dict[str, str] = {}
        for option in declared.values():
            text = section.get(option.name) or option.default
            if text and "$" in text and option.name not in FIXED:
                self._templates[option.name] = text
            else:
                self._constant[option.name] = option.parse(text) if text else None
        self._mandatory = tuple(
            option.name for option in declared.values() if option.mandatory and option.name not in FIXED
        )
        self.extras = {name: text for name, text in section.items() if name not in declared}

    @property
    def needed(self) -> tuple[str, ...]:
        """Mandatory options that are not configured: each request must bring them."""
        return tuple(
            name for name in self._mandatory if name not in self._templates and self._constant[name] is None
        )

    def _substituted(self, parameters: Mapping[str, str], data: Values) -> dict[str, Value | None]:
        """The options that refer to what the request sent, or to the section's own parameters."""
        sent = {name: value.body.decode() for name, value in data.items() if not value.is_file}
        known = {**self.extras, **sent, **parameters}
        values: dict[str, Value | None] = {}
        for name, template in self._templates.items():
            option = self._declared[name]
            text = substitute(template, known) or option.default
            values[name] = option.parse(text) if text else None
        return values

    def is_secret(self, name: str) -> bool:
        option = self._declared.get(name)
        return option is not None and option.secret

    def resolve(self, parameters: Mapping[str, str], data: Values) -> dict[str, Value | None]:
        """Request over configured option over default. Raises BadParameter naming the parameter."""
        values = dict(self._constant)
        if self._templates:
            values |= self._substituted(parameters, data)
        for name, text in parameters.items():
            option = self.requestable.get(name)
            if option is None:
                log.debug(
                    "%s: the parameter %s is not one of its requests' and is ignored", self.name, shown(name)
                )
            elif text.strip() or not isinstance(option.kind, Text):
                values[name] = option.parse(text)
        for name in self._mandatory:
            if values[name] is None:
                raise BadParameter(name, "is missing.")
        return values
