"""What the configured options mean: typed policies, and the immutable snapshot of all that is configured."""

from collections.abc import Mapping
from dataclasses import dataclass

from matchline.clock import SECOND
from matchline.codes import CodeSpace
from matchline.engine.access import Access, access
from matchline.engine.chart_policy import ChartPolicy, chart_policy
from matchline.engine.declared import (
    ADAPTER_PREFIX,
    GROUP_OPTIONS,
    GROUP_PREFIX,
    PORT_RESTRICTIONS,
    SERVER_OPTIONS,
    SERVICE_PREFIX,
    STORAGE_OPTIONS,
)
from matchline.engine.directory import Directory
from matchline.engine.line import Line, line, platform_key
from matchline.engine.outgoing import EVENTS, EventPolicy, event_policy
from matchline.engine.ports import PortRestrictions
from matchline.engine.service import ORS, ConfiguredService, bound_to
from matchline.model import Key, Number, Sections, Stored, Strategy, Terms
from matchline.options import Option, Section, Value, listed
from matchline.verdict import GuessBudget, GuessBudgets


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest request that is accepted, in bytes and numbers."""

    body: int
    value: int
    fields: int
    file: int
    file_types: frozenset[str] | None  # None: any


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """What one client may do; 0 stands for no limit."""

    rate_per_address: int  # requests a second
    rate_per_key: int
    reservations: int
    connections: int
    connections_per_address: int
    head_seconds: int
    body_seconds: int
    idle_seconds: int


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    default_region: str | None
    public_url: str | None
    cors_origins: frozenset[str]
    max_ttl: int  # seconds
    limits: Limits
    code_space: CodeSpace
    guess_budgets: GuessBudgets
    clients: ClientLimits
    call_log_days: int
    call_log_whole_callers: bool
    charts: ChartPolicy


@dataclass(frozen=True, slots=True)
class Group:
    """A resource group's policy."""

    name: str
    strategy: Strategy
    region: str | None
    terms: Terms
    aliases: tuple[tuple[str, str], ...]  # alias, number


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that is configured, at one version."""

    version: int
    sections: Sections
    numbers: tuple[Number, ...]
    server: ServerPolicy
    groups: Mapping[str, Group]
    services: Mapping[str, ConfiguredService]
    lines: Mapping[str, Line]
    directory: Directory
    ports: PortRestrictions
    keys: tuple[Key, ...]
    access: Access
    events: EventPolicy

    @property
    def regions(self) -> frozenset[str | None]:
        """In which a caller's number may be read."""
        return frozenset({self.server.default_region, *(group.region for group in self.groups.values())})


# What a section may be bound to → the options that it declares. A built-in service stands under its name, an adapter
# under that of its platform behind `adapter.`.
Builtins = Mapping[str, Mapping[str, Option]]


def configuration(stored: Stored, builtins: Builtins) -> Configuration:
    """The snapshot of a configuration that `faults` finds nothing wrong with."""
    server = server_policy(stored.sections.get("server", {}), stored.sections.get("storage", {}))
    groups = {
        name: group(name, stored.sections.get(GROUP_PREFIX + name, {}), server)
        for name in group_names(stored)
    }
    services = {}
    for section, options in stored.sections.items():
        if section.startswith(SERVICE_PREFIX):
            name = section.removeprefix(SERVICE_PREFIX)
            services[name] = ConfiguredService(name, options, builtins[bound_to(options)])
    lines = {}
    for section, options in stored.sections.items():
        if section.startswith(ADAPTER_PREFIX):
            name = section.removeprefix(ADAPTER_PREFIX)
            lines[name] = line(name, options, builtins[platform_key(options)])
    return Configuration(
        stored.version,
        stored.sections,
        stored.numbers,
        server,
        groups,
        services,
        lines,
        directory(stored.numbers, groups),
        PortRestrictions(stored.sections.get(PORT_RESTRICTIONS, {})),
        stored.keys,
        access(stored.sections, stored.keys),
        event_policy(
            stored.sections.get(EVENTS, {}), charts=ORS in {each.builtin for each in services.values()}
        ),
    )


