"""The options of the server, its storage and its resource groups: declared once, here.

A built-in service's options are declared in its own file; what every service section may have, in `service.py`.
"""

from collections.abc import Mapping

from matchline.model import Strategy
from matchline.options import Choice, CodePrefix, Flag, Integer, Option, Region, Text

GROUP_PREFIX = "resources."
SERVICE_PREFIX = "service."

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

SERVER_OPTIONS = _declared(
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
        "access_code_prefix",
        CodePrefix(),
        "What the access codes of this node begin with.",
    ),
)

STORAGE_OPTIONS = _declared(
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
