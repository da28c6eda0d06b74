"""What clients asked for and what they were answered, and so the states in which things may be found.

A thing (a session, a record, the options …) has one state. While a deed is asked for and not answered its thing may
be in the state before or after it, never between; once it is answered, in the state after it only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ABSENT = "absent"
WAITING = "waiting"
MATCHED = "matched"
PRESENT = "present"

OWNER = "tester"  # of records under an id of the client's own
MARK = "x-mark"  # a header by which a request is found in a trace


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    form: Mapping[str, str] | None = None
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deed:
    """A request that changes one thing."""

    mark: str
    thing: str
    becomes: str
    request: Request


@dataclass(frozen=True, slots=True)
class Grant:
    """What a reservation was answered with; it never changes."""

    session: str
    number: str
    code: str

    @property
    def slot(self) -> tuple[str, str]:
        return self.number, self.code


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing as it was found."""

    state: str
    grant: Grant | None = None


class Ledger:
    def __init__(self) -> None:
        self._allowed: dict[str, set[str]] = {}
        self.grants: dict[str, Grant] = {}
        self._holders: dict[tuple[str, str], str] = {}
        self.answers = 0
        self.in_flight = 0  # requests that a death left without an answer, so that they were sent again

    def asked(self, deed: Deed) -> None:
        self._allowed.setdefault(deed.thing, {ABSENT}).add(deed.becomes)
        grant = self.grants.get(deed.thing)
        if grant and deed.becomes != WAITING:
            self._holders.pop(grant.slot, None)

    def answered(self, deed: Deed, grant: Grant | None) -> None:
        """From the answer of its reservation until the request that settles it, a session has its slot for sure."""
        self._allowed[deed.thing] = {deed.becomes}
        self.answers += 1
        if grant is None:
            return
        assert self.grants.setdefault(deed.thing, grant) == grant, "a repeated request is the same"
        other = self._holders.setdefault(grant.slot, deed.thing)
        assert other == deed.thing, f"{grant.slot} is held by {other} and given to {deed.thing}"

    def check(self, found: Mapping[str, Seen]) -> None:
        """Everything is in an allowed state, and nothing is there that nobody asked for."""
        for thing in self._allowed.keys() | found.keys():
            self.check_one(thing, found.get(thing, Seen(ABSENT)))

    def check_one(self, thing: str, seen: Seen) -> None:
        allowed = self._allowed.get(thing, {ABSENT})
        assert seen.state in allowed, f"{thing} is {seen.state}, and may be {sorted(allowed)}"
        if seen.grant and thing in self.grants:
            assert seen.grant == self.grants[thing], thing

    def things(self) -> Iterable[str]:
        return self._allowed
