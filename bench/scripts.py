"""What one connection does, as generators: they yield a request and are sent the body of its answer."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import count

from bench.configured import Kind
from bench.requests import (
    USER_DATA,
    Phones,
    Reserved,
    match_request,
    read_match_answer,
    read_reserve_answer,
    reserve_request,
)

RESERVE, MATCH = "reserve", "match"


@dataclass(frozen=True, slots=True)
class Send:
    """A request, under the name by which its time is noted."""

    name: str
    octets: bytes


Script = Generator[Send, bytes, None]

_phones = count()


def new_phone() -> str:
    """A caller's number that was not used before in this process."""
    return Phones(415).at(next(_phones))


def reserve(kind: Kind, keep: Callable[[Reserved], None]) -> Script:
    phone = new_phone()
    answer = read_reserve_answer((yield Send(RESERVE, reserve_request(kind, phone))))
    keep(Reserved(answer.id, answer.number, phone, answer.code))


def match(reserved: Reserved) -> Script:
    answer = read_match_answer((yield Send(MATCH, match_request(reserved))))
    if answer.id != reserved.id:
        raise RuntimeError(f"the call of session {reserved.id} was given to {answer.id}")
    if answer.user_data != USER_DATA:
        raise RuntimeError(f"session {reserved.id} came with other data: {answer.user_data}")


def pair(kind: Kind) -> Script:
    """A session is reserved, and its call comes at once."""
    kept: list[Reserved] = []
    yield from reserve(kind, kept.append)
    yield from match(kept[0])


def pairs(kind: Kind, number: int) -> Iterator[Script]:
    return (pair(kind) for _ in range(number))
