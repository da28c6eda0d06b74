"""A caller: an app that reserves, and the contact centre that is called. Each knows what it should get."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from .books import MARKER, Books
from .network import Network, Reply, Request
from .town import GROUPS, MATCHING, NUMBERS
from .trace import Trace

TRIES = 4  # of one request, while its outcome is unknown


@dataclass(slots=True)
class Ticket:
    """What an app was told of its session."""

    marker: str
    id: str
    data_id: str
    number: str
    code: str | None
    phone: str | None


class Caller:
    def __init__(self, name: str, phone: str, random: Random, network: Network, trace: Trace) -> None:
        self.name = name
        self._phone = phone
        self._random = random
        self._network = network
        self._trace = trace
        self._tickets: list[Ticket] = []
        self._requests = 0
        self._call_ids: list[str] = []

    async def act(self, books: Books) -> None:
        """One errand."""
        self._books = books
        actions: dict[Callable[[Ticket], Awaitable[None]], int] = {
            self.call: 8,
            self.look: 2,
            self.renew: 1,
            self.access: 2,
            self.update: 1,
            self.end: 1,
        }
        if not self._tickets or self._random.random() < 0.35:
            await self.reserve()
            return
        (action,) = self._random.choices(list(actions), list(actions.values()))
        await action(self._some_ticket())

    def _some_ticket(self) -> Ticket:
        """One of the latest as a rule."""
        latest = self._tickets[-2:] if self._chance(0.9) else self._tickets
        return self._random.choice(latest)

    def _chance(self, likely: float) -> bool:
        return self._random.random() < likely

    async def _ask(self, request: Request) -> Reply:
        for _ in range(TRIES):
            reply = await self._network.send(request)
            if not reply.unknown:
                break
        return reply

    # The app

    async def reserve(self) -> None:
        self._requests += 1
        marker = f"{self.name}-{self._requests}"
        phone = self._phone if self._chance(0.7) else None
        fields = {MARKER: marker, "_ttl": self._random.choice(("5", "60", "600")), **self._wanted(phone)}
        keyed = self._chance(0.8)
        request = Request(
            "POST", "/service/request-interaction", fields, key=f"key-{marker}" if keyed else None
        )
        reply = await (self._ask(request) if keyed else self._network.send(request))
        if reply.status == 200:
            self._note(marker, phone, reply)

    def _wanted(self, phone: str | None) -> dict[str, str]:
        group = self._random.choice(GROUPS)
        fields = {"_resource_group": group}
        if phone:
            fields["_phone_number"] = phone
        if self._chance(0.8 if group == "SHARED" else 0.3):
            fields |= {"_provide_code": "true", "_access_code_length": self._random.choice("45")}
        if self._chance(0.5):
            fields["_booking_expiration_timeout"] = self._random.choice(("5", "40", "300"))
        if self._chance(0.2):
            fields["_return_pool_health"] = "true"
        return fields

    def _note(self, marker: str, phone: str | None, reply: Reply) -> None:
        told = reply.members
        life = self._books.lives.get(told["_id"])
        mine = life is not None and life.marker == marker and life.data_id == told["_data_id"]
        self._trace.expect(mine, f"{marker} was told of another's session {told['_id']}")
        ticket = Ticket(
            marker, told["_id"], told["_data_id"], told["_access_number"], told.get("_access_code"), phone
        )
        self._tickets.append(ticket)

    async def access(self, ticket: Ticket) -> None:
        fields = {"_id": ticket.id, **self._wanted(ticket.phone)}
        reply = await self._ask(Request("POST", "/service/request-access", fields))
        if reply.status == 200:
            ticket.number = reply.members["_access_number"]
            ticket.code = reply.members.get("_access_code")

    async def renew(self, ticket: Ticket) -> None:
        await self._ask(Request("POST", f"/service/{ticket.id}/renew"))

    async def update(self, ticket: Ticket) -> None:
        await self._ask(Request("POST", f"/service/{ticket.id}/storage", {"note": ticket.marker}))

    async def end(self, ticket: Ticket) -> None:
        await self._ask(Request("DELETE", f"/service/{ticket.id}"))

    async def look(self, ticket: Ticket) -> None:
        reply = await self._ask(Request("GET", f"/service/{ticket.id}/storage"))
        if reply.members and reply.status == 200:  # none: the session ended between its two steps
            self._expect_mine(reply.members, ticket.marker)

    def _expect_mine(self, data: dict[str, str], marker: str) -> None:
        mine = data.get(MARKER) == marker and data.get("note", marker) == marker
        self._trace.expect(mine, f"{marker} was answered {data}")

    # The contact centre

    async def call(self, ticket: Ticket) -> None:
        fields = {"_access_number": ticket.number, "_return_user_data": "true"}
        if self._chance(0.1):
            fields["_access_number"] = self._random.choice(NUMBERS)
        if self._chance(0.7):
            fields["_phone_number"] = self._phone
        if ticket.code and self._chance(0.7):
            fields["_access_code"] = ticket.code
        for flag, likely in (("_delete_service", 0.1), ("_return_multiple_matches", 0.1)):
            if self._chance(likely):
                fields[flag] = "true"
        retryable = self._chance(0.7)
        if retryable:
            fields["_call_id"] = self._call_id()
        request = Request("POST", f"/service/{self._random.choice(MATCHING)}", fields)
        reply = await (self._ask(request) if retryable else self._network.send(request))
        if reply.status == 200:
            for found in reply.members.get("matches", [reply.members]):
                self._check_found(found)

    def _call_id(self) -> str:
        """A new call as a rule; sometimes a call that was asked about before."""
        if not self._call_ids or self._chance(0.8):
            self._call_ids.append(f"call-{self.name}-{len(self._call_ids)}")
        return self._random.choice(self._call_ids[-2:])

    def _check_found(self, found: dict[str, dict[str, str]]) -> None:
        life = self._books.lives[str(found["_id"])]
        if found["user_data"]:
            self._expect_mine(found["user_data"], life.marker)
