"""The options of the server, its storage and its resource groups: declared once, here.

A built-in service's options are declared in its own file; what every service section may have, in `service.py`.
"""

from collections.abc import Mapping

from matchline.engine.orchestration_policy import ORCHESTRATION_OPTIONS
from matchline.model import Strategy
from matchline.options import Choice, CodePrefix, Flag, Integer, Option, Realm, Region, Text

GROUP_PREFIX = "resources."
SERVICE_PREFIX = "service."
ADAPTER_PREFIX = "adapter."

_DAY = 86_400  # seconds
_YEAR = 365 * _DAY
_MEBIBYTE = 1 << 20

SHORTEST_BOOKING, LONGEST_BOOKING = 5, 1800  # seconds
BOOKING = Integer(SHORTEST_BOOKING, LONGEST_BOOKING, "seconds")


def _declared(*options: Option) -> Mapping[str, Option]:
    return {option.name: option for option in options}


# Settings of one process: read from the file at each start, never stored.
PROCESS_SECTION = "process"
LOG_LEVELS = ("debug", "info", "warning", "error")
PROCESS_OPTIONS = _declared(
    Option("store", Text(hint="a store's URL"), "Where the data are kept.", "sqlite:///var/matchline.db"),
    Option("host", Text(255, "an address"), "The address to listen on.", "127.0.0.1"),
    Option("port", Integer(0, 65_535), "The port; 0 picks a free one.", "8080"),
    Option("log_level", Choice(LOG_LEVELS), "How much is logged.", "info"),
)

_LOGIN = (
    Option(
        "username", Text(255), "The user name for HTTP Basic. Without one, any is accepted with the password."
    ),
    Option(
        "password",
        Text(1024),
        "The password for HTTP Basic; it is stored as a hash. As soon as one is set, requests need credentials.",
        secret=True,
    ),
)
_REALM = "What browsers call the part of the API that the password is for."

# The same in every section that has a part of the API: option by option they override the server's.
LOGIN_OPTIONS = _declared(*_LOGIN, Option("realm", Realm(), _REALM))

SERVER_OPTIONS = _declared(
    *_LOGIN,
    Option("realm", Realm(), _REALM, "Matchline"),
    Option(
        "supervisor_username",
        Text(255),
        "The name of supervisors, who see everything in the UI and release and end, but change nothing.",
    ),
    Option("supervisor_password", Text(1024), "Their password; it is stored as a hash.", secret=True),
    Option("jwt_issuer", Text(hint="a URL"), "Whose tokens (JWT) are accepted: their claim `iss`."),
    Option("jwt_audience", Text(), "For whom tokens must be made: their claim `aud`."),
    Option(
        "jwt_keys",
        Text(hint="a file, or an `https://` URL"),
        "The issuer's public keys (JWKS). They are read anew every five minutes, and when a token names an "
        "unknown one.",
    ),
    Option("default_region", Region(), "The region in which national numbers are read."),
    Option(
        "public_url",
        Text(hint="an absolute URL"),
        "Where clients reach this server: used wherever an absolute URL is given out. "
        "Without it, the address of the request is used.",
    ),
    Option(
        "cors_origins",
        Text(hint="a comma list of origins, or `*`"),
        "The web origins whose pages may call this server from a browser.",
    ),
    Option("max_ttl", Integer(1, _YEAR, "seconds"), "The longest life of stored data.", "86400"),
    Option(
        "max_body",
        Integer(1024, 64 * _MEBIBYTE, "bytes"),
        "The largest body of a request. A multipart body may be larger by one file.",
        str(_MEBIBYTE),
    ),
    Option("max_value", Integer(1, 16 * _MEBIBYTE, "bytes"), "The largest string value.", "65536"),
    Option(
        "max_fields",
        Integer(1, 10_000),
        "The most parameters of a request, and the most keys of one set of stored data.",
        "256",
    ),
    Option("max_file", Integer(1, 64 * _MEBIBYTE, "bytes"), "The largest file.", str(_MEBIBYTE)),
    Option(
        "call_log_days",
        Integer(0, 366, "days"),
        "How long every call that was asked about is kept in the call log; 0: not at all.",
        "7",
    ),
    Option(
        "call_log_whole_callers",
        Flag(),
        "Whether the call log keeps callers' numbers whole, and lists of live sessions show them so; if not, their "
        "last two digits.",
        "false",
    ),
    Option(
        "access_code_prefix",
        CodePrefix(),
        "What the access codes of this node begin with.",
    ),
    Option(
        "guess_budget",
        Integer(0, 10_000, "wrong codes"),
        "How many wrong access codes of one caller are looked up at once; 0: as many as come.",
        "10",
    ),
    Option("guess_refill", Integer(1, _DAY, "seconds"), "How long until a caller may guess once more.", "60"),
    Option(
        "guess_budget_number",
        Integer(0, 10_000, "wrong codes"),
        "The same for all callers together who show no number, of each number that they call.",
        "100",
    ),
    Option(
        "guess_refill_number", Integer(1, _DAY, "seconds"), "How long until these may guess once more.", "6"
    ),
)