def group_names(stored: Stored) -> list[str]:
    """The resource groups: those with a section, and those with numbers only."""
    named = {name.removeprefix(GROUP_PREFIX) for name in stored.sections if name.startswith(GROUP_PREFIX)}
    return sorted(named | {number.group for number in stored.numbers})


def directory(numbers: tuple[Number, ...], groups: Mapping[str, Group]) -> Directory:
    return Directory(
        numbers,
        {name: group.region for name, group in groups.items()},
        {name: group.aliases for name, group in groups.items()},
    )


def group(name: str, options: Section, server: ServerPolicy) -> Group:
    values = _values(GROUP_OPTIONS, options)
    region = values["_default_region"]
    return Group(
        name,
        Strategy(str(values["_allocation_strategy"])),
        str(region) if region else server.default_region,
        Terms(
            timeout=_milliseconds(values, "_booking_expiration_timeout"),
            late_grace=_milliseconds(values, "_late_grace"),
            cooldown=_milliseconds(values, "_cooldown"),
            cooldown_after_match=_milliseconds(values, "_cooldown_after_match"),
        ),
        aliases(options.get("_aliases", "")),
    )


def aliases(text: str) -> tuple[tuple[str, str], ...]:
    """(alias, number) pairs. Raises ValueError."""
    pairs = []
    for entry in listed(text):
        alias, equals, number = (part.strip() for part in entry.partition("="))
        if not (alias and equals and number):
            raise ValueError("must be a comma list of alias=number")
        pairs.append((alias, number))
    return tuple(pairs)


def server_policy(options: Section, storage: Section) -> ServerPolicy:
    values = _values(SERVER_OPTIONS, options)
    files = _values(STORAGE_OPTIONS, storage)
    types = frozenset(entry.lower() for entry in listed(str(files["allowed-mime-types"] or "")))
    prefix = values["access_code_prefix"]
    region = values["default_region"]
    public_url = values["public_url"]
    return ServerPolicy(
        str(region) if region else None,
        str(public_url).rstrip("/") if public_url else None,
        frozenset(listed(str(values["cors_origins"] or ""))),
        int(values["max_ttl"] or 0),
        Limits(
            body=int(values["max_body"] or 0),
            value=int(values["max_value"] or 0),
            fields=int(values["max_fields"] or 0),
            file=int(values["max_file"] or 0),
            file_types=types if files["allow-file-control"] else None,
        ),
        CodeSpace.parse(str(prefix)) if prefix else CodeSpace(),
        GuessBudgets(
            _guess_budget(values, "guess_budget", "guess_refill"),
            _guess_budget(values, "guess_budget_number", "guess_refill_number"),
        ),
        ClientLimits(
            *(
                int(values[name] or 0)
                for name in (
                    "rate_per_address",
                    "rate_per_key",
                    "reservation_quota",
                    "max_connections",
                    "max_connections_per_address",
                    "head_seconds",
                    "body_seconds",
                    "idle_seconds",
                )
            )
        ),
        call_log_days=int(values["call_log_days"] or 0),
        call_log_whole_callers=values["call_log_whole_callers"] is True,
        charts=chart_policy(options),
    )


def _guess_budget(values: Mapping[str, Value | None], guesses: str, refill: str) -> GuessBudget | None:
    most = int(values[guesses] or 0)
    return GuessBudget(most, _milliseconds(values, refill)) if most else None


def _values(declared: Mapping[str, Option], options: Section) -> dict[str, Value | None]:
    """Each declared option's value: configured, or its default; an empty text counts as not set."""
    texts = {name: options.get(name) or option.default for name, option in declared.items()}
    return {name: declared[name].parse(text) if text else None for name, text in texts.items()}


def _milliseconds(values: Mapping[str, Value | None], name: str) -> int:
    return int(values[name] or 0) * SECOND
