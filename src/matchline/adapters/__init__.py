"""The adapters, one file per telephony platform. They are discovered: a file with an `adapter` is one.

An adapter turns what a platform says into a call, and a step of the dialogue into what the platform understands. It
decides nothing and knows no other adapter. A section `adapter.<name>` makes one of it: a *line*.
"""

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from matchline.adapters.dialogue import MOST_RETRIES
from matchline.adapters.talk import Talk
from matchline.engine import Engine
from matchline.options import Integer, Option, Schema, Text

LOOK_UP_MS = (100, 2900)  # the shortest limit that platforms have for an answer is 3 seconds


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a call can be sent."""

    schemes: tuple[str, ...] = ("sip", "sips", "tel")
    hint: str = "a telephone number, or a SIP URI such as `sip:agents@example.com`"

    def parse(self, text: str) -> str:
        scheme, colon, rest = text.strip().partition(":")
        if colon:
            is_right = scheme in self.schemes and re.fullmatch(r"[A-Za-z0-9+.,;=:@/_~!$&*%?-]{1,500}", rest)
        else:
            is_right = re.fullmatch(r"\+?[0-9*#]{1,32}", scheme)
        if not is_right:
            raise ValueError(f"must be {self.hint}")
        return text.strip()

    @property
    def values(self) -> str:
        return self.hint

    def schema(self) -> Schema:
        return {"type": "string"}


# What every line has.
LINE_OPTIONS = (
    Option("_type", Text(255, "the name of a platform"), "Which platform is connected.", mandatory=True),
    Option(
        "_service",
        Text(255, "the name of a configured service"),
        "Which match service is asked; it must be bound to `match-interaction`.",
        "match-interaction",
        mandatory=True,
    ),
    Option(
        "hand_over_keys",
        Text(hint="a comma list of keys"),
        "Which keys of the session's data leave with a matched call. Without it the id alone does.",
    ),
    Option(
        "look_up_limit",
        Integer(*LOOK_UP_MS, "milliseconds"),
        "How long a look-up may take; then the call goes to the ordinary queue, flagged.",
        "2000",
    ),
    Option(
        "retries",
        Integer(0, MOST_RETRIES),
        "How often a caller is asked for the code again after a wrong one, or none.",
        "1",
    ),
    Option("description", Text(), "For people."),
)

# What lines have that send calls somewhere themselves.
AGENT = Option("agent", Destination(), "Where matched calls go.", mandatory=True)
QUEUE = Option("queue", Destination(), "Where all other calls go: the ordinary queue.", mandatory=True)

# What lines have that collect digits.
COLLECT_SECONDS = Option(
    "collect_seconds",
    Integer(1, 60, "seconds"),
    "How long to wait for the first digit, and from each to the next.",
    "7",
)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A platform that can be connected: one file in `adapters/` declares one.

    Of its options at most one is secret. If it speaks HTTP, that is what the platform signs its events with.
    """

    name: str
    summary: str
    options: tuple[Option, ...] = ()  # besides those of every line
    talk: Talk | None = None  # of those that are reached by HTTP, at /adapters/{line}
    run: Callable[[Engine], Coroutine[None, None, None]] | None = None  # beside the server, until cancelled

    @property
    def declared(self) -> Mapping[str, Option]:
        """Every option that a line of this platform may have."""
        return {option.name: option for option in (*LINE_OPTIONS, *self.options)}


def known_adapters() -> Mapping[str, Adapter]:
    """Every adapter by its platform's name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    found = (module.adapter for module in modules if hasattr(module, "adapter"))
    return {adapter.name: adapter for adapter in found}