# Limits of what clients may do. On loopback, while no credentials are configured, none of them applies.
_MOST_SECONDS = 3600  # that anything may take
SERVER_OPTIONS = {
    **SERVER_OPTIONS,
    **_declared(
        Option(
            "rate_per_address",
            Integer(0, 1_000_000, "requests a second"),
            "How often one address may ask one process; 0: as often as it likes.",
            "100",
        ),
        Option(
            "rate_per_key",
            Integer(0, 1_000_000, "requests a second"),
            "How often whoever has the same credentials may ask one process; 0: as often as they like.",
            "1000",
        ),
        Option(
            "reservation_quota",
            Integer(0, 1_000_000, "reservations"),
            "How many reservations one client holds at once, on all nodes together: whoever has the same "
            "credentials, or the same address where there are none; 0: as many as there are.",
            "1000",
        ),
        Option(
            "max_connections",
            Integer(1, 1_000_000, "connections"),
            "How many connections one process has.",
            "10000",
        ),
        Option(
            "max_connections_per_address",
            Integer(1, 1_000_000, "connections"),
            "How many of them come from one address.",
            "256",
        ),
        Option(
            "head_seconds",
            Integer(1, _MOST_SECONDS, "seconds"),
            "How long a connection may take to send a request's address and headers.",
            "10",
        ),
        Option(
            "body_seconds",
            Integer(1, _MOST_SECONDS, "seconds"),
            "How long a request's body may take to arrive.",
            "60",
        ),
        Option(
            "idle_seconds",
            Integer(1, _MOST_SECONDS, "seconds"),
            "How long a connection is kept without a request. Load balancers that keep theirs for a minute need "
            "more than that.",
            "75",
        ),
    ),
}

# Where the documents of SCXML services are, and what their charts may use up.
CHART_OPTIONS = _declared(
    Option(
        "scxml_folder",
        Text(hint="a folder"),
        "Where the documents of SCXML services are, the same on every node.",
    ),
    Option(
        "scxml_allow",
        Text(hint="a comma list of hosts, such as `example.com`, `*.example.com`, `10.0.0.7:8443`"),
        "The hosts from which documents may come, and to which charts may send requests.",
    ),
    Option("scxml_workers", Integer(1, 64, "processes"), "How many processes take charts' steps.", "2"),
    Option("scxml_microsteps", Integer(1, 100_000, "microsteps"), "The most for one event.", "1000"),
    Option("scxml_queued", Integer(1, 100_000, "events"), "How many may wait for one chart.", "1000"),
    Option(
        "scxml_data_bytes",
        Integer(1024, 16 * _MEBIBYTE, "bytes"),
        "The most data of one event, and of all variables of a chart.",
        str(_MEBIBYTE),
    ),
    Option(
        "scxml_script_ms",
        Integer(1, 10_000, "milliseconds"),
        "How long one expression or script may take.",
        "200",
    ),
    Option(
        "scxml_event_ms",
        Integer(1, 60_000, "milliseconds"),
        "How long all scripts for one event may take.",
        "5000",
    ),
    Option("scxml_invoke_depth", Integer(0, 50, "charts"), "How many may stand within each other.", "5"),
)

SERVER_OPTIONS = {**SERVER_OPTIONS, **CHART_OPTIONS, **ORCHESTRATION_OPTIONS}

PORT_RESTRICTIONS = "port_restrictions"  # the section: patterns of addresses, and the ports that serve them

STORAGE_OPTIONS = _declared(
    *LOGIN_OPTIONS.values(),
    Option(
        "allow-file-control",
        Flag(),
        "Whether files are accepted only when their type is in `allowed-mime-types`.",
        "false",
    ),
    Option(
        "allowed-mime-types",
        Text(hint="a comma list of MIME types"),
        "The types of files that are accepted while `allow-file-control` is on.",
        "",
    ),
)

EVENTS_OPTIONS = _declared(
    Option(
        "types",
        Text(hint="`*`, or a comma list of types"),
        "What happens to sessions is written down for other programs: which events. Without it none is.",
    ),
    Option("url", Text(hint="an http or https URL"), "Where events are delivered, one POST each."),
    Option("secret", Text(512), "What signs the deliveries.", secret=True),
    Option(
        "keep_hours",
        Integer(1, 24 * 365, "hours"),
        "How long events can be read again. One that is not delivered by then is given up.",
        "72",
    ),
)

GROUP_OPTIONS = _declared(
    Option(
        "_allocation_strategy",
        Choice(tuple(Strategy)),
        "How numbers are handed out. `CLUSTER` and `LOCAL`: a number belongs to one session at a time, the one "
        "free for longest goes first. `RANDOM` and `ROUND_ROBIN`: a number serves many sessions, told apart "
        "by access code or caller.",
        "CLUSTER",
    ),
    Option("_booking_expiration_timeout", BOOKING, "How long a reservation is held.", "30"),
    Option(
        "_cooldown",
        Integer(0, _DAY, "seconds"),
        "How long a slot rests after its reservation expired or was released without a match.",
        "15",
    ),
    Option(
        "_cooldown_after_match",
        Integer(0, _DAY, "seconds"),
        "How long a slot rests after a match.",
        "0",
    ),
    Option(
        "_late_grace",
        Integer(0, _DAY, "seconds, at most `_cooldown`"),
        "How long after its reservation expired a call still matches, marked late.",
        "0",
    ),
    Option(
        "_default_region",
        Region(),
        "The region in which national numbers are read, when it is not the server's.",
    ),
    Option(
        "_aliases",
        Text(hint="a comma list of `alias=number`"),
        "Other spellings under which a number is called, as some carriers translate it.",
    ),
)
