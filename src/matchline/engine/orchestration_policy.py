"""What the options say of external Orchestration Servers: where they are, in which order, how long they may take."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from matchline.options import Choice, Flag, Integer, Option, Section, Text, listed

CIRCULAR, LINEAR = "circular", "linear"
_LONGEST_ANSWER = 120  # seconds

# What a service section may have too.
SERVICE_OPTIONS = (
    Option(
        "_ors",
        Text(hint="a comma list of http or https URLs"),
        "The Orchestration Servers that run the charts; without any they run here.",
    ),
    Option(
        "_ors_lb_strategy",
        Choice((CIRCULAR, LINEAR)),
        "Which of them begins a session: each in turn, or the first that can be reached.",
        CIRCULAR,
    ),
)
_OPTIONS = (
    *SERVICE_OPTIONS,
    Option(
        "max_ors_request_attempts",
        Integer(1, 20, "attempts"),
        "How often a request to Orchestration Servers is tried before it fails.",
        "3",
    ),
    Option(
        "ors_connect_timeout",
        Integer(1, 60, "seconds"),
        "How long a connection to an Orchestration Server may take.",
        "3",
    ),
    Option(
        "ors_socket_timeout", Integer(1, _LONGEST_ANSWER, "seconds"), "How long its answer may take.", "30"
    ),
    Option(
        "ors_authorization",
        Text(1024),
        "The header `Authorization` of requests to the Orchestration Servers in `_ors`.",
        secret=True,
    ),
)

# The other side: this server as one.
SESSIONS = Option(
    "scxml_sessions",
    Flag(),
    "Whether this server is an Orchestration Server to others: who may ask services may then begin a chart of any "
    "document that `scxml_folder` and `scxml_allow` permit.",
    "false",
)
ORCHESTRATION_OPTIONS = {option.name: option for option in (*_OPTIONS, SESSIONS)}


@dataclass(frozen=True, slots=True, repr=False)
class OrchestrationPolicy:
    servers: tuple[str, ...]  # their URLs; none: charts run here
    linear: bool
    attempts: int
    connect_seconds: int
    answer_seconds: int
    authorization: str | None  # the header, for these servers only


def orchestration_policy(service: Section, server: Section) -> OrchestrationPolicy:
    """A service's own servers and strategy over the server's; the rest is the server's."""
    texts = {
        name: service.get(name) or server.get(name) or option.default or ""
        for name, option in ORCHESTRATION_OPTIONS.items()
    }
    return OrchestrationPolicy(
        tuple(each.rstrip("/") for each in listed(texts["_ors"])),
        texts["_ors_lb_strategy"] == LINEAR,
        int(texts["max_ors_request_attempts"]),
        int(texts["ors_connect_timeout"]),
        int(texts["ors_socket_timeout"]),
        texts["ors_authorization"] or None,
    )


def orchestration_faults(options: Section) -> Iterator[tuple[str, str]]:
    """(option, what is wrong) of a section that may name servers."""
    for url in listed(options.get("_ors") or ""):
        if not is_server(url):
            yield "_ors", "must be a comma list of http or https URLs without user, query and fragment"


def is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and has_port and plain
